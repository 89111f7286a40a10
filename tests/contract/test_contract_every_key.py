"""Change any key of the file, and something that people or the runtime read changes with it."""

import copy
import json
import re

import pytest
from contract_samples import contract_of, facts

from remit.contract import (
    canonical,
    failure_table,
    parse_text,
    runbook_html,
    runbook_markdown,
    schema_reference,
    system_prompt,
)

FULL = {
    "remit": 1,
    "agent": "card-desk",
    "purpose": "Answer card holders.",
    "owner": "cards@example.com",
    "instructions": "Be brief.",
    "input": {
        "from": "public",
        "max_tokens": 2000,
        "schema": "question.json",
        "suspicious_from": 0.9,
        "languages": ["en"],
        "other_language": {"say": "In English, please."},
    },
    "model": {
        "use": "openai-compatible:a",
        "fallback": ["local:b"],
        "base_url": "http://localhost:1",
        "api_key": {"secret": "KEY"},
        "calls": "auto",
        "temperature": 0.5,
        "max_output_tokens": 900,
        "timeout": "50s",
        "tries": 2,
        "calls_per_minute": 60,
        "tokens_per_minute": 6000,
    },
    "handover": "people",
    "does": ["explain charges"],
    "does_not": [{"topic": "tax advice", "words": ["tax"], "queue": "people", "say": "No tax."}],
    "limitations": ["It sees 90 days."],
    "scope": {"examples": "scope.csv", "keep": 0.9, "unfamiliar": {"queue": "people"}},
    "output": {"schema": "answer.json", "repair": 2},
    "confidence": {
        "mode": "gate",
        "from": "samples",
        "max_error": 0.04,
        "sure": 0.95,
        "below": {"queue": "people"},
        "samples": 4,
        "judge": "openai:gpt-5.1-2025-11-13",
        "function": "desk:score",
        "slices": "user.segment",
        "audit": 0.1,
    },
    "budget": {"steps": 9, "tokens": 9000, "cost_usd": 0.1, "working_time": "50s"},
    "flow": {"runs": 20, "runs_per_tenant": 5, "queued": 100},
    "schedules": {"daily": {"cron": "0 6 * * 1-5", "input": "Report1.", "tenant": "t1"}},
    "window": {"tokens": 4000, "when_full": ["slide"]},
    "ask_person": {"queue": "people", "at_most": 3, "deadline": "2h", "otherwise": "go_on"},
    "tools": {
        "look": {"python": "desk:look", "unavailable": {"last_known": "3h"}, "failed": {"say": "Down."}},
        "act": {
            "mcp": "crm:act",
            "effect": "keyed",
            "ask": {"when": "amount > 20", "queue": "people", "deadline": "3h", "otherwise": "deny"},
            "timeout": "9s",
            "tries": 2,
            "calls_per_minute": 30,
            "args": {
                "account": {"kind": "authority", "is": "user.account"},
                "id": {"only_from": "look.id", "type": "order.id"},
                "amount": {"max": 50, "min": 5},
                "note": {"kind": "content", "active_content": "deny"},
            },
            "egress": False,
            "audience": "note",
            "returns": {
                "integrity": "attested",
                "readers": "public",
                "records": "items",
                "creates": "order.id",
                "fields": {"id": {"integrity": "attested", "type": "order.id"}},
            },
            "once_per": ["id"],
            "key_ttl": "2h",
            "max_result_bytes": 5000,
            "breaker": 4,
            "breaker_rest": "20s",
            "unknown": {"queue": "people"},
        },
    },
    "grants": {
        "pay": [
            {
                "tool": "act",
                "uses": 2,
                "args": {
                    "a": {"value": "x1"},
                    "b": {"one_of": ["y1"]},
                    "c": {"is": "user.account"},
                    "d": {"only": "look.id"},
                    "e": {"own": "order.id"},
                    "f": {"attested": "look.id"},
                    "g": {"only_from": "look.id"},
                    "h": {"quoted_from": "look"},
                    "i": {
                        "select": {
                            "from": "look",
                            "over": "records",
                            "where": [
                                {"field": "at", "is": "b1"},
                                {"field": "at", "starts_with": "a1"},
                                {"field": "at", "contains": "c1"},
                                {"field": "at", "at_least": 3},
                                {"field": "at", "at_most": 4},
                            ],
                            "pick": "max",
                            "by": "size",
                            "field": "id",
                            "times": 2.0,
                            "plus": 3.0,
                        }
                    },
                    "j": {"max": 9.0, "min": 1.0},
                    "k": {"from_prompt": True},
                    "l": {"free": True},
                    "m": {"day": "2026-05-15"},
                    "n": {"after": {"argument": "m", "minutes": 61}},
                    "o": {"like": "Dinner at *"},
                },
            }
        ]
    },
    "endorsements": [{"type": "iban", "value": "CH1", "owner": "ann", "until": "2031-01-01"}],
    "guard": {"suspicious_from": 0.8, "planner": False, "denials": 4},
    "servers": {
        "crm": {
            "command": ["serve"],
            "url": "http://localhost:2",
            "environment": {"A": "b", "B": {"secret": "ENV_TOKEN"}},
            "headers": {"C": "d", "D": {"secret": "HEADER_TOKEN"}},
            "timeout": "20s",
        }
    },
    "secrets": ["TOKEN"],
    "queues": {
        "experts": {"agent": "other7", "then": "people"},
        "bigger": {"model": "openai:gpt-7", "then": "people"},
        "people": {
            "owner": ["ann@example.com", "bob@example.com"],
            "deadline": "6h",
            "otherwise": "approve",
            "priority": 2,
            "hours": "Mon-Fri 09:00-17:00",
            "time_zone": "Europe/Vienna",
            "undo": "10s",
            "notify": [
                {
                    "webhook": {"secret": "HOOK_URL"},
                    "key": {"secret": "HOOK_KEY"},
                    "attempts": 3,
                    "timeout": "4s",
                },
                {"slack": {"secret": "SLACK_URL"}},
                {"email": "ann@example.com"},
            ],
        },
    },
    "on_failure": {"output_invalid": {"value": "Sorry."}, "model_unavailable": {"say": "Later."}},
}
FACTS = {
    "look": facts("read", "id"),
    "act": facts("read", "account", "id", "amount", "note", numeric=("amount",)),
}
NAMED = {"schedules", "tools", "servers", "queues", "args", "environment", "headers", "fields", "grants"}
ONE_VALUE = {"grants.NAME[].args.NAME.from_prompt", "grants.NAME[].args.NAME.free"}
"""They can be written or left out."""
IN_THE_PROMPT = {
    "agent", "purpose", "instructions", "input.from", "does", "does_not[].topic", "limitations",
    "tools.NAME.args.NAME.only_from", "tools.NAME.args.NAME.max",
    "tools.NAME.args.NAME.min", "tools.NAME.once_per", "tools.NAME.ask.when", "ask_person.at_most",
}  # fmt: skip
NOT_PRINTED = {
    "servers.NAME.environment.NAME", "servers.NAME.headers.NAME", "confidence.judge", "confidence.function",
}  # fmt: skip
"""A plain setting may be private, so the runbook names it without its value; of the ways to score an answer
it names the one that `from` names."""


