"""How long does a permit take? With 200 KB read, a grant of 40 templates, and the questions explained.

The target is CPU time; what the wall clock says as well depends on what else the machine does.
"""

import json
import statistics
import time
from dataclasses import replace

from report import last_line

from remit.contract import Contract
from remit.event import Integrity
from remit.outcome import Effect
from remit.permit import CallFacts, Reading, compile_grant, compile_rule, folded, frozen_grant, judge

KILOBYTES = 200
ROUNDS = 3_000
TOOLS = {
    "search_mail": {"python": "m:s", "returns": {"fields": {"id": {"type": "mail.id"}}}},
    "send_money": {
        "python": "m:p",
        "audience": "recipient",
        "args": {"recipient": {"type": "iban"}, "amount": {"max": 500}, "subject": {"kind": "content"}},
    },
}
SOURCES = [
    "CH93 0076", {"only": "search_mail.id"}, {"attested": "search_mail.id"}, {"only_from": "search_mail.id"},
    {"from_prompt": True}, {"free": True},
    {"select": {"from": "search_mail", "pick": "max", "by": "size", "field": "id"}},
]  # fmt: skip


def contract() -> Contract:
    """A remit of two tools and as many templates as a large plan has."""
    holes = {"amount": {"max": 100}, "subject": {"free": True}}
    templates = [
        {"tool": "send_money", "args": {**holes, "recipient": SOURCES[each % len(SOURCES)]}}
        for each in range(40)
    ]
    written = {
        "remit": 1, "agent": "a", "purpose": "p", "model": "openai:m", "does": ["d"],
        "handover": "a@b.example",
        "input": {"from": "principal"}, "tools": TOOLS, "grants": {"g": templates},
    }  # fmt: skip
    return Contract.model_validate_json(json.dumps(written))


def mails(kilobytes: int) -> list[dict[str, object]]:
    """Records of about so many kilobytes together."""
    body = "Dear customer, your order is on its way and needs nothing from you. " * 6
    count = kilobytes * 1024 // (len(body) + 60)
    return [{"id": f"m-{each}", "size": each % 977, "body": body} for each in range(count)]


def facts_of(whole: Contract, recipient: str, readings: list[Reading]) -> CallFacts:
    """One payment after all those mails were read."""
    return CallFacts(
        key="k",
        tool="send_money",
        known=True,
        rule=compile_rule("send_money", whole.tools["send_money"]),
        effect=Effect.IRREVERSIBLE,
        arguments={"recipient": recipient, "amount": 5, "subject": "Rent, see https://a.example/x"},
        own_words="Pay 5 to CH93 0076",
        readings=readings,
        context_integrity=Integrity.THIRD_PARTY,
        grant=compile_grant(frozen_grant(whole, ["send_money"])),
        rules=whole.tools,
        trusted_texts=[folded("Pay 5 to CH93 0076")],
        today="2026-11-23",
    )


def fresh() -> list[Reading]:
    """The mails as they are just after they were read: nothing is looked up yet."""
    whole = contract()
    halves = mails(KILOBYTES // 4)
    labels = whole.tools["search_mail"].returns
    return [Reading(tool="search_mail", result=halves, seq=4 + n, returns=labels) for n in range(4)]


def main() -> None:
    """Prints the figures; the last line is one JSON object."""
    whole, readings = contract(), fresh()
    recipients = ["CH93 0076", "m-3", "DE89 3704 0044", "m-976"]
    base = [facts_of(whole, each, readings) for each in recipients]
    began = time.perf_counter()
    judge(facts_of(whole, "DE89 3704 0044", fresh()))
    first_ms = (time.perf_counter() - began) * 1000
    times: list[float] = []
    wall: list[float] = []
    for round_ in range(ROUNDS):
        facts = base[round_ % len(base)]
        asked = replace(facts, key=str(round_))
        began, working = time.perf_counter(), time.thread_time()
        judge(asked)
        times.append((time.thread_time() - working) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
    times.sort()
    wall.sort()
    size = len(json.dumps([reading.result for reading in readings])) / 1024
    figures = {
        "context_kb": round(size),
        "templates": 40,
        "p50_ms": round(statistics.median(times), 3),
        "p99_ms": round(times[int(len(times) * 0.99)], 3),
        "p99_wall_ms": round(wall[int(len(wall) * 0.99)], 3),
        "first_ms": round(first_ms, 3),
    }
    for name, value in figures.items():
        print(f"{name:<12} {value}")
    print(last_line("permit", figures, {"p99_ms": "<= 2.0"}))


if __name__ == "__main__":
    main()
