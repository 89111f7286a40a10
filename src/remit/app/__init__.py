"""How do the parts fit together? The one place where rooms are joined."""

from remit.app.remit import Remit, inspect, remit_file
from remit.app.report import outcome_of
from remit.app.runtime import Runtime, store_path

__all__ = ["Remit", "Runtime", "inspect", "outcome_of", "remit_file", "store_path"]
