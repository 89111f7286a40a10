"""Who advances a run, and when? Leases, wakes and the sweep; correctness stays with the log."""

from remit.dispatch.inline import Inline

__all__ = ["Inline"]
