"""Who advances a run, and when? Leases, wakes and the sweep; correctness stays with the log."""

from remit.dispatch.dbos_dispatch import Dbos
from remit.dispatch.heartbeat import Announced, Heartbeat, renewals
from remit.dispatch.inline import Inline
from remit.dispatch.port import Dispatch, Limited
from remit.dispatch.setting_aside import release_gone
from remit.dispatch.sweeping import sweep
from remit.dispatch.wakes import Wakes

__all__ = [
    "Announced",
    "Dbos",
    "Dispatch",
    "Heartbeat",
    "Inline",
    "Limited",
    "Wakes",
    "release_gone",
    "renewals",
    "sweep",
]
