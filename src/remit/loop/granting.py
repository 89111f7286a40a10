"""Freeze what a run may call, before its model reads anything."""

import json
from typing import Any

from remit.contract import guarded
from remit.event import GrantFrozen, Integrity, Said, Window, meet
from remit.intake import text_of
from remit.log import RunState
from remit.loop.asking import exchange
from remit.loop.wake import Wake
from remit.model import Answer, Request, check_output, estimate_text
from remit.permit import Planned, frozen_grant, own_words, planned

PLANNER = (
    "You write down, before anything is read, which tool calls the request below needs. You answer with one"
    ' JSON object {"calls": [{"tool": NAME, "args": {ARGUMENT: SOURCE}, "uses": 1}]} and nothing else.\n'
    "List every call, reads included, and every argument that it needs. A SOURCE is one of:\n"
    "- a plain value: only if it stands word for word in the request;\n"
    '- {"only": "TOOL.FIELD"}: that field of the only record that TOOL returns, its own arguments plain;\n'
    '- {"attested": "TOOL.FIELD"}: a field of a result that is labelled attested;\n'
    '- {"own": "TYPE"}: the identifier of something that an earlier call of this list makes;\n'
    '- {"select": {"from": TOOL, "where": [{"field": F, "is": V}], "pick": "max", "by": F, "field": F}}:'
    " computed from the records of TOOL; pick is only, each, first, last, max, min, count, sum or"
    " most_common;\n"
    '- {"day": "2026-05-15"}: any time of a day that the request names;\n'
    '- {"after": {"argument": "start_time", "minutes": 60}}: so much later than another argument;\n'
    '- {"like": "Dinner at *"}: a text of a form that the request gives, * for what only reading can tell;\n'
    '- {"quoted_from": "TOOL"}: an address that stands in what TOOL returns;\n'
    '- {"free": true}: words that you cannot know yet, or a value that only reading can tell.'
)


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
    schema = _schema(tuple(plan.tools))
    request = Request(
        system=f"{PLANNER}\n\nThe tools:\n{_tool_lines(wake)}",
        messages=(Said(text=words, integrity=Integrity.USER, run_id=wake.state.run_id, seq=0),),
        output_schema=schema,
        temperature=plan.contract.model.temperature,
        max_output_tokens=plan.contract.model.max_output_tokens,
        timeout_s=plan.contract.model.timeout,
    )
    window = Window(own_messages=1, tokens=estimate_text(request.system) + estimate_text(words))
    result = await exchange(wake, "plan", "", window, request, plan.models)
    if not isinstance(result, Answer):
        return None
    checked = check_output(result.reply.text, schema)
    parameters = {name: tool.parameters for name, tool in plan.tools.items()}
    return planned(checked.output, plan.contract, parameters, words)


def _tool_lines(wake: Wake) -> str:
    lines: list[str] = []
    for name, tool in wake.plan.tools.items():
        rule = wake.plan.contract.tools[name]
        filled = {argument for argument, limits in rule.args.items() if limits.is_ is not None}
        properties: dict[str, Any] = tool.parameters.get("properties", {})
        shown = {each: schema for each, schema in properties.items() if each not in filled}
        description = " ".join(tool.description.split())
        labels = {
            field: label.integrity if label.type is None else f"{label.integrity} {label.type}"
            for field, label in rule.returns.fields.items()
        }
        known = f" Its result has {json.dumps(labels)}." if labels else ""
        makes = f" It makes a {rule.returns.creates}." if rule.returns.creates is not None else ""
        lines.append(f"- {name}: {description} Arguments: {json.dumps(shown)}.{known}{makes}")
    return "\n".join(lines)


def _schema(tools: tuple[str, ...]) -> dict[str, Any]:
    call = {
        "type": "object",
        "properties": {
            "tool": {"type": "string", "enum": list(tools)},
            "args": {"type": "object"},
            "uses": {"type": "integer"},
        },
        "required": ["tool", "args"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"calls": {"type": "array", "items": call}},
        "required": ["calls"],
        "additionalProperties": False,
    }
