import asyncio

import pytest
from provider_server import chat, serving

from remit.contract import ModelChoice
from remit.errors import CatalogueError, RemitError
from remit.event import Call, Integrity, ModelSaid, Said, ToolSaid
from remit.model import (
    ModelError,
    ModelErrorClass,
    Reply,
    Request,
    ToolSpec,
    close_model,
    network_blocked,
    open_model,
)

LOOK = ToolSpec(
    name="look",
    description="Looks.",
    parameters={"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]},
)


def choice(use: str, **more: object) -> ModelChoice:
    return ModelChoice.model_validate({"use": use, **more})


def ask(url: str, request: Request, calls: str) -> Reply:
    async def run() -> Reply:
        chosen = choice("openai-compatible:m", base_url=f"{url}/v1", calls=calls)
        model = open_model(chosen.use, chosen, {})
        try:
            return await model.ask(request)
        finally:
            await close_model(model)

    return asyncio.run(run())


REQUEST = Request(
    system="Be brief.",
    messages=(
        Said(text="Find A", integrity=Integrity.THIRD_PARTY),
        ModelSaid(text="", calls=(Call(id="call-0", tool="look", arguments={"q": "A"}),)),
        ToolSaid(call_id="call-0", tool="look", text="nothing"),
    ),
    tools=(LOOK,),
    note="Look again.",
)


def test_constrained_calls_come_from_an_answer_of_a_given_form() -> None:
    with serving(chat('{"tool": "look", "arguments": {"q": "B"}}')) as server:
        reply = ask(server.url, REQUEST, "constrained")
    assert reply.calls == (Call(id="call-1", tool="look", arguments={"q": "B"}),)
    sent = server.requests[0]
    assert "tools" not in sent
    assert "look" in sent["messages"][0]["content"]
    assert sent["messages"][-1]["content"] == "Look again."


def test_constrained_prose_is_malformed_and_still_counted() -> None:
    with serving(chat("I would look.")) as server, pytest.raises(ModelError) as caught:
        ask(server.url, REQUEST, "constrained")
    assert caught.value.error is ModelErrorClass.MALFORMED
    assert caught.value.usage.output_tokens == 7


def test_native_calls_go_through_the_provider() -> None:
    with serving(chat(None, calls=[("c9", "look", '{"q": "B"}')])) as server:
        assert ask(server.url, REQUEST, "native").calls[0].id == "c9"
    assert server.requests[0]["tools"][0]["function"]["name"] == "look"


@pytest.mark.parametrize(
    "name", ["openai:gpt-4o-2024-08-06", "anthropic:claude-opus-4-8", "google:gemini-2.0-flash-001"]
)
def test_while_the_network_is_blocked_nothing_leaves_this_machine(name: str) -> None:
    keys = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k", "GOOGLE_API_KEY": "k"}

    async def run() -> None:
        model = open_model(name, choice(name), keys)
        try:
            await model.ask(REQUEST)
        finally:
            await close_model(model)

    with network_blocked(), pytest.raises(ModelError, match="blocked") as caught:
        asyncio.run(run())
    assert caught.value.error is ModelErrorClass.REJECTED


def test_names_that_cannot_be_opened() -> None:
    with pytest.raises(CatalogueError):
        open_model("local:gpt-9", choice("local:gpt-9"), {})
    with pytest.raises(RemitError, match="OPENAI_API_KEY"):
        open_model("openai:gpt-4o-2024-08-06", choice("openai:gpt-4o-2024-08-06"), {})
