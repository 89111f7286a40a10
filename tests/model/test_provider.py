import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from provider_server import Answer, Server, anthropic, chat, failure, serving

from remit.contract import ModelChoice
from remit.errors import RemitError
from remit.event import Call, Integrity, ModelSaid, Said, ToolSaid
from remit.model.port import ModelError, ModelErrorClass, Reply, Request, ToolSpec
from remit.model.provider import ProviderModel, open_provider

LOOKUP = ToolSpec(
    name="lookup",
    description="Looks up.",
    parameters={"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]},
)
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


def said(text: str) -> Said:
    return Said(text=text, integrity=Integrity.THIRD_PARTY)


def asking(text: str = "Hi", **changes: Any) -> Request:
    return Request(**{"system": "Be brief.", "messages": (said(text),), "timeout_s": 20.0, **changes})


def compatible(server: Server, name: str = "openai-compatible:served") -> ProviderModel:
    choice = ModelChoice.model_validate(
        {"use": name, "base_url": f"{server.url}/v1", "api_key": {"secret": "KEY"}}
    )
    return open_provider(choice, name, {"KEY": "k-123"})


def claude(server: Server, name: str = "anthropic:claude-haiku-4-5-20251001") -> ProviderModel:
    choice = ModelChoice.model_validate({"use": name, "base_url": server.url})
    return open_provider(choice, name, {"ANTHROPIC_API_KEY": "k-9"})


def ask(
    request: Request, *answers: Answer, opened: Callable[[Server], ProviderModel] = compatible
) -> tuple[Reply, Server]:
    async def run(server: Server) -> Reply:
        model = opened(server)
        try:
            return await model.ask(request)
        finally:
            await model.close()

    with serving(*answers) as server:
        return asyncio.run(run(server)), server


def refused(answer: Answer, request: Request | None = None) -> ModelError:
    with pytest.raises(ModelError) as caught:
        ask(request or asking(), answer)
    return caught.value


def test_text_usage_model_and_key() -> None:
    reply, server = ask(asking(note="Only JSON."), chat("Good day."))
    assert (reply.text, reply.calls, reply.finish) == ("Good day.", (), "stop")
    assert reply.reported_model == "served-model-2026-01-01"
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.cost_usd) == (11, 7, 0.0)
    assert reply.provider_parts == ""
    assert server.headers[0]["authorization"] == "Bearer k-123"
    sent = server.requests[0]
    assert sent["temperature"] == 0.0
    assert [(m["role"], m["content"]) for m in sent["messages"]] == [
        ("system", "Be brief."),
        ("user", "Hi"),
        ("user", "Only JSON."),
    ]


def test_calls_and_results_keep_their_order() -> None:
    request = asking(
        messages=(
            said("Find A and B"),
            ModelSaid(
                text="Looking.",
                calls=(
                    Call(id="c1", tool="lookup", arguments={"q": "A"}),
                    Call(id="c2", tool="lookup", arguments="{q:"),
                ),
            ),
            ToolSaid(call_id="c1", tool="lookup", text="found A"),
            ToolSaid(call_id="c2", tool="lookup", text="no JSON", failed=True),
        ),
        tools=(LOOKUP,),
    )
    reply, server = ask(request, chat(None, calls=[("c3", "lookup", '{"q": "B"}')], finish="tool_calls"))
    assert reply.calls == (Call(id="c3", tool="lookup", arguments={"q": "B"}),)
    assert reply.text == ""
    roles = [message["role"] for message in server.requests[0]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "tool"]
    assert server.requests[0]["tools"][0]["function"]["name"] == "lookup"


@pytest.mark.parametrize("raw", ["{q: unclosed", '["a"]', '"text"', '{"q": NaN}', '{"q": "\\ud800"}'])
def test_malformed_arguments_stay_text(raw: str) -> None:
    reply, _ = ask(asking(tools=(LOOKUP,)), chat(None, calls=[("c1", "lookup", raw)]))
    assert reply.calls[0].arguments == raw


def test_an_unknown_tool_is_passed_on() -> None:
    reply, _ = ask(asking(tools=(LOOKUP,)), chat(None, calls=[("c1", "made_up", "{}")]))
    assert reply.calls == (Call(id="c1", tool="made_up", arguments={}),)


def test_a_truncated_reply_says_so() -> None:
    reply, _ = ask(asking(), chat("It was a", finish="length"))
    assert reply.finish == "length"


