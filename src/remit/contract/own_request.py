"""Whether the agent may ask a person by itself, whom, how often, and what if nobody answers."""

from typing import Literal

from pydantic import Field

from remit.contract.duration import Duration
from remit.contract.duration import text as duration_text
from remit.contract.part import Name, Part

ASK_PERSON = "ask_person"
"""The name under which the model asks, and the rule of its permits."""


class AskPerson(Part):
    """The agent may ask a person: a question opens a case, and the answer is told to the agent."""

    queue: Name
    """Who is asked."""
    at_most: int = Field(2, ge=1, le=20)
    """Questions in one run; a further one is refused."""
    deadline: Duration | None = None
    """How long the run waits for an answer; without it, as the queue says."""
    otherwise: Literal["go_on", "hand_over"] = "go_on"
    """What is done when nobody has answered by then: the agent goes on without, or the run is handed over."""


def own_request_text(ask: AskPerson, deadline_s: float) -> str:
    """The bounds of its questions in one sentence."""
    otherwise = "it goes on without an answer" if ask.otherwise == "go_on" else "the run is handed over"
    return (
        f"The agent asks by itself: its question goes to {ask.queue}, at most {ask.at_most} in one run; "
        f"after {duration_text(deadline_s)} without an answer {otherwise}."
    )
