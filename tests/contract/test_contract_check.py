import json

import pytest
from contract_samples import GROWN, GROWN_FACTS, SMALL, SMALL_FACTS, facts

from remit.contract import check, check_tools, output_schema, parse_text, secret_names

BASE = """\
remit: 1
agent: my-desk
purpose: Answer.
model: openai:gpt-5.1
does: [answer]
"""
SET = {"TOKEN": "t"}


def checked(added, tmp_path, environment=SET):
    parsed = parse_text(BASE + added, "remit.yaml")
    assert parsed.contract is not None, parsed.problems
    problems = check(parsed.contract, parsed.lines, parsed.file, environment, tmp_path)
    return [(problem.line, problem.where, problem.message, problem.suggestion) for problem in problems]


def tool_checked(added, found):
    parsed = parse_text(BASE + "handover: me@example.com\n" + added, "remit.yaml")
    assert parsed.contract is not None, parsed.problems
    problems = check_tools(parsed.contract, parsed.lines, parsed.file, found)
    return [(problem.line, problem.where, problem.message, problem.suggestion) for problem in problems]


def test_the_two_remits_of_the_guide_agree_with_themselves_and_their_tools(tmp_path):
    (tmp_path / "answer.json").write_text('{"type": "object"}')
    for text, found in ((SMALL, SMALL_FACTS), (GROWN, GROWN_FACTS)):
        parsed = parse_text(text, "remit.yaml")
        assert check(parsed.contract, parsed.lines, parsed.file, {}, tmp_path) == ()
        assert check_tools(parsed.contract, parsed.lines, parsed.file, found) == ()


@pytest.mark.parametrize(
    ("added", "where", "message", "suggestion"),
    [
        ("handover: front-desk", "handover", "`front-desk` is not declared", "`queues: {front-desk: {}}`"),
        ("does_not: [{topic: x, queue: dsk}]\nqueues: {desk: {}}", "does_not.0.queue", "`dsk`", "`desk`?"),
        ("tools: {f: {python: 'a:b', ask: {when: always, queue: q}}}", "tools.f.ask.queue", "`q` is not", ""),
        ("tools: {f: {python: 'a:b', failed: {queue: q}}}", "tools.f.failed.queue", "`q` is not", ""),
        ("tools: {f: {python: 'a:b', unknown: {queue: q}}}", "tools.f.unknown.queue", "`q` is not", ""),
        ("on_failure: {tool_failed: {queue: q}}", "on_failure.tool_failed.queue", "`q` is not", ""),
        ("on_failure: {tool_failed: {queue: a@b.c}}", "on_failure.tool_failed.queue", "`a@b.c` is not", ""),
        (
            "tools: {f: {python: 'a:b', ask: always}}",
            "tools.f.ask", "nobody is there to be asked", "handover",
        ),
        ("secrets: [TOKEN, ABSENT]", "secrets.1", "`ABSENT` is not set", "export ABSENT=..."),
        (
            "servers: {s: {command: [x], environment: {A: {secret: ABSENT}}}}",
            "servers.s.environment.A", "`ABSENT` is not set", "",
        ),
        (
            "servers: {s: {url: 'http://x', headers: {A: {secret: ABSENT}}}}",
            "servers.s.headers.A", "`ABSENT` is not set", "",
        ),
        ("servers: {s: {}}", "servers.s", "exactly one", ""),
        ("servers: {s: {command: [x], url: 'http://x'}}", "servers.s", "exactly one", ""),
        ("servers: {s: {command: [x], headers: {A: b}}}", "servers.s.headers", "`url` only", "environment"),
        (
            "servers: {s: {url: 'http://x', environment: {A: b}}}",
            "servers.s.environment", "only a `command`", "",
        ),
        ("tools: {f: {mcp: 's:t', effect: read}}", "tools.f.mcp", "server `s` is not declared", "servers"),
        (
            "tools: {f: {mcp: 'srm:t', effect: read}}\nservers: {crm: {command: [x]}}",
            "tools.f.mcp", "", "`crm`?",
        ),
        ("tools: {f: {mcp: 's:t'}}\nservers: {s: {command: [x]}}", "tools.f.effect", "dependably", "read"),
        (
            "handover: a@b.c\ntools: {f: {python: 'a:b', ask: {when: amount is 3}}}",
            "tools.f.ask.when", "only `==`", "",
        ),
        (
            "tools: {f: {python: 'a:b', args: {x: {min: 3, max: 2}}}}",
            "tools.f.args.x.min", "above the largest", "",
        ),
        (
            "tools: {f: {python: 'a:b', args: {x: {is: account}}}}",
            "tools.f.args.x.is", "no field", "user.FIELD",
        ),
        ("tools: {f: {python: 'a:b', args: {x: {is: user.}}}}", "tools.f.args.x.is", "no field", ""),
        (
            "tools: {f: {python: 'a:b', args: {x: {only_from: g.id}}}}",
            "tools.f.args.x.only_from", "no tool", "`f`",
        ),
        (
            "tools: {f: {python: 'a:b', args: {x: {only_from: f}}}}",
            "tools.f.args.x.only_from", "", "`f.FIELD`",
        ),
        ("on_failure: {low_confidence: fail}", "on_failure.low_confidence", "held back", "Add `confidence"),
        ("confidence: {below: degrade}", "confidence.below", "makes no sense", "queue"),
        ("confidence: {below: {queue: peple}}", "confidence.below.queue", "not declared", "peple"),
        ("confidence: {samples: 3}", "confidence.samples", "only `from: samples`", "Remove it"),
        ("confidence: {judge: 'openai:a'}", "confidence.judge", "only `from: judge`", "Remove it"),
        ("confidence: {function: 'a:b'}", "confidence.function", "only `from: function`", "Remove it"),
        ("confidence: {slices: customer}", "confidence.slices", "names nothing", "`output.FIELD`"),
        ("confidence: {slices: user.}", "confidence.slices", "names nothing", "`topic`"),
        (
            "on_failure: {tool_failed: {last_known: 3h}}",
            "on_failure.tool_failed", "only a tool", "unavailable",
        ),
        (
            "on_failure: {model_unavailable: degrade}",
            "on_failure.model_unavailable", "makes no sense", "queue",
        ),
        ("on_failure: {effect_unknown: {value: 1}}", "on_failure.effect_unknown", "makes no sense", "`fail`"),
        ("on_failure: {invalid_input: degrade}", "on_failure.invalid_input", "makes no sense", "`refuse`"),
        ("tools: {f: {python: 'a:b', failed: refuse}}", "tools.f.failed", "makes no sense", "last_known"),
        ("output: {schema: absent.json}", "output.schema", "cannot be read", "beside the remit"),
        ("output: {schema: ../x.json}", "output.schema", "outside the remit's folder", ""),
        ("output: {schema: prose.json}", "output.schema", "is not JSON", ""),
        ("output: {schema: list.json}", "output.schema", "not an object", ""),
        ("output: {schema: wrong.json}", "output.schema", "no JSON Schema: at `/type`", ""),
        ("output: {schema: remote.json}", "output.schema", "nothing is fetched", "$defs"),
        ("output: {schema: dangling.json}", "output.schema", "`#/$defs/b`, which is not in it", ""),
    ],
)  # fmt: skip
def test_each_disagreement_is_one_problem_at_its_line(tmp_path, added, where, message, suggestion):
    (tmp_path / "prose.json").write_text("hello")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "wrong.json").write_text('{"type": "strin"}')
    (tmp_path / "remote.json").write_text('{"$ref": "https://example.com/a.json"}')
    (tmp_path / "dangling.json").write_text('{"$defs": {"a": {}}, "items": {"$ref": "#/$defs/b"}}')
    found = checked(added, tmp_path)
    assert [problem[1] for problem in found] == [where]
    assert found[0][0] == next(
        number
        for number, line in enumerate((BASE + added).splitlines(), 1)
        if where.split(".")[0] + ":" in line
    )
    assert message in found[0][2]
    assert suggestion in found[0][3]


