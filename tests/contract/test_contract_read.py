import os
from pathlib import Path

import pytest
import yaml
from contract_samples import GROWN, SMALL, contract_of
from hypothesis import given
from hypothesis import strategies as st

from remit.contract import Ask, LastKnown, Lines, ToQueue, check, parse, parse_text
from remit.outcome import Effect, FailureMode

BASE = """\
remit: 1
agent: my-desk
purpose: Answer.
model: openai:gpt-5.1
handover: me@example.com
does: [answer]
"""


def complaints(text):
    """The problems of a text as (line, where, message, suggestion)."""
    return [(p.line, p.where, p.message, p.suggestion) for p in parse_text(text, "remit.yaml").problems]


def test_twelve_lines_are_a_remit():
    contract = contract_of(SMALL)
    assert contract.model.use == "openai:gpt-5.1-2025-11-13"
    assert contract.does_not[0].topic == "legal advice"
    assert contract.tools["find_order"].python == "desk:find_order"
    assert contract.tools["refund"].ask == Ask.model_validate({"when": "always"})


def test_a_grown_remit_is_read_whole():
    contract = contract_of(GROWN)
    assert contract.tools["find_transactions"].unavailable == LastKnown.model_validate({"last_known": "24h"})
    assert contract.tools["return_fee"].once_per == ("transaction_id",)
    assert contract.tools["return_fee"].args["amount_eur"].max == 50
    assert contract.on_failure[FailureMode.MODEL_UNAVAILABLE] == ToQueue(queue="front-desk")
    assert contract.budget.working_time == 60


