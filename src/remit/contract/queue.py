"""Where cases wait: who looks after them, when and how urgently."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from remit.contract.duration import Duration
from remit.contract.part import Many, Part, Text


class Queue(Part):
    """Where cases wait, and who looks after them."""

    owner: Annotated[Many[Text], BeforeValidator(lambda one: [one] if isinstance(one, str) else one)] = ()
    """Who decides what waits here: one name, or a list of them."""
    deadline: Duration = 14_400.0
    """Within which time a case is to be decided; an `ask` may say another one."""
    otherwise: Literal["deny", "approve"] | None = None
    """What counts when a question's deadline has passed and its `ask` says nothing; without it, `deny`."""
    priority: Annotated[int, Field(ge=-100, le=100)] | None = None
    """Cases of a queue of greater priority come first; without it, 0."""
    hours: Text | None = None
    """When it is looked after, such as `Mon-Fri 09:00-17:00`; then only these hours count for deadlines."""
    time_zone: Text | None = None
    """Of `hours`, such as `Europe/Vienna`; without it, UTC."""
    undo: Duration | None = None
    """For how long a decision can be taken back; the run goes on after that. Without it, at once."""
