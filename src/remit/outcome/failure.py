"""Why a run left the happy path: a closed list, each with a path of its own."""

from enum import StrEnum


class FailureMode(StrEnum):
    """One reason for leaving the happy path; the remit declares where each leads."""

    INVALID_INPUT = "invalid_input"
    OUT_OF_SCOPE = "out_of_scope"
    UNFAMILIAR_INPUT = "unfamiliar_input"
    INJECTION_SUSPECTED = "injection_suspected"
    TOOL_FAILED = "tool_failed"
    TOOL_UNAVAILABLE = "tool_unavailable"
    EFFECT_UNKNOWN = "effect_unknown"
    MODEL_UNAVAILABLE = "model_unavailable"
    OUTPUT_INVALID = "output_invalid"
    LOW_CONFIDENCE = "low_confidence"
    CONTEXT_EXHAUSTED = "context_exhausted"
    BUDGET_EXHAUSTED = "budget_exhausted"
    SUBAGENT_FAILED = "subagent_failed"
    KNOWLEDGE_UNAVAILABLE = "knowledge_unavailable"
    KNOWLEDGE_STALE = "knowledge_stale"
    CANCELLED = "cancelled"


MEANING: dict[FailureMode, str] = {
    FailureMode.INVALID_INPUT: "the input is empty, too long or not text that can be read",
    FailureMode.OUT_OF_SCOPE: "the input asks for something the remit excludes",
    FailureMode.UNFAMILIAR_INPUT: "the input resembles nothing the remit was made for",
    FailureMode.INJECTION_SUSPECTED: "the input or a document tries to give the agent orders",
    FailureMode.TOOL_FAILED: "a tool answered with an error that a retry cannot mend",
    FailureMode.TOOL_UNAVAILABLE: "a tool cannot be reached or its breaker is open",
    FailureMode.EFFECT_UNKNOWN: "nobody knows whether an irreversible call took place",
    FailureMode.MODEL_UNAVAILABLE: "no model in the chain gave an answer in time",
    FailureMode.OUTPUT_INVALID: "the answer does not fit its schema, even after repair and re-asking",
    FailureMode.LOW_CONFIDENCE: "the answer is less certain than the remit demands",
    FailureMode.CONTEXT_EXHAUSTED: "the conversation does not fit the model's window by any declared means",
    FailureMode.BUDGET_EXHAUSTED: "steps, tokens, cost or working time are used up",
    FailureMode.SUBAGENT_FAILED: "an agent that this one asked did not answer",
    FailureMode.KNOWLEDGE_UNAVAILABLE: "the knowledge base cannot be read",
    FailureMode.KNOWLEDGE_STALE: "the knowledge found is past its review date",
    FailureMode.CANCELLED: "somebody stopped the run",
}
