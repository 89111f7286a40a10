"""What does this agent promise? The remit as data, its reading, its checks, and what is printed from it.

`parse` reads a file, `check` and `check_tools` look for what cannot be kept; the system prompt, the
failure table and the runbook are written from the same contract that the runtime enforces.
"""

from remit.contract.advice import ADVICE
from remit.contract.agreement import check, secret_names
from remit.contract.as_bytes import canonical
from remit.contract.binding import always_asked, bound_arguments, free_authorities
from remit.contract.condition import Comparison, Condition, parse_condition
from remit.contract.confidence import Confidence, confidence_texts, promise_text, share_text, source_text
from remit.contract.cron import Cron, due_times, parse_cron
from remit.contract.duration import Duration
from remit.contract.duration import seconds as duration_seconds
from remit.contract.duration import text as duration_text
from remit.contract.examples import ScopeExample, scope_examples, scope_topics
from remit.contract.experts import expert_texts
from remit.contract.facts import ToolFacts, effective_effect
from remit.contract.failures import (
    ALLOWED,
    Declared,
    FailureRow,
    PathChoice,
    failure_table,
    path_for,
    path_for_language,
    path_for_topic,
    path_text,
    queue_for,
)
from remit.contract.fitting import misfits
from remit.contract.flow import Flow, Schedule
from remit.contract.grants import (
    After,
    Argument,
    Endorsement,
    FieldLabel,
    Guard,
    Hole,
    Returns,
    Select,
    Template,
    Where,
)
from remit.contract.guard_words import bound_text, guard_texts, guarded, hole_text, label_texts, template_text
from remit.contract.hours import Hours, parse_hours, working_deadline, working_seconds
from remit.contract.languages import languages_text
from remit.contract.limits import ask_text, limit_texts
from remit.contract.nodes import Lines, problems_of
from remit.contract.own_request import ASK_PERSON, AskPerson, own_request_text
from remit.contract.page import Bullets, Code, Paragraph, Table
from remit.contract.path import Fallback, LastKnown, Path, Say, ToQueue
from remit.contract.problem import Finding, Problem, did_you_mean
from remit.contract.prompt import system_prompt
from remit.contract.queue import Notify, Queue, expert_of
from remit.contract.queues import deadline_of, hours_of, people_queue, queue_of, unknown_queue
from remit.contract.read import Parsed, parse, parse_text
from remit.contract.reference import KeyReference, reference_markdown, schema_reference
from remit.contract.runbook import runbook_html, runbook_markdown, runbook_page
from remit.contract.schema import (
    NOT_YET,
    Ask,
    Budget,
    Contract,
    Input,
    ModelChoice,
    Output,
    Server,
    ToolRule,
    Topic,
    WindowRule,
)
from remit.contract.schema_files import input_schema, output_schema
from remit.contract.scope import IN_SCOPE, OUT_OF_SCOPE, Scope, scope_text
from remit.contract.secret import SecretName
from remit.contract.tool_agreement import check_tools

__all__ = [
    "ADVICE",
    "ALLOWED",
    "ASK_PERSON",
    "IN_SCOPE",
    "NOT_YET",
    "OUT_OF_SCOPE",
    "After",
    "Argument",
    "Ask",
    "AskPerson",
    "Budget",
    "Bullets",
    "Code",
    "Comparison",
    "Condition",
    "Confidence",
    "Contract",
    "Cron",
    "Declared",
    "Duration",
    "Endorsement",
    "FailureRow",
    "Fallback",
    "FieldLabel",
    "Finding",
    "Flow",
    "Guard",
    "Hole",
    "Hours",
    "Input",
    "KeyReference",
    "LastKnown",
    "Lines",
    "ModelChoice",
    "Notify",
    "Output",
    "Paragraph",
    "Parsed",
    "Path",
    "PathChoice",
    "Problem",
    "Queue",
    "Returns",
    "Say",
    "Schedule",
    "Scope",
    "ScopeExample",
    "SecretName",
    "Select",
    "Server",
    "Table",
    "Template",
    "ToQueue",
    "ToolFacts",
    "ToolRule",
    "Topic",
    "Where",
    "WindowRule",
    "always_asked",
    "ask_text",
    "bound_arguments",
    "bound_text",
    "canonical",
    "check",
    "check_tools",
    "confidence_texts",
    "deadline_of",
    "did_you_mean",
    "due_times",
    "duration_seconds",
    "duration_text",
    "effective_effect",
    "expert_of",
    "expert_texts",
    "failure_table",
    "free_authorities",
    "guard_texts",
    "guarded",
    "hole_text",
    "hours_of",
    "input_schema",
    "label_texts",
    "languages_text",
    "limit_texts",
    "misfits",
    "output_schema",
    "own_request_text",
    "parse",
    "parse_condition",
    "parse_cron",
    "parse_hours",
    "parse_text",
    "path_for",
    "path_for_language",
    "path_for_topic",
    "path_text",
    "people_queue",
    "problems_of",
    "promise_text",
    "queue_for",
    "queue_of",
    "reference_markdown",
    "runbook_html",
    "runbook_markdown",
    "runbook_page",
    "schema_reference",
    "scope_examples",
    "scope_text",
    "scope_topics",
    "secret_names",
    "share_text",
    "source_text",
    "system_prompt",
    "template_text",
    "unknown_queue",
    "working_deadline",
    "working_seconds",
]