def test_model_needs_its_key_and_its_address(tmp_path):
    text = BASE.replace("openai:gpt-5.1", "{use: 'openai-compatible:x', api_key: {secret: ABSENT}}")
    parsed = parse_text(text, "remit.yaml")
    found = check(parsed.contract, parsed.lines, parsed.file, {}, tmp_path)
    assert [(problem.line, problem.where) for problem in found] == [
        (4, "model.api_key"),
        (4, "model.base_url"),
    ]
    assert secret_names(parsed.contract) == {"ABSENT"}


def test_an_address_is_a_queue_by_itself(tmp_path):
    added = (
        "handover: a@b.c\non_failure: {tool_failed: {queue: a@b.c}}\ntools: {f: {python: 'a:b', ask: always}}"
    )
    assert checked(added, tmp_path) == []


def test_an_empty_secret_is_not_set(tmp_path):
    assert checked("secrets: [TOKEN]", tmp_path, {"TOKEN": ""})[0][1] == "secrets.0"


def test_the_output_schema_is_read(tmp_path):
    schema = {"$defs": {"a/b": {"type": "string"}}, "properties": {"x": {"$ref": "#/$defs/a~1b"}}}
    (tmp_path / "answer.json").write_text(json.dumps(schema))
    assert checked("output: {schema: answer.json}", tmp_path) == []
    parsed = parse_text(BASE + "output: {schema: answer.json}", "remit.yaml")
    assert output_schema(parsed.contract, tmp_path) == schema
    assert output_schema(parse_text(BASE, "remit.yaml").contract, tmp_path) is None
    (tmp_path / "answer.json").write_text("[" * 100_000)
    assert "nested too deeply" in checked("output: {schema: answer.json}", tmp_path)[0][2]
    with pytest.raises(ValueError, match="nested"):
        output_schema(parsed.contract, tmp_path)


ACT = facts("irreversible", "account", "amount", "note", numeric=("amount",))
KEYED = facts("keyed", "account")
READ = facts("read", "account")


