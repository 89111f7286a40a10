"""A person's decision as it comes through a door: judged, taken once, and harmless when it comes again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remit.app.access import Identity
from remit.app.outside import Decision, decide
from remit.app.remit import Remit
from remit.app.seeing import CaseSeen, case_seen
from remit.errors import DecisionRefused
from remit.log import Log
from remit.tools import ArgumentsInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionWish:
    """What somebody wants to decide; without `seen_seq`, on the evidence of this moment."""

    decision: Decision
    by: str
    reason: str = ""
    arguments: dict[str, Any] | None = None
    answer: Any = None
    seen_seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A decision that counts."""

    run_id: str
    repeated: bool
    """It stood there already, word for word."""


def take_decision(
    log: Log, agents: Mapping[str, Remit], identity: Identity, case_id: str, wish: DecisionWish
) -> Taken:
    """Takes the decision, or finds that it was taken; NotFound or DecisionRefused otherwise.

    Edited arguments must fit the tool where its agent is here; the limits are judged again by the run.
    """
    seen = case_seen(log, identity, case_id)
    if _stands(seen, wish):
        return Taken(run_id=seen.row["run_id"], repeated=True)
    _fits(seen, agents, wish)
    try:
        run_id = decide(
            log,
            case_id,
            wish.decision,
            by=wish.by,
            reason=wish.reason,
            arguments=wish.arguments,
            answer=wish.answer,
            seen_seq=wish.seen_seq,
        )
    except DecisionRefused:
        # The same decision may have come through another door at the same moment.
        if _stands(case_seen(log, identity, case_id), wish):
            return Taken(run_id=seen.row["run_id"], repeated=True)
        raise
    return Taken(run_id=run_id, repeated=False)


def _stands(seen: CaseSeen, wish: DecisionWish) -> bool:
    decided = seen.facts.decided
    return decided is not None and (
        decided.decision,
        decided.by,
        decided.reason,
        decided.arguments,
        decided.answer,
    ) == (wish.decision, wish.by.strip(), wish.reason.strip(), wish.arguments, wish.answer)


def _fits(seen: CaseSeen, agents: Mapping[str, Remit], wish: DecisionWish) -> None:
    remit = agents.get(seen.row["agent"])
    tool = remit.tools.get(seen.facts.opened.tool or "") if remit is not None else None
    if wish.decision != "edit" or wish.arguments is None or tool is None or seen.facts.decided is not None:
        return
    try:
        tool.validate(wish.arguments)
    except ArgumentsInvalid as error:
        raise DecisionRefused(
            f"The arguments do not fit {tool.name}: {error}",
            remedy="`GET /v1/cases/CASE` shows the arguments as they are.",
            ground="unfit",
        ) from error
