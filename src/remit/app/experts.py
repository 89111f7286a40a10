"""Cases that another agent or model decides: each is given to a run, whose outcome is the decision.

Nothing is held between two looks: the case says who decides it, its run has an id that follows from the
case's, and what that run came to is read from the log. So any process may look, as often as it likes.
"""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from remit.app.outside import append, facts_of
from remit.app.remit import Remit, with_model
from remit.contract import expert_of, people_queue, queue_of
from remit.errors import NotFound
from remit.event import Admitted, Consulted, Decides, Event, HandedOn, UnknownKind
from remit.handover import Accepted, Rejected, hand_on, queue_terms, validate_decision
from remit.intake import text_of
from remit.log import CaseState, Log, RunState, new_id
from remit.model import check_output
from remit.outcome import Answered
from remit.release import Release, Thawed, freeze, thaw
from remit.store import Collision, Row, Statement

MOST = 100


class Experts:
    """What waits for another agent or model, for the agents that are registered in this process."""

    def __init__(self, log: Log, remits: Mapping[str, Remit]) -> None:
        self._log = log
        self._remits = remits

    def look(self) -> int:
        """Begins what is to be decided and takes over what was; how many cases went a step further."""
        done = 0
        for remit in list(self._remits.values()):
            for name, queue in remit.contract.queues.items():
                if expert_of(queue):
                    values = {"agent": remit.name, "queue": name, "most": MOST}
                    rows = self._log.store.rows("open_cases_of_agent", values)
                    done += sum(self._quietly(row) for row in rows)
        return done

    def _quietly(self, row: Row) -> bool:
        # A run that this code cannot read is left to one that can.
        with contextlib.suppress(UnknownKind, NotFound, ValueError):
            return self.see_to(row["run_id"], row["case_id"])
        return False

    def waiting(self, run_id: str) -> tuple[str, str] | None:
        """The first case of the run that an agent or model is to decide here, and the run that does."""
        for case in self._log.fold(run_id).open_cases():
            if case.with_expert and self._begin_or_find(run_id, case.opened.case) is not None:
                return case.opened.case, run_of(case)
        return None

    def _begin_or_find(self, run_id: str, case_id: str) -> Row | None:
        self.see_to(run_id, case_id)
        state = self._log.fold(run_id)
        return self._row(state.cases[case_id]) if state.cases[case_id].with_expert else None

    def see_to(self, run_id: str, case_id: str) -> bool:
        """Takes one case a step further: gives it to its run, or takes over what that came to."""
        state = self._log.fold(run_id)
        case = state.cases[case_id]
        if not case.with_expert or state.outcome is not None:
            return False
        row = self._row(case)
        if row is None:
            return self._begin(state, case)
        if row["state"] not in ("ended", "set_aside"):
            return False
        return self._take_over(state, case, self._log.fold(row["run_id"]))

    def _row(self, case: CaseState) -> Row | None:
        return self._log.store.row("run_row", {"run_id": run_of(case)})

    def _begin(self, state: RunState, case: CaseState) -> bool:
        thawed = self._thawed(state)
        if thawed is None:
            return self._pass_on(state, case, "the release of its run is gone from this log")
        queue = queue_of(thawed.contract, case.opened.queue)
        deadline = case.opened_at + queue.deadline
        if queue.agent is not None:
            remit = self._remits.get(queue.agent)
            release = remit.release if remit is not None else None
        else:
            release = self._with_model(thawed, queue.model or "")
        late = self._log.clock() >= deadline
        if release is None or late:
            why = f"no worker that has {case.opened.expert} took it up in time"
            return self._pass_on(state, case, why) if late else False
        if not case.consulted:
            self._consult(state, case)
        return self._admit(admission_of(thawed, state, case, release, deadline), run_of(case))

    def _consult(self, state: RunState, case: CaseState) -> None:
        def make(current: RunState) -> Event | None:
            now = current.cases[case.opened.case]
            if not now.with_expert or now.consulted:
                return None
            return Consulted(case=case.opened.case, expert=case.opened.expert, run=run_of(case))

        append(self._log, state.run_id, make)

    def _admit(self, admitted: Admitted, run_id: str) -> bool:
        appender = self._log.start(RunState(run_id))
        appender.add(admitted)
        try:
            appender.flush_from_outside()
        except Collision:
            # Another process was first.
            return False
        return True

    def _with_model(self, thawed: Thawed, model: str) -> Release:
        """The release of the same agent with another model, kept in the log like any other."""
        contract = thawed.contract
        release = freeze(
            contract.model_copy(update={"model": with_model(contract.model, model)}),
            prompt=thawed.prompt,
            signatures=thawed.signatures,
            output_schema=thawed.output_schema,
            scope=thawed.scope,
            input_schema=thawed.input_schema,
        )
        values = {
            "hash": release.hash,
            "agent": release.agent,
            "content": self._log.redactor(release.content),
            "created_at": self._log.clock(),
        }
        self._log.store.execute_now(Statement("put_release", values))
        return release

    def _thawed(self, state: RunState) -> Thawed | None:
        row = self._log.store.row("release_row", {"hash": state.release})
        return thaw(row["content"]) if row is not None else None

    def _take_over(self, state: RunState, case: CaseState, decided: RunState) -> bool:
        outcome = decided.outcome
        if not isinstance(outcome, Answered):
            kind = outcome.kind if outcome is not None else "set aside"
            mode = getattr(outcome, "mode", None)
            return self._pass_on(state, case, f"its run ended as {kind}" + (f", {mode}" if mode else ""))
        thawed = self._thawed(state)
        schema = thawed.output_schema if thawed is not None else None
        if schema is not None and case.opened.trigger != "agent_request":
            checked = check_output(json.dumps(outcome.output), schema)
            if checked.verdict != "valid":
                return self._pass_on(state, case, f"its answer does not fit: {'; '.join(checked.problems)}")
        return self._answer(state, case, outcome, decided.run_id)

    def _answer(self, state: RunState, case: CaseState, outcome: Answered, run_id: str) -> bool:
        refused: list[str] = []

        def make(current: RunState) -> Event | None:
            now = current.cases[case.opened.case]
            if not now.with_expert:
                return None
            facts = facts_of(current, now)
            verdict = validate_decision(
                facts,
                decision="answer",
                by=case.opened.expert,
                reason="",
                seen_seq=facts.evidence_seq,
                answer=outcome.output,
                now=self._log.clock(),
            )
            if isinstance(verdict, Accepted):
                return replace(verdict.decided, run=run_id)
            refused.append(verdict.ground)
            return None

        taken = append(self._log, state.run_id, make)
        if refused == ["unfit"]:
            return self._pass_on(state, case, "its answer is empty")
        return taken

    def _pass_on(self, state: RunState, case: CaseState, why: str) -> bool:
        """Gives the case to the people behind its agent or model."""
        thawed = self._thawed(state)
        then = case.opened.then or (people_queue(thawed.contract, case.queue) if thawed else "")
        if thawed is None or not then:
            return False
        terms = queue_terms(thawed.contract, then)

        def make(current: RunState) -> Event | None:
            now = current.cases[case.opened.case]
            if not now.with_expert:
                return None
            by, facts = case.opened.expert, facts_of(current, now)
            moved: HandedOn | Rejected = hand_on(
                facts, by=by, queue=then, unknown="", reason=why, terms=terms, now=self._log.clock()
            )
            return moved if isinstance(moved, HandedOn) else None

        return append(self._log, state.run_id, make)