@pytest.mark.parametrize(
    ("rule", "tool", "where", "message", "suggestion"),
    [
        ("effect: read", ACT, "tools.f.effect", "may not loosen", "@tool"),
        ("effect: keyed", ACT, "tools.f.effect", "declares `irreversible`", ""),
        ("args: {acount: {}}", READ, "tools.f.args.acount", "no argument `acount`", "`account`?"),
        ("once_per: [acount]", KEYED, "tools.f.once_per.0", "no argument `acount`", "`account`?"),
        ("args: {account: {max: 3}}", READ, "tools.f.args.account.max", "is no number", "Remove it."),
        ("args: {account: {min: 3}}", READ, "tools.f.args.account.min", "is no number", "Remove it."),
        (
            "ask: {when: amont > 3}",
            facts("read", "amount", numeric=("amount",)),
            "tools.f.ask.when",
            "",
            "`amount`?",
        ),
        ("ask: {when: account > 3}", READ, "tools.f.ask.when", "`account` is no number", "always"),
        (
            "ask: {when: amount == 'x'}",
            facts("read", "amount", numeric=("amount",)),
            "tools.f.ask.when",
            "",
            "",
        ),
        ("key_ttl: 3h", READ, "tools.f.key_ttl", "not keyed", "Remove it."),
        ("tries: 2, ask: always", ACT, "tools.f.tries", "may act twice", "Remove it"),
        ("tries: 2, effect: irreversible, ask: always", READ, "tools.f.tries", "may act twice", ""),
        ("once_per: [account]", READ, "tools.f.once_per", "acts on nothing", "Remove it."),
        ("unknown: {queue: me@example.com}", READ, "tools.f.unknown", "called again", "Remove it."),
        (
            "failed: {last_known: 3h}, ask: always",
            KEYED,
            "tools.f.failed",
            "an earlier result",
            "Only a read",
        ),
    ],
)
def test_each_rule_that_a_tool_does_not_bear_is_one_problem(rule, tool, where, message, suggestion):
    found = tool_checked(f"tools:\n  f: {{python: 'a:b', {rule}}}\n", {"f": tool})
    assert [problem[:2] for problem in found] == [(8, where)]
    assert message in found[0][2]
    assert suggestion in found[0][3]


def test_a_tool_that_could_not_be_imported_is_passed_over():
    assert tool_checked("tools: {f: 'a:b', g: 'a:c'}", {"g": READ}) == []


def test_somebody_must_learn_of_an_unknown_effect():
    for added, fine in (("", False), ("on_failure: {effect_unknown: fail}\n", True)):
        parsed = parse_text(BASE + added + "tools: {f: 'a:b'}\n", "remit.yaml")
        found = check_tools(parsed.contract, parsed.lines, parsed.file, {"f": ACT})
        assert [problem.where for problem in found] == ([] if fine else ["tools.f"])


def lethal(rule, tool=ACT, reading=READ):
    added = f"tools:\n  look: 'a:look'\n  f: {{python: 'a:b'{rule}}}\n"
    return [problem[2] for problem in tool_checked(added, {"look": reading, "f": tool})]


@pytest.mark.parametrize(
    ("rule", "free"),
    [
        ("", "`account`, `amount`, `note`"),
        (", ask: never", "`account`, `amount`, `note`"),
        (", ask: {when: always, otherwise: approve}", "`account`, `amount`, `note`"),
        (", ask: {when: amount > 20}", "`account`, `note`"),
        (", ask: {when: amount > 20, otherwise: approve}", "`account`, `amount`, `note`"),
        (", ask: {when: amount < 20}", "`account`, `amount`, `note`"),
        (", args: {account: {is: user.account}}", "`amount`, `note`"),
        (", args: {account: {is: user.account}, amount: {max: 5}}", "`note`"),
        (", args: {account: {is: user.account}, amount: {min: 5}, note: {kind: content}}", "`amount`"),
        (", args: {account: {}, amount: {max: 5}, note: {kind: content}}", "`account`"),
    ],
)
def test_strangers_words_private_reads_and_a_free_act_are_refused(rule, free):
    (message,) = lethal(rule)
    assert f"`f` acts on {free} without a limit" in message
    assert "`look`" in message
    assert lethal(rule, facts("keyed", *ACT.arguments, numeric=("amount",)))


@pytest.mark.parametrize(
    "rule",
    [
        ", ask: always",
        ", args: {account: {is: user.account}, amount: {max: 5}, note: {kind: content}}",
        ", args: {account: {only_from: look.id}, amount: {max: 5}, note: {only_from: look.note}}",
        ", ask: {when: amount > 20}, args: {account: {is: user.account}, note: {kind: content}}",
    ],
)
def test_each_way_out_is_one(rule):
    assert lethal(rule) == []


def test_without_a_read_or_without_a_consequence_nothing_is_lethal():
    assert lethal("", reading=facts("idempotent")) == []
    assert lethal("", tool=facts("idempotent", "account")) == []
    assert lethal("", tool=facts("irreversible")) == []
    assert lethal(", effect: irreversible", tool=facts("idempotent", "account"))
