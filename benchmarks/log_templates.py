"""Real runs of one agent, each of a kind, as rows that the bulk loader copies under other ids."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from remit import Remit, Runtime, Waiting
from remit.event import Call, ModelSaid
from remit.model import ModelError, ModelErrorClass, Reply, Request
from remit.testing import ScriptedModel

DESK = Path(__file__).parent / "log-desk"
TENANT, USER, CONVERSATION = "tenant-of-the-template", "user-of-the-template", "conversation-of-it"
CALLS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "found": ("find",),
    "degraded": ("weather",),
    "broken": ("find",),
    "decided": ("pay",),
    "waiting": ("pay",),
}
"""What the model asks for in each kind of run; the kinds that are not here end before."""
STEPS = 500


class TemplateEvent(NamedTuple):
    """One event of a template; `after_s` counts from the run's admission."""

    seq: int
    after_s: float
    kind: str
    digest: bytes
    subject: str | None
    failed: int | None
    latency_ms: float | None
    salt: bytes
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One real run: its row, its events and its case, where it has one."""

    run: Mapping[str, Any]
    events: tuple[TemplateEvent, ...]
    case: Mapping[str, Any] | None


def templates(folder: Path) -> dict[str, dict[bool, Template]]:
    """A run of each kind, without and within a conversation."""
    path = folder / "templates.db"
    ids = asyncio.run(_played(path))
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        found: dict[str, dict[bool, Template]] = {}
        for (kind, talks), run_id in ids.items():
            found.setdefault(kind, {})[talks] = _template(connection, run_id)
    return found


async def _played(path: Path) -> dict[tuple[str, bool], str]:
    desk = Remit.load(DESK)
    ids: dict[tuple[str, bool], str] = {}
    async with Runtime(path, model=ScriptedModel(scripted)) as runtime:
        for talks in (False, True):
            for kind in (*CALLS, "refused", "failed", "cancelled", "runnable", "rated"):
                ids[kind, talks] = await _one(
                    runtime, desk, kind, f"{CONVERSATION}-{kind}" if talks else None
                )
    return ids


async def _one(runtime: Runtime, desk: Remit, kind: str, conversation: str | None) -> str:
    order = f"{kind}-1"
    text = "I need legal advice" if kind == "refused" else f"What about order {order}"
    named: dict[str, Any] = {
        "user": {"id": USER, "order": order},
        "tenant": TENANT,
        "conversation": conversation,
    }
    if kind == "runnable":
        return await runtime.submit(desk, text, **named)
    run_id, outcome = await runtime.handle_run(desk, text, **named)
    if kind == "decided":
        if not isinstance(outcome, Waiting):
            raise RuntimeError(f"no person was asked: {outcome}")
        await runtime.decide(outcome.case, "approve", by="ann@example.com")
        await runtime.advance(run_id)
    elif kind == "cancelled":
        await runtime.cancel(run_id, by="ann@example.com", reason="Asked twice.")
        await runtime.advance(run_id)
    elif kind == "rated":
        await runtime.rate(run_id, "bad", by="ann@example.com", comment="That was wrong.")
    return run_id


def scripted(request: Request) -> Reply:
    """Does what the order of the input says."""
    spoken = sum(isinstance(message, ModelSaid) for message in request.messages)
    order = next(
        word for message in request.messages for word in getattr(message, "text", "").split() if "-" in word
    )
    kind, _, number = order.partition("-")
    if kind == "failed":
        raise ModelError(ModelErrorClass.AUTHENTICATION, "the key is not known")
    calls = CALLS.get(kind, ("pay",) if kind == "cancelled" else ())
    if kind == "long":
        calls = ("find",) * int(number)
    if spoken >= len(calls):
        return Reply(text="The fee of your order is 12 EUR.", reported_model="scripted")
    arguments: dict[str, Any] = {"order": order}
    if calls[spoken] == "pay":
        arguments["amount_eur"] = 24.0
    call = Call(id=f"c{spoken}", tool=calls[spoken], arguments=arguments)
    return Reply(text="", calls=(call,), reported_model="scripted")


def long_run(path: Path) -> str:
    """A real run of five hundred steps in the log of that file; its id."""

    async def played() -> str:
        desk = Remit.load(DESK)
        model = ScriptedModel(scripted, context_tokens=10_000_000)
        async with Runtime(path, model=model, commit_every_s=60) as runtime:
            order = f"long-{STEPS}"
            text = f"What about order {order}"
            run_id, _ = await runtime.handle_run(desk, text, user={"id": USER, "order": order}, tenant=TENANT)
            return run_id

    return asyncio.run(played())


def _template(connection: sqlite3.Connection, run_id: str) -> Template:
    run = dict(connection.execute("select * from run where run_id = ?", [run_id]).fetchone())
    rows = connection.execute(
        "select e.*, b.salt, b.data from event e join body b on b.body_id = e.body_id"
        " where e.run_id = ? order by e.seq",
        [run_id],
    ).fetchall()
    case = connection.execute("select * from review_case where run_id = ?", [run_id]).fetchone()
    return Template(
        run=run,
        events=tuple(
            TemplateEvent(
                row["seq"],
                row["at"] - run["admitted_at"],
                row["kind"],
                row["digest"],
                row["subject"],
                row["failed"],
                row["latency_ms"],
                row["salt"],
                row["data"],
            )
            for row in rows
        ),
        case=dict(case) if case is not None else None,
    )
