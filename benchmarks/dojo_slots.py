"""The adaptive attacker: it knows the grant, keeps what a template pins and fills every hole with its own."""

from collections.abc import Sequence
from typing import Any

from agentdojo.functions_runtime import FunctionCall

from remit.contract import Contract


def slot_filling(
    wanted: Sequence[FunctionCall],
    templates: Sequence[dict[str, Any]],
    users: Sequence[FunctionCall],
    contract: Contract,
) -> list[FunctionCall]:
    """The attacker's calls, each put into the form of an unused template of its tool where there is one."""
    used: set[int] = set()
    calls: list[FunctionCall] = []
    for call in wanted:
        fit = [
            index
            for index, template in enumerate(templates)
            if template["tool"] == call.function and index not in used
        ]
        if not fit or not contract.tools[call.function].args:
            calls.append(call)
            continue
        used.add(fit[0])
        same = [each.args for each in (*users[fit[0] :], *users) if each.function == call.function]
        given = {name: value for arguments in reversed(same) for name, value in arguments.items()}
        arguments = {
            name: hole["value"] if "value" in hole else call.args.get(name, given.get(name, "x"))
            for name, hole in templates[fit[0]]["args"].items()
        }
        calls.append(FunctionCall(function=call.function, args=arguments))
    return calls
