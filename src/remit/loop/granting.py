"""Freeze what a run may call, before its model reads anything."""

from remit.contract import guarded
from remit.event import GrantFrozen, Integrity, Said, Window, meet
from remit.intake import text_of
from remit.log import RunState
from remit.loop.asking import exchange
from remit.loop.planner import LIST_OF_CALLS, plan_schema, planner_words
from remit.loop.wake import Wake
from remit.model import Answer, Request, check_output, estimate_text
from remit.permit import Planned, frozen_grant, own_words, planned


async def freeze_grant(wake: Wake) -> None:
    """Appends the grant; with a planner, asks it first, and takes the remit's templates alone if it fails."""
    contract, state = wake.plan.contract, wake.state
    words = principal_words(state)
    plan: Planned | None = None
    if contract.guard.planner and words.strip() and not state.answer_seqs:
        plan = await _plan(wake, words)
        if plan is None:
            return
    needing = [
        name
        for name, rule in contract.tools.items()
        if guarded(rule, wake.plan.tools[name].effect, egress=wake.plan.tools[name].egress)
    ]
    wake.add(
        GrantFrozen(
            grant=frozen_grant(contract, needing, plan),
            made_by="remit" if plan is None else "planner",
            integrity=beginning(wake),
            dropped=plan.dropped if plan is not None else (),
        )
    )


def beginning(wake: Wake) -> Integrity:
    """The meet of what the run begins with: its input and every earlier run that it is shown."""
    admitted = wake.state.admitted
    assert admitted is not None, "a run begins with its admission"
    own = Integrity.THIRD_PARTY
    if admitted.input_from == "principal" and isinstance(admitted.input, str):
        whole = own_words(admitted.input).split() == admitted.input.split()
        own = Integrity.USER if whole else Integrity.THIRD_PARTY
    return meet((own, *(run.integrity for run in wake.earlier)))


def principal_words(state: RunState) -> str:
    """What a principal wrote themselves in this run's input; nothing where the public speaks."""
    admitted = state.admitted
    if admitted is None or admitted.input_from != "principal" or not isinstance(admitted.input, str):
        return ""
    return own_words(text_of(admitted.input))


async def _plan(wake: Wake, words: str) -> Planned | None:
    """The plan as templates; None if no model answered or the run changed meanwhile."""
    plan = wake.plan
    request = Request(
        system=planner_words(plan.contract, plan.tools),
        messages=(Said(text=words, integrity=Integrity.USER, run_id=wake.state.run_id, seq=0),),
        output_schema=plan_schema(plan.contract, plan.tools),
        temperature=plan.contract.model.temperature,
        max_output_tokens=plan.contract.model.max_output_tokens,
        timeout_s=plan.contract.model.timeout,
    )
    window = Window(own_messages=1, tokens=estimate_text(request.system) + estimate_text(words))
    result = await exchange(wake, "plan", "", window, request, plan.models)
    if not isinstance(result, Answer):
        return None
    checked = check_output(result.reply.text, LIST_OF_CALLS)
    parameters = {name: tool.parameters for name, tool in plan.tools.items()}
    return planned(checked.output, plan.contract, parameters, words)
