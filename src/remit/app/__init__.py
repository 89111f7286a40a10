"""How do the parts fit together? The one place where rooms are joined."""

from remit.app.demo_report import Item, Reached, Summary, Verdict, compare, reached, read_inbox, summarise
from remit.app.remit import Remit, inspect, remit_file
from remit.app.report import outcome_of
from remit.app.runtime import Runtime, store_path

__all__ = [
    "Item",
    "Reached",
    "Remit",
    "Runtime",
    "Summary",
    "Verdict",
    "compare",
    "inspect",
    "outcome_of",
    "reached",
    "read_inbox",
    "remit_file",
    "store_path",
    "summarise",
]