@pytest.mark.parametrize(
    ("added", "line", "where", "message", "suggestion"),
    [
        ("tool: {}", 7, "tool", "`tool` is no key", "Did you mean `tools`?"),
        ("colour: red", 7, "colour", "`colour` is no key", "The keys here are `remit`"),
        ("input: {speaker: public}", 7, "input.speaker", "`speaker` is no key", "`from`"),
        (
            "tools: {f: {python: 'a:b', args: {x: {is_: user.id}}}}",
            7,
            "tools.f.args.x.is_",
            "no key",
            "`is`?",
        ),
        ("confidence: {from: judge}", 7, "confidence", "`from: judge` needs `judge: ...`", ""),
        ("confidence: {max_error: 0}", 7, "confidence.max_error", "0", ""),
        ("confidence: {sure: 0.5}", 7, "confidence.sure", "0.5", ""),
        ("confidence: {audit: 5}", 7, "confidence.audit", "1", ""),
        ("confidence: watch", 7, "confidence.mode", "watch", "`observe`"),
        ("knowledge: {}", 7, "knowledge", "nothing enforces `knowledge` yet", "Remove it."),
        ("agent: again", 7, "agent", "stands here twice, first on line 2", "Keep one."),
        ("tools:", 7, "tools", "this key has no value", "remove the key"),
        ("tools: [a]", 7, "tools", "a mapping (`name: ...`) is needed here, not a list", ""),
        ("tools:\n  f: {python: 'a:b',\n      timout: 3s}", 9, "tools.f.timout", "no key", "`timeout`?"),
        ("tools: {f: {python: 'a:b', timeout: 5}}", 7, "tools.f.timeout", "a duration is", "mean `5s`?"),
        ("tools: {f: {python: 'a:b', timeout: 4:30}}", 7, "tools.f.timeout", "'4:30' is no duration", ""),
        ("tools: {f: {python: 'a:b', timeout: 0s}}", 7, "tools.f.timeout", "more than 0", ""),
        ("tools: {f: {python: 'a:b', tries: 1_000}}", 7, "tools.f.tries", "a whole number", "Write `1000`"),
        ("tools: {f: {python: 'a:b', tries: 010}}", 7, "tools.f.tries", "a whole number", "Write `10`"),
        ("tools: {f: {python: 'a:b', tries: '2'}}", 7, "tools.f.tries", "not a text", "without quotes"),
        ("tools: {f: {python: 'a:b', tries: 1.5}}", 7, "tools.f.tries", "a whole number", ""),
        ("tools: {f: {python: 'a:b', tries: on}}", 7, "tools.f.tries", "not a text", "no plain number"),
        ("tools: {f: {python: 'a:b', tries: true}}", 7, "tools.f.tries", "not true or false", ""),
        ("tools: {f: {python: 'a:b', tries: 11}}", 7, "tools.f.tries", "at most 10, not `11`", ""),
        ("tools: {f: {python: 'a:b', args: {x: {max: .inf}}}}", 7, "tools.f.args.x.max", "a number", ""),
        (
            "tools: {f: {python: 'a:b', effect: irreversable}}",
            7,
            "tools.f.effect",
            "no value",
            "irreversible",
        ),
        ("tools: {f: {python: 'a:b', mcp: 's:t'}}", 7, "tools.f", "exactly one", ""),
        ("tools: {f: {timeout: 3s}}", 7, "tools.f", "exactly one", ""),
        ("tools: {f: desk.find}", 7, "tools.f.python", "named `module:function`", ""),
        ("tools: {find it: 'a:b'}", 7, "tools.find it", "a tool's name", ""),
        ("queues: {front desk: {}}", 7, "queues.front desk", "a name holds only", ""),
        ("queues: {desk: {deadline: 9999d}}", 7, "queues.desk.deadline", "at most 3650d, not 9999d", ""),
        ("on_failure: {tool_faild: fail}", 7, "on_failure.tool_faild", "no failure mode", "`tool_failed`?"),
        ("on_failure: {tool_failed: degarde}", 7, "on_failure.tool_failed", "no path", "`degrade`?"),
        ("on_failure: {tool_failed: desk}", 7, "on_failure.tool_failed", "no path", "write `{queue: desk}`"),
        ("on_failure: {tool_failed: {queu: a}}", 7, "on_failure.tool_failed", "`queu` is no key", "`queue`?"),
        ("on_failure: {tool_failed: {queue: a, q: b}}", 7, "on_failure.tool_failed.q", "no key", "`queue`"),
        ("on_failure: {tool_failed: [a]}", 7, "on_failure.tool_failed", "a path is needed", "last_known"),
        ("does_not: [{topic: x, queu: a}]", 7, "does_not.0.queu", "no key", "`queue`?"),
        ("does_not: legal", 7, "does_not", "a list is needed", "Write `[legal]`."),
        ("does_not: ['']", 7, "does_not.0.topic", "this text is empty", ""),
        ("input: {from: anyone}", 7, "input.from", "no value of this key", "`public`, `principal`"),
        ("output: {repair: 1}", 7, "output.schema", "`schema` is missing", "Add `schema: ...`."),
        ("servers: {s: {command: [x], headers: {A: [1]}}}", 7, "servers.s.headers.A", "{secret: NAME}", ""),
        (
            "servers: {s: {command: [x], headers: {A: {secrt: B}}}}",
            7,
            "servers.s.headers.A.secrt",
            "",
            "secret",
        ),
        ("limitations: [&x a, *x]", 7, "limitations.1", "an alias", "Write the value out"),
        ("owner: !!python/object:os.system x", 7, "owner", "the tag `tag:yaml.org,2002:python", "Remove it."),
        ("<<: {owner: x}", 7, "<<", "merge keys", "Write the keys out."),
        ("[a, b]: x", 7, "", "a key is a plain text", ""),
        ('owner: "a\\u202eb"', 7, "owner", "cannot see", ""),
        ('owner: "a\\ud800b"', 7, "owner", "cannot see", ""),
        ("owner: [1", 7, "", "this is not YAML", ""),
        ("owner: a: b", 7, "", "this is not YAML", "in quotes"),
        ("\towner: a", 7, "", "this is not YAML", "not with tabs"),
        ("---\nremit: 1", 7, "", "more than one document", "remove the `---`"),
        ('owner: "\\U00110000"', 1, "", "does not exist", ""),
    ],
)
def test_each_fault_is_one_sentence_at_its_line(added, line, where, message, suggestion):
    found = [problem for problem in complaints(BASE + added) if problem[1] == where]
    assert len(found) == 1
    assert found[0][0] == line
    assert message in found[0][2]
    assert suggestion in found[0][3]