def leaves(data, location=()):
    """Every value of the tree with the keys that lead to it."""
    if isinstance(data, (dict, list)):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*location, key))
    else:
        yield location, data


def key_of(location):
    """The location as the reference names it."""
    if location[0] == "on_failure" or (
        location[-2:-1] and location[-2] in ("unavailable", "failed", "unknown", "below", "unfamiliar")
    ):
        return f"PATH.{location[-1]}"
    key = ""
    for before, part in zip((None, *location), location, strict=False):
        if isinstance(part, int):
            key += "[]"
        else:
            key += "." + ("NAME" if before in NAMED else part)
    return key.removeprefix(".").removesuffix("[]")


def read(data):
    return contract_of(json.dumps(data))


def changed(location, value):
    """The full remit with one other valid value at this place."""
    row = next((row for row in schema_reference() if row.key == key_of(location)), None)
    options = re.findall(r"`(\w+)`", row.type) if row and " or " in row.type else []
    guesses = [option for option in options if option != value]
    if key_of(location).endswith("until"):
        guesses = ["2032-02-02"]
    elif key_of(location).endswith("cron"):
        guesses = ["30 6 * * 1-5"]
    elif isinstance(value, bool):
        guesses = [not value]
    elif isinstance(value, str):
        guesses += [re.sub(r"\d+", "7", value), f"{value}x"]
    else:
        guesses += [value + 1, value / 2, (value + 1) / 2, value * 0.9]
    for guess in guesses:
        data = copy.deepcopy(FULL)
        place = data
        for part in location[:-1]:
            place = place[part]
        place[location[-1]] = guess
        contract = parse_text(json.dumps(data), "remit.yaml").contract
        if guess != value and contract is not None:
            return contract
    raise AssertionError(f"no other value found for {location}")


def prompt(contract):
    return system_prompt(contract, [(name, tool.description) for name, tool in FACTS.items()])


def test_the_full_remit_sets_every_key():
    keys = {key_of(location) for location, _ in leaves(FULL)}
    wanted = {row.key for row in schema_reference()}
    parents = {
        key
        for key in wanted
        if any(other.startswith((f"{key}.", f"{key}[]", f"{key}.NAME")) for other in wanted)
    }
    assert (
        wanted
        - parents
        - {
            "input.other_language",
            "tools.NAME.failed",
            "tools.NAME.unavailable",
            "tools.NAME.unknown",
            "on_failure",
            "confidence.below",
            "scope.unfamiliar",
        }
        <= keys
    )


@pytest.mark.parametrize(
    ("location", "value"),
    [
        (location, value)
        for location, value in leaves(FULL)
        if location != ("remit",) and key_of(location) not in ONE_VALUE
    ],
    ids=lambda part: ".".join(map(str, part)) if isinstance(part, tuple) else None,
)
def test_changing_a_key_changes_what_is_read_from_it(location, value):
    before, after = read(FULL), changed(location, value)
    key = key_of(location)
    assert canonical(before) != canonical(after)
    assert (prompt(before) != prompt(after)) == (key in IN_THE_PROMPT)
    printed = runbook_markdown(before, FACTS) != runbook_markdown(after, FACTS)
    assert printed == (key not in NOT_PRINTED)
    assert (runbook_html(before, FACTS) != runbook_html(after, FACTS)) == printed
    if key.startswith("PATH."):
        assert failure_table(before) != failure_table(after)


def test_the_order_of_tools_is_part_of_the_release():
    turned = {**FULL, "tools": dict(reversed(FULL["tools"].items()))}
    assert canonical(read(turned)) != canonical(read(FULL))
    assert canonical(read(dict(reversed(FULL.items())))) == canonical(read(FULL))
