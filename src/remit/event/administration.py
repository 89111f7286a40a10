"""What happens to the house itself: who may do what, who came in to do it, and what was set going again.

It stands in a chain of its own, beside those of the runs. Times are seconds since the epoch.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Administered:
    """Somebody changed who may do what, signed in to do it, or had something tried again."""

    act: Literal["key_issued", "key_revoked", "signed_in", "signed_out", "notification_retried"]
    """What was done."""
    by: str
    subject: str
    """What it was done to: the id of the key or notification, or the name of who signed in."""
    name: str = ""
    """The name of the key."""
    role: str = ""
    """The role that it gives."""
    agents: tuple[str, ...] = ()
    """The only agents that it is for, where there are some."""
    queues: tuple[str, ...] = ()
    """The only queues that it is for."""
    tenants: tuple[str, ...] = ()
    """The only tenants that it is for."""
    expires_at: float | None = None
    """When it ends by itself."""
    reason: str = ""
    kind: Literal["administered"] = "administered"