def run_of(case: CaseState) -> str:
    """The id of the run that decides a case: it follows from the case's own, so there is one only."""
    digest = sha256(f"expert:{case.opened.case}".encode()).digest()
    return new_id(case.opened_at, lambda count: digest[:count])


def admission_of(
    thawed: Thawed, state: RunState, case: CaseState, release: Release, deadline: float
) -> Admitted:
    """How the run begins that decides a case: for the same user, with the words of strangers as such.

    The same remit with another model gets the request as it came; anything else gets it told.
    """
    asking, opened = state.admitted, case.opened
    assert asking is not None, "a run begins with its admission"
    same = release.agent == asking.agent and opened.trigger != "agent_request"
    return replace(
        asking,
        agent=release.agent,
        release=release.hash,
        input=asking.input if same else told(thawed, state, case),
        input_from=asking.input_from if same else "public",
        conversation=None,
        idempotency_key=None,
        deadline=deadline,
        decides=Decides(run=state.run_id, case=opened.case, queue=opened.then),
    )


def told(thawed: Thawed, state: RunState, case: CaseState) -> str:
    """The case as a request to another agent."""
    asking, opened = state.admitted, case.opened
    assert asking is not None, "a run begins with its admission"
    request = f"The request:\n{text_of(asking.input)}"
    if opened.trigger == "agent_request":
        parts = [opened.question, f"It is at work on this request:\n{text_of(asking.input)}"]
    else:
        parts = [f"{thawed.contract.agent} could not answer a request by itself. {opened.why}", request]
    parts += [f"Its {name}: {text_of(value)}" for name, value in (opened.arguments or {}).items()]
    return "\n\n".join(parts)