@pytest.mark.parametrize("key", ["remit", "agent", "purpose", "model", "does"])
def test_a_missing_key_is_named(key):
    text = "".join(line for line in BASE.splitlines(keepends=True) if not line.startswith(f"{key}:"))
    assert complaints(text) == [(1, key, f"`{key}` is missing.", f"Add `{key}: ...`.")]


def test_all_problems_come_at_once_in_the_order_of_the_file():
    text = BASE.replace("agent: my-desk", "agent: my desk") + "tool: {}\nbudget: {steps: 0}\nknowledge: {}\n"
    assert [problem[:2] for problem in complaints(text)] == [
        (2, "agent"), (7, "tool"), (8, "budget.steps"), (9, "knowledge"),
    ]  # fmt: skip


def test_what_remains_of_a_faulty_remit_is_looked_at_too(tmp_path):
    parsed = parse_text(
        BASE + "owner: [x]\nbudget: {steps: many}\nlimitations: [[x]]\n"
        "secrets: [ABSENT]\non_failure: {tool_failed: {queue: dsk}}\n",
        "remit.yaml",
    )
    assert parsed.contract is None
    assert parsed.remains is not None
    assert {problem.where for problem in parsed.problems} == {"owner", "budget.steps", "limitations.0"}
    rest = check(parsed.remains, parsed.lines, parsed.file, {}, tmp_path)
    assert [(problem.line, problem.where) for problem in rest] == [
        (10, "secrets.0"), (11, "on_failure.tool_failed.queue"),
    ]  # fmt: skip


@pytest.mark.parametrize("fault", ["queues: [a]", "handover: [a]", "tools: {f: {}}", "servers: {s: x}"])
def test_nothing_is_guessed_where_names_cannot_be_known(fault):
    text = BASE.replace("handover: me@example.com\n", "") + fault
    assert parse_text(text, "remit.yaml").remains is None


def test_a_word_stays_the_text_that_was_written():
    contract = contract_of(
        BASE.replace("my-desk", "12")
        + "limitations: [on, yes, no, 2026-01-01, 4:30, 1_000, 010, 1.10, true, 12, 1e5]\ndoes_not: [404]\n"
    )
    assert contract.agent == "12"
    assert contract.does_not[0].topic == "404"
    assert contract.limitations == (
        "on",
        "yes",
        "no",
        "2026-01-01",
        "4:30",
        "1_000",
        "010",
        "1.10",
        "true",
        "12",
        "1e5",
    )


def test_environment_values_may_look_like_numbers():
    contract = contract_of(
        BASE + "servers: {s: {command: [serve], environment: {PORT: 8080, DEBUG: true}}}\n"
    )
    assert contract.servers["s"].environment == {"PORT": "8080", "DEBUG": "true"}


def test_an_answer_may_be_null_but_no_other_value():
    contract = contract_of(BASE + "on_failure: {output_invalid: {value: {order: null, n: 1}}}\n")
    assert contract.on_failure[FailureMode.OUTPUT_INVALID].value == {"order": None, "n": 1}
    assert complaints(BASE + "handover2: 1\nowner: ~\n")[1][1:3] == ("owner", "this key has no value.")


def test_an_effect_is_an_effect():
    contract = contract_of(BASE + "tools: {f: {python: 'a:b', effect: keyed}}\n")
    assert contract.tools["f"].effect is Effect.KEYED


def test_a_secret_written_in_place_is_not_repeated():
    text = BASE.replace("model: openai:gpt-5.1", "model: {use: 'openai:gpt-5.1', api_key: hunter2}")
    assert complaints(text)[0][1] == "model.api_key"
    assert "hunter2" not in str(complaints(text))


