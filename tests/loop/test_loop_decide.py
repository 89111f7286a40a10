"""The next step of a run, for every state that events can lead to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.contract import Contract
from remit.event import (
    Admitted,
    Call,
    Cancelled,
    CaseOpened,
    Decided,
    Diverted,
    Done,
    EffectUnknown,
    Ended,
    Grant,
    GrantFrozen,
    Integrity,
    Intended,
    ModelAnswered,
    ModelAsked,
    ModelFailed,
    OutputChecked,
    Permit,
    Permitted,
    Screened,
    SetAside,
    Taken,
    ToolFailed,
    Usage,
    Window,
)
from remit.log import RunState
from remit.log.fold import apply
from remit.loop.decide import next_step
from remit.loop.steps import (
    Answer,
    AskModel,
    AskPerson,
    CarryOut,
    CheckAnswer,
    Divert,
    FreezeGrant,
    JudgeApproved,
    JudgeCalls,
    Reconcile,
    Recover,
    ScreenInput,
    Settle,
    Stop,
    Wait,
)
from remit.outcome import Answered, Effect, Failed, FailureMode

TOOLS = {"find": Effect.READ, "mark": Effect.IDEMPOTENT, "book": Effect.KEYED, "pay": Effect.IRREVERSIBLE}
MOST_STEPS = 400
"""Far more than any run of these budgets takes: more would be an endless loop."""


def contract_of(**keys):
    written = {
        "remit": 1,
        "agent": "a",
        "purpose": "p",
        "model": "local:x",
        "does": ["d"],
        "tools": {name: {"python": f"desk:{name}"} for name in TOOLS},
        **keys,
    }
    return Contract.model_validate(written, strict=False)


PATHS = ["degrade", "fail", {"queue": "people"}]
CONTRACTS = st.builds(
    lambda steps, tokens, repair, failed, unavailable, people: contract_of(
        budget={"steps": steps, "tokens": tokens, "working_time": "60s"},
        output={"schema": "answer.json", "repair": repair},
        on_failure={"tool_failed": failed, "tool_unavailable": unavailable},
        **({"handover": "people"} if people else {}),
    ),
    st.integers(1, 6),
    st.integers(50, 500),
    st.integers(0, 2),
    st.sampled_from(PATHS),
    st.sampled_from(PATHS),
    st.booleans(),
)


class Run:
    """A run that takes whatever step is next, and to which anything may happen."""

    def __init__(self, contract, draw):
        self.contract, self.draw = contract, draw
        self.state = RunState("r")
        self.clock = 1000.0
        self.cases = 0
        self.add(Admitted(agent="a", release="h", input="text"))
        self.add(Taken(wake="w", worker="here"))

    def add(self, event):
        self.clock += self.draw(st.sampled_from([0.0, 0.5, 8.0]))
        apply(self.state, event, self.state.head + 1, self.clock)

    def choose(self, *options):
        return self.draw(st.sampled_from(options))

    def step(self):
        step = next_step(self.contract, self.state)
        assert step == next_step(self.contract, self.state)
        check(self.contract, self.state, step)
        return step

    def take(self, step):
        match step:
            case FreezeGrant():
                self.add(GrantFrozen(grant=Grant(id="g"), made_by="remit", integrity=Integrity.THIRD_PARTY))
            case ScreenInput():
                verdict = self.choose("in_scope", "in_scope", "in_scope", "out_of_scope", "invalid_input")
                self.add(Screened(verdict=verdict, reason="so"))
            case AskModel():
                self.ask(step)
            case JudgeCalls():
                calls = self.state.current
                self.add(
                    Permitted(
                        answer_seq=self.state.answer_seq,
                        permits=tuple(
                            self.permit(call, "allow", "allow", "ask", "deny", "invalid", "unknown_tool")
                            for call in calls
                        ),
                    )
                )
            case CheckAnswer():
                verdict = self.choose("valid", "repaired", "invalid")
                self.add(OutputChecked(answer_seq=self.state.answer_seq, verdict=verdict, problems=("no",)))
            case Answer():
                self.add(Ended(outcome=Answered(output=step.output, message="m")))
            case Divert():
                self.add(Diverted(mode=step.mode, path="fail", declared="default", reason=step.reason))
                self.add(Ended(outcome=Failed(mode=step.mode, message="m")))
            case _:
                self.take_call(step)

    def take_call(self, step):
        match step:
            case JudgeApproved():
                permit = self.permit(step.call, "allow", "deny", "invalid")
                self.add(Permitted(answer_seq=step.call.answer_seq, permits=(permit,)))
            case CarryOut():
                for call in step.calls:
                    self.intend(call)
                for call in step.calls:
                    if self.choose(True, True, True, False):
                        self.result(call)
            case Recover():
                self.intend(step.call)
                self.result(step.call)
            case Reconcile():
                self.reconcile(step.call)
            case Settle():
                self.result(step.call, "done", "not happened")
            case AskPerson():
                self.open_case(step.call, "permit")

    def ask(self, step):
        seq = self.state.head + 1
        self.add(ModelAsked(model="m", purpose=step.purpose, window=Window(tokens=20), note=step.note))
        usage = Usage(input_tokens=self.choose(5, 60), output_tokens=5)
        what = self.choose("text", "calls", "calls", "failed", "lost")
        if what == "lost":
            return
        if what == "failed":
            mode = self.choose(FailureMode.MODEL_UNAVAILABLE, FailureMode.CONTEXT_EXHAUSTED)
            self.add(ModelFailed(asked_seq=seq, mode=mode, reason="r", attempts=(), usage=usage))
            return
        names = (
            self.draw(st.lists(st.sampled_from([*TOOLS]), min_size=1, max_size=3)) if what == "calls" else []
        )
        calls = tuple(Call(id="same", tool=name, arguments={}) for name in names)
        self.add(
            ModelAnswered(
                asked_seq=seq,
                model="m",
                reported_model="m",
                purpose=step.purpose,
                text="t",
                calls=calls,
                usage=usage,
                latency_ms=1.0,
            )
        )

    def permit(self, call, *verdicts):
        return Permit(
            key=call.key, tool=call.call.tool, verdict=self.choose(*verdicts), rule="r", reason="so"
        )

    def intend(self, call):
        self.add(
            Intended(
                key=call.key,
                wake="w",
                tool=call.call.tool,
                arguments={},
                effect=TOOLS[call.call.tool],
                call_before=self.clock + 30,
                timeout_s=5,
            )
        )

    def result(self, call, *kinds):
        key, tool = call.key, call.call.tool
        match self.choose(*(kinds or ("done", "done", "failed", "unavailable", "unknown"))):
            case "done":
                self.add(Done(key=key, tool=tool, result=1, source="tool", latency_ms=1.0))
            case "unknown":
                self.add(EffectUnknown(key=key, tool=tool, reason="r", opens_at=0.0))
            case kind:
                modes = {
                    "failed": FailureMode.TOOL_FAILED,
                    "unavailable": FailureMode.TOOL_UNAVAILABLE,
                    "not happened": FailureMode.EFFECT_UNKNOWN,
                }
                self.add(ToolFailed(key=key, tool=tool, mode=modes[kind], reason="r", latency_ms=1.0))

    def reconcile(self, call):
        kind = self.choose("done", "not happened", "person")
        if kind == "person":
            self.open_case(call, "effect_unknown")
        else:
            self.result(call, kind)

    def open_case(self, call, trigger):
        self.cases += 1
        self.add(
            CaseOpened(
                case=f"c{self.cases}",
                queue="people",
                trigger=trigger,
                question="?",
                why="",
                deadline=None,
                otherwise="none",
                key=call.key,
                tool=call.call.tool,
                arguments={},
            )
        )

    def decide(self):
        for case in self.state.open_cases():
            options = {"permit": ("approve", "edit", "reject", "answer"), "poisoned": ("approve",)}
            decision = self.choose(*options.get(case.opened.trigger, ("happened", "not_happened")))
            self.add(
                Decided(
                    case=case.opened.case,
                    decision=decision,
                    by="ann",
                    reason="r",
                    seen_seq=self.state.head,
                    arguments={} if decision == "edit" else None,
                )
            )

    def outside(self):
        """What may happen between two steps."""
        match self.draw(st.integers(0, 25)):
            case 0 if self.state.cancelled is None and self.state.outcome is None:
                self.add(Cancelled(by="ann", reason="r"))
            case 1:
                self.add(Taken(wake="w2", worker="there"))
            case 2 if self.state.outcome is None:
                self.add(SetAside(wakes=3, reason="r"))


def open_calls(state):
    """Calls of the last answer of which the model cannot be told yet what became of them."""
    return [call for call in state.current if not call.settled]


def over_budget(contract, state):
    budget = contract.budget
    tokens = state.usage.input_tokens + state.usage.output_tokens
    return state.steps >= budget.steps or tokens >= budget.tokens or state.working_s >= budget.working_time


def check(contract, state, step):
    """What holds for every step in every state."""
    if isinstance(step, AskModel):
        assert open_calls(state) == []
        assert state.open_cases() == []
        assert not over_budget(contract, state)
        assert state.screened.verdict == "in_scope"
    if isinstance(step, CarryOut):
        for call in step.calls:
            assert call.permit.verdict == "allow"
            assert call.result is None
            assert not call.in_flight
            assert call.unknown is None
    if isinstance(step, Settle):
        assert step.call.decision.decision in ("happened", "not_happened")
    if isinstance(step, Recover):
        assert step.call.permit.verdict == "allow"
    if state.cancelled is not None and state.outcome is None and state.set_aside is None:
        assert isinstance(step, Recover | Reconcile | Divert)
        assert not isinstance(step, Divert) or step.mode is FailureMode.CANCELLED
    if isinstance(step, Answer) and step.by == "agent":
        assert open_calls(state) == []
        assert state.checked.verdict != "invalid"
    if isinstance(step, Divert | Answer):
        # Nothing ends while an effect is neither done nor unknown.
        in_doubt = [call for call in state.calls.values() if call.in_flight]
        assert all(call.intents[-1].effect is Effect.READ for call in in_doubt)
    if state.outcome is not None or state.set_aside is not None:
        assert isinstance(step, Stop)


@settings(max_examples=400)
@given(CONTRACTS, st.data())
def test_every_state_has_one_lawful_step_and_every_run_ends(contract, data):
    run = Run(contract, data.draw)
    for _ in range(MOST_STEPS):
        step = run.step()
        if isinstance(step, Stop):
            break
        if isinstance(step, Wait):
            run.decide()
        else:
            run.take(step)
        run.outside()
    else:
        pytest.fail("the run comes to no end")


def test_a_run_that_is_decided_on_one_answer_asks_the_model_again():
    """The happy path, so that what the random runs show is not empty."""
    contract = contract_of()
    run = Run(contract, lambda strategy: 0.0)
    run.add(Screened(verdict="in_scope", reason=""))
    assert next_step(contract, run.state) == FreezeGrant()
    frozen = GrantFrozen(grant=Grant(id="g"), made_by="remit", integrity=Integrity.THIRD_PARTY)
    run.add(frozen)
    assert next_step(contract, run.state) == AskModel()
    run.add(ModelAsked(model="m", purpose="step", window=Window()))
    answer = {"asked_seq": 3, "model": "m", "reported_model": "m", "purpose": "step", "latency_ms": 1.0}
    call = Call(id="1", tool="find", arguments={})
    run.add(ModelAnswered(**answer, text="", calls=(call,), usage=Usage()))
    assert isinstance(next_step(contract, run.state), JudgeCalls)
    (state,) = run.state.current
    permit = Permit(key=state.key, tool="find", verdict="allow", rule="", reason="")
    run.add(Permitted(answer_seq=5, permits=(permit,)))
    assert next_step(contract, run.state) == CarryOut(calls=(state,))
    run.intend(state)
    assert next_step(contract, run.state) == Recover(call=state)
    run.add(Done(key=state.key, tool="find", result=1, source="tool", latency_ms=1.0))
    assert next_step(contract, run.state) == AskModel()
    run.add(ModelAsked(model="m", purpose="step", window=Window()))
    run.add(ModelAnswered(**answer, text="late", calls=(), usage=Usage()))
    assert next_step(contract, run.state) == Answer(output="late")


@pytest.mark.parametrize("approval", ["approve", "edit"])
def test_an_approval_does_not_settle_whether_the_call_took_place(approval):
    contract = contract_of(handover="people")
    run = Run(contract, lambda strategy: 0.0)
    run.add(Screened(verdict="in_scope", reason=""))
    run.add(ModelAsked(model="m", purpose="step", window=Window()))
    call = Call(id="1", tool="pay", arguments={})
    answer = {"asked_seq": 3, "model": "m", "reported_model": "m", "purpose": "step", "latency_ms": 1.0}
    run.add(ModelAnswered(**answer, text="", calls=(call,), usage=Usage()))
    (state,) = run.state.current
    permit = {"key": state.key, "tool": "pay", "rule": "", "reason": ""}
    run.add(Permitted(answer_seq=4, permits=(Permit(verdict="ask", **permit),)))
    run.open_case(state, "permit")
    run.add(Decided(case="c1", decision=approval, by="ann", reason="", seen_seq=6, arguments={}))
    run.add(Permitted(answer_seq=4, permits=(Permit(verdict="allow", **permit),)))
    run.intend(state)
    run.add(EffectUnknown(key=state.key, tool="pay", reason="", opens_at=0.0))
    assert next_step(contract, run.state) == Reconcile(call=state)
