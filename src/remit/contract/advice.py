"""What an operator does first when a failure mode shows up."""

from remit.outcome import FailureMode

ADVICE: dict[FailureMode, str] = {
    FailureMode.INVALID_INPUT: "Look at what was sent; if real inputs are longer, raise `input.max_tokens`.",
    FailureMode.OUT_OF_SCOPE: "Read a few: if they belong to the task, correct `does_not` or its `words`.",
    FailureMode.UNFAMILIAR_INPUT: "Read a few: they show what the agent was not made for.",
    FailureMode.INJECTION_SUSPECTED: "Read the source of the text before anybody acts on it.",
    FailureMode.TOOL_FAILED: "See which tool failed and what it answered; mend its data or code.",
    FailureMode.TOOL_UNAVAILABLE: "See whether the system behind it is up; its breaker closes by itself.",
    FailureMode.EFFECT_UNKNOWN: "Look in the other system if it took place; then decide the case.",
    FailureMode.MODEL_UNAVAILABLE: "See the provider's status and the key; add a model to `model.fallback`.",
    FailureMode.OUTPUT_INVALID: "Compare the answers with the schema; simplify it or take another model.",
    FailureMode.LOW_CONFIDENCE: "Decide what waits; the decisions become labels.",
    FailureMode.CONTEXT_EXHAUSTED: "See what filled the window; lower `max_result_bytes`.",
    FailureMode.BUDGET_EXHAUSTED: "See where the steps went: a loop is a fault; a long task needs more.",
    FailureMode.SUBAGENT_FAILED: "Look at the run of the agent that was asked.",
    FailureMode.KNOWLEDGE_UNAVAILABLE: "See whether the knowledge base can be read.",
    FailureMode.KNOWLEDGE_STALE: "Ask the owner of the document for a review.",
    FailureMode.CANCELLED: "See who cancelled it and why; nothing needs mending.",
}
