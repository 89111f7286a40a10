"""Who may do what? Roles, restrictions and their judgement; pure, and the same for every door."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is here for; each role has the acts that this needs and no others."""

    CALLER = "caller"
    """An application: submits runs and reads what became of them."""
    REVIEWER = "reviewer"
    """A person who decides cases."""
    OPERATOR = "operator"
    """Whoever looks after the agents at night."""
    ADMIN = "admin"
    """Whoever says who may do what; may do everything."""


class Act(StrEnum):
    """Something that is allowed or not."""

    SUBMIT = "submit runs"
    READ = "read runs"
    CANCEL = "cancel runs"
    GIVE_FEEDBACK = "give feedback"
    SEE_CASES = "see cases"
    DECIDE = "decide cases"
    SEE_AGENTS = "see agents"
    SEE_METRICS = "see metrics"
    RETRY_NOTIFICATIONS = "try notifications again"
    SEE_PERSONAL_DATA = "see personal data"
    MANAGE_KEYS = "manage keys"


_READS = frozenset({Act.READ, Act.GIVE_FEEDBACK, Act.SEE_AGENTS})
MAY: dict[Role, frozenset[Act]] = {
    Role.CALLER: _READS | {Act.SUBMIT, Act.CANCEL},
    Role.REVIEWER: _READS | {Act.SEE_CASES, Act.DECIDE, Act.SEE_PERSONAL_DATA},
    Role.OPERATOR: _READS | {Act.SUBMIT, Act.CANCEL, Act.SEE_CASES, Act.SEE_METRICS, Act.RETRY_NOTIFICATIONS},
    Role.ADMIN: frozenset(Act),
}
"""What each role may do; whatever is not here is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who is at the door, and what they are restricted to; an empty tuple does not restrict."""

    name: str
    role: Role
    agents: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    key_id: str | None = None
    local: bool = False
    """Somebody on this machine, where no key was ever issued."""

    def may(self, act: Act) -> bool:
        """Whether the role has this act."""
        return act in MAY[self.role]

    def sees(self, *, agent: str | None = None, queue: str | None = None, tenant: str | None = None) -> bool:
        """Whether something of that agent, queue and tenant exists for them."""
        return all(
            wanted is None or not allowed or wanted in allowed
            for wanted, allowed in ((agent, self.agents), (queue, self.queues), (tenant, self.tenants))
        )


def refusal(identity: Identity, act: Act) -> str | None:
    """Why the act is refused; None where it is allowed."""
    if identity.may(act):
        return None
    others = ", ".join(role for role in Role if act in MAY[role])
    return f"The role {identity.role} may not {act}; it takes one of: {others}."
