"""What the tests of whole runs share: an agent, a runtime on a real log, and reading its log."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from remit import Remit, Runtime
from remit.event import Diverted, Event
from remit.model import Model
from remit.outcome import FailureMode
from remit.testing import FrozenClock, ScriptedModel
from store_places import store_at

OPEN: dict[str, Any] = {
    name: {"args": {argument: {"kind": "content"} for argument in arguments}}
    for name, arguments in {
        "mark": ("order", "text"),
        "book": ("order", "amount"),
        "pay": ("order", "amount", "memo"),
        "wire": ("order",),
    }.items()
}
"""The tools that act decide nothing here, unless a test says what bounds them."""
TOOLS = ("find", "weather", "mark", "book", "pay", "wire")
ANN = "ann@example.com"
USER = {"id": "u1", "account": "A-1"}


def desk(
    folder: Path,
    *tools: str,
    rules: dict[str, Any] | None = None,
    files: dict[str, Any] | None = None,
    **keys: Any,
) -> Remit:
    """An agent with these tools; `rules` are their keys, `keys` those of the remit itself."""
    named: dict[str, Any] = {}
    for name, rule in {**{name: {} for name in tools}, **(rules or {})}.items():
        named[name] = {"python": f"desk_tools:{name}", **OPEN.get(name, {}), **rule}
    remit = {
        "remit": 1,
        "agent": "desk",
        "purpose": "Look after orders.",
        "model": "openai:gpt-5.1-2025-11-13",
        "does": ["look after orders"],
        "queues": {"people": {}, "others": {}},
        "tools": named,
        **keys,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (files or {}).items():
        (folder / name).write_text(json.dumps(content))
    (folder / "remit.yaml").write_text(
        json.dumps({key: value for key, value in remit.items() if value is not None})
    )
    return Remit.load(
        folder, environment={"OPENAI_API_KEY": "none", "HOOK_KEY": "a signing key of some length"}
    )


def with_tool(remit: Remit, name: str, change: Callable[..., Any], *arguments: Any, **named: Any) -> Remit:
    """The same agent, one tool of which is broken on purpose."""
    return replace(remit, tools={**remit.tools, name: change(remit.tools[name], *arguments, **named)})


def runtime(
    folder: Path,
    script: Model | Iterable[Any] | Callable[..., Any],
    *,
    clock: FrozenClock | None = None,
    **named: Any,
) -> Runtime:
    """A runtime on the log of that folder; with a frozen clock nothing waits."""
    model = script if hasattr(script, "ask") else ScriptedModel(script)
    if clock is not None:
        named = {"clock": clock, "sleep": clock.sleep, **named}
    return Runtime(store_at(folder), model=model, random_share=lambda: 0.5, **named)


def events(running: Runtime, run_id: str) -> list[Event]:
    return [entry.event for entry in running.log.read(run_id)]


def of_kind(running: Runtime, run_id: str, kind: type) -> list[Any]:
    return [event for event in events(running, run_id) if isinstance(event, kind)]


def run_ids(running: Runtime) -> list[str]:
    return [row["run_id"] for row in running.log.store.select("select run_id from run order by run_id", {})]


def last_run(running: Runtime) -> str:
    return run_ids(running)[-1]


def diverted(running: Runtime) -> tuple[FailureMode, str, str]:
    """Mode, path and declarer of the one diversion of the last run."""
    (event,) = of_kind(running, last_run(running), Diverted)
    return event.mode, event.path, event.declared
