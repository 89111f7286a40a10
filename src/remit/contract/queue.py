"""Where cases wait: who looks after them, when, how urgently, and who hears of them."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from remit.contract.duration import Duration
from remit.contract.part import Many, ModelName, Name, Part, Text
from remit.contract.secret import SecretName, Setting


class Notify(Part):
    """Somebody who is told of each case: at least once, in at most so many attempts."""

    webhook: Setting | None = None
    """An address that gets each case as JSON, signed with `key` as Standard Webhooks does."""
    slack: Setting | None = None
    """An incoming webhook of Slack or of anything that takes the same."""
    email: Text | None = None
    """An address that gets a mail, sent by the server that `REMIT_SMTP` names."""
    key: SecretName | None = None
    """The secret that signs what `webhook` gets."""
    attempts: Annotated[int, Field(ge=1, le=50)] = 8
    """After so many failures it is given up and listed by `remit notifications list`."""
    timeout: Duration = 10.0
    """For one attempt."""

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if sum(each is not None for each in (self.webhook, self.slack, self.email)) != 1:
            raise ValueError("somebody is told by `webhook:`, `slack:` or `email:`, exactly one")
        return self


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
    notify: Many[Notify] = ()
    """Who is told of each case that comes here."""
    agent: Name | None = None
    """Another agent, in a folder beside this one, that decides what comes here instead of people."""
    model: ModelName | None = None
    """A model that decides what comes here instead of people, in a run of this same remit."""
    then: Name | None = None
    """The queue of people that gets what that agent or model does not answer within `deadline`."""


def expert_of(queue: Queue) -> str:
    """Who decides what comes there, in words, where that is not people; nothing where it is."""
    if queue.agent is not None:
        return f"agent {queue.agent}"
    return f"model {queue.model}" if queue.model is not None else ""
