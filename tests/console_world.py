"""A desk that has seen everything: real runs of each outcome on a real log, and cases that wait."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from api_world import Served, serving
from remit import Remit, Runtime
from remit.console import mount_console
from remit.event import ToolSaid
from remit.model import ModelError, ModelErrorClass, Reply, Request
from remit.testing import ScriptedModel, call

PROJECT = Path(__file__).resolve().parent.parent
REMIT = """\
remit: 1
agent: order-desk
purpose: Answer customers' questions about their orders.
owner: orders@example.com
model: {{use: "openai-compatible:served", base_url: "{url}", tries: 1, timeout: 5s}}
handover: front-desk
does: [tell where an order is, refund a late order]
does_not: [{{topic: legal advice, say: "This is for our lawyers."}}]
tools:
  find_order: {{python: "desk:find_order", args: {{account: {{is: user.account}}}}, unavailable: degrade}}
  refund:
    python: "desk:refund"
    ask: {{when: amount_eur > 20, queue: refunds, deadline: 4h, otherwise: deny}}
    args: {{order_id: {{only_from: find_order.order_id}}, amount_eur: {{max: 50}}}}
queues: {{front-desk: {{}}, refunds: {{owner: refunds@example.com, deadline: 4h}}}}
on_failure: {{model_unavailable: fail}}
"""
USER = {"id": "u1", "account": "A-1"}
LOOK = {
    number: call("find_order", order_id=number, account="A-1") for number in ("1001", "1002", "9001", "2001")
}
PLAYS: dict[str, list[Any]] = {
    "Where is order 1001": [LOOK["1001"], "Your kettle is on its way and not late."],
    "Where is order 9001": [LOOK["9001"], "I cannot look up order 9001 at the moment."],
    "Where is order 2001": [LOOK["2001"]],
    "Is anybody there": [ModelError(ModelErrorClass.AUTHENTICATION, "the key is not valid")],
    "lamp": [
        LOOK["1002"],
        call("refund", order_id="1002", amount_eur=24.5),
        "24.50 EUR are on their way back.",
    ],
}
INPUTS = {
    "answered": "Where is order 1001?",
    "degraded": "Where is order 9001?",
    "escalated": "Where is order 2001?",
    "refused": "I need legal advice about a refund.",
    "failed": "Is anybody there?",
    "waiting": "The lamp of order 1002 is late. I want my 24.50 back.",
}


def play(request: Request) -> Any:
    """What the model says, by what was asked and how many results it has seen."""
    asked = request.messages[0].text
    seen = sum(isinstance(message, ToolSaid) for message in request.messages)
    steps = next((steps for words, steps in PLAYS.items() if words in asked), ["I heard you."])
    step = steps[min(seen, len(steps) - 1)]
    return step if not isinstance(step, str) else Reply(text=step, finish="stop")


def write_desk(folder: Path, url: str = "http://127.0.0.1:9/v1", text: str = REMIT) -> Path:
    """The folder of the agent, whose model is asked for at that address."""
    place = folder / "agents" / "order-desk"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "examples" / "order-desk" / "desk.py", place / "desk.py")
    (place / "remit.yaml").write_text(text.format(url=url), encoding="utf-8")
    return place


def seed(folder: Path, inputs: dict[str, str], *, model: Callable[[Request], Any] = play) -> dict[str, str]:
    """Real runs of those inputs, one after the other; the id of each by its name."""
    remit = Remit.load(folder / "agents" / "order-desk", environment={})

    async def whole() -> dict[str, str]:
        found: dict[str, str] = {}
        async with Runtime(folder / "remit.db", model=ScriptedModel(model)) as runtime:
            for name, text in inputs.items():
                found[name] = await runtime.submit(remit, text, user=USER, tenant="shop")
                await runtime.advance(found[name])
        return found

    return asyncio.run(whole())


@contextmanager
def console_of(folder: Path, **named: Any) -> Iterator[Served]:
    """The desk of that folder behind a real server with the console."""
    remit = Remit.load(folder / "agents" / "order-desk", environment={})
    model = ScriptedModel(named.pop("model", play))
    with serving(folder, model, remits=[remit], mount=mount_console, **named) as served:
        yield served


def signed_in(served: Served, role: Any, **wish: Any) -> httpx.Client:
    """A browser's client after the sign-in form of the console, with a new key of that role."""
    client = served.client_with()
    key = served.issue(role, **wish).secret
    reply = client.post("/sign-in", data={"key": key, "next": "/"})
    assert reply.status_code == 303, reply.text
    return client
