"""What does a model answer? Models behind one port, asked within limits; windows, tokens and output."""

from remit.model.acting import close_model
from remit.model.ask import Answer, NoAnswer, ask_chain
from remit.model.catalogue import ENTRIES, Entry, best_for, find
from remit.model.check import check
from remit.model.download import fetched, is_whole, verified
from remit.model.engine import available_bytes, engine_library
from remit.model.fetch import Progress
from remit.model.network import network_allowed, network_blocked
from remit.model.open import open_model
from remit.model.output import Checked, check_output, reask_note, repair_arguments
from remit.model.port import Model, ModelError, ModelErrorClass, Reply, Request, ToolSpec
from remit.model.scoring_check import check_confidence
from remit.model.tokens import (
    estimate_fixed,
    estimate_message,
    estimate_request,
    estimate_text,
    estimate_tools,
)
from remit.model.window import Exhausted, Fitted, NeedSummary, fit
from remit.model.written import Written, with_written_calls, written_calls

__all__ = [
    "ENTRIES",
    "Answer",
    "Checked",
    "Entry",
    "Exhausted",
    "Fitted",
    "Model",
    "ModelError",
    "ModelErrorClass",
    "NeedSummary",
    "NoAnswer",
    "Progress",
    "Reply",
    "Request",
    "ToolSpec",
    "Written",
    "ask_chain",
    "available_bytes",
    "best_for",
    "check",
    "check_confidence",
    "check_output",
    "close_model",
    "engine_library",
    "estimate_fixed",
    "estimate_message",
    "estimate_request",
    "estimate_text",
    "estimate_tools",
    "fetched",
    "find",
    "fit",
    "is_whole",
    "network_allowed",
    "network_blocked",
    "open_model",
    "reask_note",
    "repair_arguments",
    "verified",
    "with_written_calls",
    "written_calls",
]