def test_logprobs_become_their_mean() -> None:
    reply, _ = ask(asking(), chat("x", logprobs=[-0.1, -0.3]))
    assert reply.mean_logprob == pytest.approx(-0.2)


def test_a_schema_goes_the_native_way_or_into_the_prompt() -> None:
    _, server = ask(asking(output_schema=SCHEMA), chat('{"a": "x"}'))
    assert (
        server.requests[0]["response_format"]["json_schema"]["schema"]["properties"] == SCHEMA["properties"]
    )
    _, server = ask(asking(output_schema={"type": "array"}), chat("[]"))
    assert '"array"' in json.dumps(server.requests[0]["messages"]).replace("\\", "")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failure(429, "rate_limit_exceeded", "slow down"), ModelErrorClass.RATE_LIMITED),
        (failure(500, "server_error", "oops"), ModelErrorClass.OVERLOADED),
        (failure(503, "overloaded", "busy"), ModelErrorClass.OVERLOADED),
        (failure(401, "invalid_api_key", "wrong key"), ModelErrorClass.AUTHENTICATION),
        (failure(404, "model_not_found", "no such model"), ModelErrorClass.NOT_FOUND),
        (failure(400, "bad", "temperature is wrong"), ModelErrorClass.REJECTED),
        (failure(400, "context_length_exceeded", "too long"), ModelErrorClass.CONTEXT_WINDOW),
        (failure(400, "", "the request exceeds the available context size"), ModelErrorClass.CONTEXT_WINDOW),
        (failure(429, "insufficient_quota", "no credit"), ModelErrorClass.REJECTED),
        (chat("", finish="stop"), ModelErrorClass.EMPTY),
        (chat(" \n", finish="length"), ModelErrorClass.EMPTY),
        (chat(None, finish="content_filter"), ModelErrorClass.REJECTED),
        (Answer(body={"id": "x", "object": "chat.completion", "choices": []}), ModelErrorClass.MALFORMED),
        (Answer(body=b"<html>not json</html>"), ModelErrorClass.MALFORMED),
        (Answer(body=b"hello", headers={"content-type": "text/plain"}), ModelErrorClass.MALFORMED),
        (Answer(body=[1, 2]), ModelErrorClass.MALFORMED),
        (Answer(fault="reset"), ModelErrorClass.CONNECTION),
    ],
)
def test_each_misbehaviour_has_its_class_and_is_tried_once(answer: Answer, error: ModelErrorClass) -> None:
    assert refused(answer).error is error


def test_retry_after_is_kept() -> None:
    assert refused(failure(429, "rate_limit_exceeded", "slow", retry_after="7")).retry_after_s == 7


def test_an_empty_reply_still_says_what_it_cost() -> None:
    assert refused(chat("")).usage.input_tokens == 11


def test_a_server_that_never_answers_is_left_after_the_timeout() -> None:
    assert refused(Answer(fault="hang"), asking(timeout_s=0.2)).error is ModelErrorClass.TIMEOUT


def test_nobody_listens() -> None:
    with serving() as server:
        model = compatible(server)
    with pytest.raises(ModelError) as caught:
        asyncio.run(model.ask(asking()))
    assert caught.value.error is ModelErrorClass.CONNECTION
    asyncio.run(model.close())


def test_anthropic_reasoning_is_kept_and_sent_back() -> None:
    thinking = {"type": "thinking", "thinking": "hm", "signature": "sig-1"}
    use = {"type": "tool_use", "id": "t1", "name": "lookup", "input": {"q": "A"}}
    reply, _ = ask(asking(tools=(LOOKUP,)), anthropic(thinking, use, stop="tool_use"), opened=claude)
    assert reply.calls == (Call(id="t1", tool="lookup", arguments={"q": "A"}),)
    assert "sig-1" in reply.provider_parts
    assert reply.usage.cost_usd == pytest.approx(0.0015)
    assert reply.reported_model == "claude-haiku-4-5-20251001"
    again = asking(
        messages=(
            said("Hi"),
            ModelSaid(text="", calls=reply.calls, provider_parts=reply.provider_parts),
            ToolSaid(call_id="t1", tool="lookup", text="found"),
        ),
        tools=(LOOKUP,),
    )
    _, server = ask(again, anthropic({"type": "text", "text": "Done."}), opened=claude)
    blocks = server.requests[0]["messages"][1]["content"]
    assert {"type": "thinking", "thinking": "hm", "signature": "sig-1"} in blocks
    assert "k-9" in (server.headers[0].get("x-api-key", "") + server.headers[0].get("authorization", ""))


