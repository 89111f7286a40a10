import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from remit.contract import Contract, Finding, Lines
from remit.outcome import Effect
from remit.tools import Servers, Tool, ToolContext, load, resolve

CONTEXT = ToolContext(run_id="r1", key="k1", user=None, tenant="t1")

DESK = """
from helper import WHO
from remit.tools import tool

@tool(effect="read")
async def find_order(order_id: str, limit: int = 3) -> str:
    "Find an order."
    return f"{WHO} {order_id}"

@tool(effect="irreversible")
def refund(transaction_id: str, amount_eur: float) -> None:
    "Pay it back."

def forgotten(order_id: str) -> None: ...

not_a_function = 3
"""


def contract(tools: dict[str, Any], **more: Any) -> Contract:
    written = {
        "remit": 1,
        "agent": "a",
        "purpose": "p",
        "model": "local:x",
        "does": ["d"],
        "tools": tools,
        **more,
    }
    return Contract.model_validate(written, strict=False)


def agent(folder: Path, who: str = "one", desk: str = DESK) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "desk.py").write_text(desk)
    (folder / "helper.py").write_text(f"WHO = {who!r}\n")
    return folder


def found(remit: Contract, folder: Path) -> tuple[dict[str, Tool], tuple[Finding, ...]]:
    return resolve(remit, folder, Servers({}))


def only(folder: Path, target: Any) -> Finding:
    tools, problems = found(contract({"look": target}), folder)
    assert tools == {}
    (problem,) = problems
    assert problem.where == "tools.look"
    return problem


def test_tools_are_found_by_the_names_of_the_remit(tmp_path: Path) -> None:
    tools, problems = found(
        contract({"look": "desk:find_order", "pay": {"python": "desk:refund"}}), agent(tmp_path)
    )
    assert problems == ()
    assert {name: item.name for name, item in tools.items()} == {"look": "look", "pay": "pay"}
    assert asyncio.run(tools["look"].call({"order_id": "A", "limit": 3}, CONTEXT)) == "one A"


def test_two_agents_with_the_same_file_names_do_not_meet(tmp_path: Path) -> None:
    path = list(sys.path)
    remit = contract({"look": "desk:find_order"})
    loaded = [found(remit, agent(tmp_path / who, who))[0]["look"] for who in ("one", "two")]
    said = [asyncio.run(item.call({"order_id": "A", "limit": 3}, CONTEXT)) for item in loaded]
    assert said == ["one A", "two A"]
    assert sys.path == path
    assert not {"desk", "helper"} & set(sys.modules)


def test_a_module_of_the_host_with_the_same_name_is_neither_used_nor_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = type(sys)("helper")
    monkeypatch.setitem(sys.modules, "helper", host)
    tools, _ = found(contract({"look": "desk:find_order"}), agent(tmp_path))
    assert asyncio.run(tools["look"].call({"order_id": "A", "limit": 3}, CONTEXT)) == "one A"
    assert sys.modules["helper"] is host


def test_tools_of_one_agent_share_their_modules(tmp_path: Path) -> None:
    agent(tmp_path)
    (tmp_path / "other.py").write_text("import desk\nfrom desk import find_order\nsame = desk.find_order\n")
    tools, problems = found(contract({"a": "other:same", "b": "desk:find_order"}), tmp_path)
    assert problems == ()
    assert tools["a"].parameters == tools["b"].parameters


def test_packages_in_the_folder_work(tmp_path: Path) -> None:
    agent(tmp_path / "desks")
    (tmp_path / "desks" / "__init__.py").write_text("")
    (tmp_path / "desks" / "desk.py").write_text(DESK.replace("from helper", "from .helper"))
    tools, problems = found(contract({"look": "desks.desk:find_order"}), tmp_path)
    assert problems == ()
    assert list(tools) == ["look"]


BROKEN: list[tuple[str, str]] = [
    ("def (", "desk.py:1: invalid syntax"),
    ("import nowhere_at_all", "desk.py:1: ModuleNotFoundError: No module named 'nowhere_at_all'"),
    ("\n1 / 0", "desk.py:2: ZeroDivisionError: division by zero"),
    ("import sys\nsys.exit(3)", "desk.py:2: SystemExit: 3"),
    ("\x00", "desk cannot be imported"),
]


@pytest.mark.parametrize(("desk", "said"), BROKEN)
def test_a_module_that_cannot_be_imported_is_reported(tmp_path: Path, desk: str, said: str) -> None:
    problem = only(agent(tmp_path, desk=desk), "desk:find_order")
    assert said in problem.message
    assert str(tmp_path) not in problem.message


def test_a_missing_module_names_the_nearest(tmp_path: Path) -> None:
    assert only(agent(tmp_path), "dsk:find_order").suggestion == "Did you mean `desk`?"
    assert "no module dsk" in only(tmp_path, "dsk:find_order").message


def test_a_missing_function_names_the_nearest(tmp_path: Path) -> None:
    problem = only(agent(tmp_path), "desk:find_ordr")
    assert (problem.message, problem.suggestion) == (
        "desk has no function find_ordr.",
        "Did you mean `find_order`?",
    )
    assert only(tmp_path, "desk:zzz").suggestion == "Known: find_order, refund."


@pytest.mark.parametrize("name", ["forgotten", "not_a_function"])
def test_a_function_without_the_mark_is_told_the_fix(tmp_path: Path, name: str) -> None:
    problem = only(agent(tmp_path), f"desk:{name}")
    assert "is not marked as a tool" in problem.message
    assert '@tool(effect="read")' in problem.suggestion


def test_an_absent_effect_is_told_the_fix(tmp_path: Path) -> None:
    desk = "from remit.tools import tool\n@tool\ndef find_order(): ...\n"
    problem = only(agent(tmp_path, desk=desk), "desk:find_order")
    assert problem.message == "find_order is marked with @tool without its effect."
    assert '@tool(effect="read")' in problem.suggestion


def test_the_effect_may_only_be_tightened(tmp_path: Path) -> None:
    agent(tmp_path)
    tools, _ = found(contract({"look": {"python": "desk:find_order", "effect": Effect.KEYED}}), tmp_path)
    assert tools["look"].effect is Effect.KEYED
    assert "tighten" in only(tmp_path, {"python": "desk:refund", "effect": Effect.READ}).suggestion


def test_problems_stand_at_their_line(tmp_path: Path) -> None:
    lines = Lines(by_key={"tools.look": 7, "tools.gone": 9})
    tools, problems = load(
        contract({"look": "desk:find_order", "gone": "desk:nothing"}),
        lines,
        "remit.yaml",
        agent(tmp_path),
        {},
    )
    assert list(tools) == ["look"]
    (problem,) = problems
    assert (problem.file, problem.line, problem.where) == ("remit.yaml", 9, "tools.gone")