def test_lines_fall_back_to_the_nearest_parent():
    lines = parse_text(SMALL, "remit.yaml").lines
    assert lines.at("tools.refund.ask.when") == 10
    assert lines.at("tools.absent.ask") == 8
    assert lines.at("absent") == 1
    assert Lines().at("a.b") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"# only a comment\n", "the file is empty"),
        (b"- a\n", "a remit is a mapping"),
        (b"hello", "a remit is a mapping"),
        (b"\x00\x01\x02", "no text file"),
        ("remit: 1".encode("utf-16"), "no text file"),
        (b"remit: 1\nagent: \xff\n", "not UTF-8"),
        (b"a" * 300_000, "larger than 256 KB"),
        (b"a: \x07", "this is not YAML"),
        (b"[" * 5000, "nested too deeply"),
        (b"{a: " * 100 + b"1" + b"}" * 100, "more than 30 levels"),
        (b"purpose: &a [*a]", "an alias"),
    ],
)
def test_a_file_that_is_no_remit_says_so(tmp_path, content, message):
    path = tmp_path / "remit.yaml"
    path.write_bytes(content)
    parsed = parse(path)
    assert parsed.contract is None
    assert message in " ".join(problem.line_text() for problem in parsed.problems)


def test_the_line_of_a_wrong_byte_is_given(tmp_path):
    path = tmp_path / "remit.yaml"
    path.write_bytes(b"remit: 1\nagent: \xff\n")
    assert parse(path).problems[0].line == 2


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "remit.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + BASE.encode())
    assert parse(path).contract is not None


def test_a_path_that_cannot_be_read_is_a_problem(tmp_path):
    assert "no such file" in parse(tmp_path / "absent.yaml").problems[0].message
    assert "not a file" in parse(tmp_path).problems[0].message
    assert parse(Path("a\0b")).problems
    assert parse(tmp_path / ("a" * 5000)).problems


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_problem(tmp_path):
    path = tmp_path / "remit.yaml"
    path.write_text(BASE)
    path.chmod(0)
    assert "cannot be read" in parse(path).problems[0].message


@given(st.binary(max_size=300))
def test_no_bytes_raise(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "bytes.yaml"
    path.write_bytes(content)
    parsed = parse(path)
    assert (parsed.contract is None) == bool(parsed.problems)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates()
KEYS = st.sampled_from(
    [
        "remit",
        "agent",
        "purpose",
        "model",
        "does",
        "does_not",
        "tools",
        "queues",
        "on_failure",
        "handover",
        "budget",
        "servers",
        "args",
        "ask",
        "python",
        "tool_failed",
        "queue",
        "say",
        "value",
        "last_known",
        "use",
        "fallback",
        "secret",
        "<word>",
        "[key]",
        "x",
    ]
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(TREES, st.dictionaries(KEYS, TREES, max_size=6))
def test_no_tree_raises_and_every_problem_is_a_sentence(tree, over):
    for data in (tree, {**yaml.safe_load(GROWN), **over}):
        parsed = parse_text(yaml.safe_dump(data, allow_unicode=True), "remit.yaml")
        assert (parsed.contract is None) == bool(parsed.problems)
        for problem in parsed.problems:
            assert problem.line >= 1
            assert problem.message.endswith(".")
            assert "Input should" not in problem.message
        assert parsed.remains is None or parsed.remains.remit == 1


@given(st.text(alphabet="abr:{}[]-&*!|>'\"%@`#, \n\t0123456789~<?\\", max_size=60))
def test_no_text_raises(text):
    parsed = parse_text(text, "remit.yaml")
    assert parsed.problems


@given(st.integers(0, len(GROWN)), st.text(max_size=6), st.integers(0, 6))
def test_no_damage_to_a_remit_raises(at, inserted, removed):
    parsed = parse_text(GROWN[:at] + inserted + GROWN[at + removed :], "remit.yaml")
    assert (parsed.contract is None) == bool(parsed.problems)
