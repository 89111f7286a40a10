from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.model import Reply, Request, ToolSpec, Written, with_written_calls, written_calls


def call(tool: str, **arguments: Any) -> Written:
    return Written(tool=tool, arguments=arguments)


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("[find(city='Rome')]", (call("find", city="Rome"),)),
        (
            "```json\n[find(city='Rome'), book(day=3, late=True)]\n```",
            (call("find", city="Rome"), call("book", day=3, late=True)),
        ),
        (
            "a.find(city=Rome, area=[1.5, -2], more={'k': None})",
            (call("a.find", city="Rome", area=[1.5, -2], more={"k": None}),),
        ),
        ('[{"name": "find", "arguments": {"city": "Rome"}}]', (call("find", city="Rome"),)),
        ('{"tool": "find", "parameters": {"city": "Rome"}}', (call("find", city="Rome"),)),
        ("[{'find': {'at': (1, 2)}}]", (call("find", at=[1, 2]),)),
        ("[\"find(city='Rome')\"]", (call("find", city="Rome"),)),
        ("[range(from=1, to=2)]", ({"tool": "range", "from": 1, "to": 2},)),
        ("[mail(body='Let's meet', to='a')]", (call("mail", body="Let's meet", to="a"),)),
        ("[]", ()),
    ],
)
def test_the_usual_notations_are_read(text: str, calls: tuple[Any, ...]) -> None:
    read = written_calls(text, None)
    assert read is not None
    wanted = [
        one
        if isinstance(one, Written)
        else Written(tool=one["tool"], arguments={k: one[k] for k in one if k != "tool"})
        for one in calls
    ]
    assert list(read) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I would call find(city='Rome').",
        "Sure: [find(city='Rome')]",
        "[find('Rome')]",
        "[find(city='Rome', city='Oslo')]",
        "[find(**x)]",
        "[find(share=1/6)]",
        "[find(city=other())]",
        "[find(x=f'{secret}')]",
        "[find(x=b'raw')]",
        "[find(city='Rome'",
        "[1, 2]",
        '[{"name": "find", "arguments": {}, "why": "x"}]',
        '[{"name": "find", "city": "Rome"}]',
        "[" * 5000,
    ],
)
def test_anything_else_is_no_call(text: str) -> None:
    assert written_calls(text, None) is None


def test_only_known_tools_count() -> None:
    assert written_calls("[find(a=1)]", ["find"]) == (call("find", a=1),)
    assert written_calls("[find(a=1), delete(a=1)]", ["find"]) is None
    assert written_calls('[{"name": "find", "city": "Rome"}]', ["find"]) == (call("find", city="Rome"),)


arguments = st.dictionaries(
    st.from_regex(r"[a-z_]{1,8}", fullmatch=True),
    st.text() | st.integers() | st.booleans() | st.none() | st.lists(st.integers()),
    max_size=4,
)


@given(st.lists(arguments, min_size=1, max_size=3))
def test_values_come_back_as_they_were_written(every: list[dict[str, Any]]) -> None:
    text = ", ".join(
        f"find({', '.join(f'{_reserved(key)}={value!r}' for key, value in one.items())})" for one in every
    )
    read = written_calls(f"[{text}]", ["find"])
    assert read == tuple(
        Written(tool="find", arguments={_reserved(key): value for key, value in one.items()}) for one in every
    )


def _reserved(key: str) -> str:
    return f"{key}_"


def test_calls_written_as_text_are_calls_of_the_reply() -> None:
    request = Request(system="", messages=(), tools=(ToolSpec(name="find", description="", parameters={}),))
    for text in ('[find(city="Rome")]', '{"name": "find", "arguments": {"city": "Rome"}}'):
        reply = with_written_calls(Reply(text=text), request)
        assert [(call.tool, call.arguments) for call in reply.calls] == [("find", {"city": "Rome"})]
        assert reply.text == text


@pytest.mark.parametrize(
    "text", ["", "Rome is fine.", 'I would say find(city="Rome").', '[book(city="Rome")]', "[]"]
)
def test_an_answer_is_not_taken_for_a_call(text: str) -> None:
    request = Request(system="", messages=(), tools=(ToolSpec(name="find", description="", parameters={}),))
    assert with_written_calls(Reply(text=text), request).calls == ()


def test_where_a_form_is_promised_text_is_an_answer() -> None:
    tool = ToolSpec(name="find", description="", parameters={})
    request = Request(system="", messages=(), tools=(tool,), output_schema={"type": "object"})
    assert with_written_calls(Reply(text='{"name": "find", "arguments": {}}'), request).calls == ()