def test_broken_provider_parts_fall_back_to_text_and_calls() -> None:
    call = Call(id="t1", tool="lookup", arguments={"q": "A"})
    for broken in ("no json", "[]", '[{"kind": "request", "parts": []}]'):
        request = asking(
            messages=(
                said("Hi"),
                ModelSaid(text="", calls=(call,), provider_parts=broken),
                ToolSaid(call_id="t1", tool="lookup", text="found"),
            )
        )
        _, server = ask(request, chat("Done."))
        assert server.requests[0]["messages"][2]["tool_calls"][0]["id"] == "t1"


def test_a_tool_of_the_provider_is_refused() -> None:
    server_use = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "x"}}
    result = {"type": "web_search_tool_result", "tool_use_id": "s1", "content": []}
    with pytest.raises(ModelError) as caught:
        ask(asking(), anthropic(server_use, result, {"type": "text", "text": "Found."}), opened=claude)
    assert caught.value.error is ModelErrorClass.REJECTED


def test_a_closed_model_serves_another_event_loop() -> None:
    with serving(chat("one"), chat("two")) as server:
        model = compatible(server)

        async def once() -> str:
            reply = await model.ask(asking())
            await model.close()
            return reply.text

        assert [asyncio.run(once()), asyncio.run(once())] == ["one", "two"]


def test_openai_speaks_responses_and_stores_nothing() -> None:
    body = {
        "id": "r1",
        "object": "response",
        "created_at": 1700000000,
        "model": "gpt-4o-2024-08-06",
        "status": "completed",
        "output": [
            {
                "type": "message",
                "id": "msg1",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": "Hi.", "annotations": []}],
            }
        ],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 1000,
            "output_tokens": 10,
            "total_tokens": 1010,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }

    def opened(server: Server) -> ProviderModel:
        name = "openai:gpt-4o-2024-08-06"
        choice = ModelChoice.model_validate({"use": name, "base_url": f"{server.url}/v1"})
        return open_provider(choice, name, {"OPENAI_API_KEY": "k"})

    reply, server = ask(asking(), Answer(body=body), opened=opened)
    assert reply.text == "Hi."
    assert reply.usage.cost_usd == pytest.approx(0.0026)
    assert server.requests[0]["store"] is False
    assert "message.output_text.logprobs" in server.requests[0]["include"]


def test_reasoning_models_get_no_temperature() -> None:
    def opened(server: Server) -> ProviderModel:
        return claude(server, "anthropic:claude-opus-4-8")

    _, server = ask(asking(), anthropic({"type": "text", "text": "Hi."}), opened=opened)
    assert "temperature" not in server.requests[0]


def test_the_window_is_known_for_known_models() -> None:
    choice = ModelChoice.model_validate({"use": "openai:gpt-4o-2024-08-06"})
    assert open_provider(choice, choice.use, {"OPENAI_API_KEY": "k"}).context_tokens == 128_000
    google = ModelChoice.model_validate({"use": "google:gemini-2.0-flash-001"})
    assert open_provider(google, google.use, {"GEMINI_API_KEY": "k"}).context_tokens == 1_000_000


def test_a_key_and_an_address_go_only_to_their_own_provider() -> None:
    choice = ModelChoice.model_validate(
        {
            "use": "openai-compatible:x",
            "base_url": "http://127.0.0.1:9/v1",
            "api_key": {"secret": "MINE"},
            "fallback": ["anthropic:claude-opus-4-8"],
        }
    )
    with pytest.raises(RemitError, match="ANTHROPIC_API_KEY"):
        open_provider(choice, "anthropic:claude-opus-4-8", {"MINE": "secret"})
    model = open_provider(choice, "anthropic:claude-opus-4-8", {"MINE": "secret", "ANTHROPIC_API_KEY": "a"})
    assert "127.0.0.1" not in str(model._model.base_url)


@pytest.mark.parametrize("name", ["gpt", "nobody:x", "openai:", ":x"])
def test_names_that_name_nothing(name: str) -> None:
    choice = ModelChoice.model_validate({"use": "openai:gpt-4o-2024-08-06"})
    with pytest.raises(RemitError):
        open_provider(choice, name, {"OPENAI_API_KEY": "k"})
