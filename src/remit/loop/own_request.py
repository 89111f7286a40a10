"""The agent's own question to a person: a call of the model that reaches people and no tool."""

from collections.abc import Sequence
from typing import Any

from remit.contract import ASK_PERSON, people_queue
from remit.event import Permit
from remit.handover import REQUEST_PARAMETERS, case_for_request, judge_request, reply_to_agent
from remit.log import CallState
from remit.loop.experts import decides_case
from remit.loop.wake import Wake
from remit.model import repair_arguments


def judge_own_request(wake: Wake, call: CallState, judged: Sequence[Permit]) -> Permit:
    """The permit of a question; `judged` are those of the same answer that stand before it."""
    ask = wake.plan.contract.ask_person
    assert ask is not None, "only where the remit lets it ask"
    before = [*(each.permit for each in wake.state.calls.values() if each.key != call.key), *judged]
    earlier = sum(
        permit is not None and permit.rule == ASK_PERSON and permit.verdict == "ask" for permit in before
    )
    return judge_request(ask, key=call.key, arguments=_arguments(call), earlier=earlier)


def _arguments(call: CallState) -> Any:
    given = call.call.arguments
    return repair_arguments(given, REQUEST_PARAMETERS) if isinstance(given, str) else given


def ask(wake: Wake, call: CallState) -> None:
    """Opens the case of a question that was permitted."""
    contract, permit = wake.plan.contract, call.permit
    assert contract.ask_person is not None, "only where the remit lets it ask"
    assert permit is not None, "only a judged call is asked about"
    queue = contract.ask_person.queue
    wake.add(
        case_for_request(
            contract,
            queue=people_queue(contract, queue) if decides_case(wake.state) else queue,
            case_id=wake.new_id(),
            permit=permit,
            arguments=_arguments(call),
            now=wake.world.clock(),
        )
    )


def hear(wake: Wake, call: CallState) -> None:
    """Records what came back as the result of the call."""
    assert call.decision is not None, "somebody has spoken"
    wake.add(reply_to_agent(wake.state.cases[call.decision.case].opened, call.decision))
