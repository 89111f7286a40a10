"""A remit without problems, as `remit check` shows it: summary, tools, budget, failure table. Pure."""

from collections.abc import Iterable
from typing import Any

from remit.app import Remit
from remit.cli.gate_words import embedding_sentence, gate_sentence, report_fields
from remit.cli.table import Column, table
from remit.contract import (
    Budget,
    Contract,
    ToolFacts,
    ToolRule,
    ask_text,
    bound_text,
    confidence_texts,
    duration_text,
    effective_effect,
    expert_texts,
    failure_table,
    guard_texts,
    guarded,
    label_texts,
    languages_text,
    limit_texts,
    own_request_text,
    path_for,
    path_for_language,
    queue_of,
    scope_text,
)
from remit.outcome import Effect, FailureMode, side_effecting
from remit.telling import Line, Painted, Piece, Style, count, faint, money, one_line, strong, wrapped

NARROWEST = 20


def passed_lines(remit: Remit, width: int) -> list[Line]:
    """What the agent may do, with which limits, and where each failure leads."""
    contract = remit.contract
    return [
        (strong(remit.name), faint(f"  release {remit.release.hash}")),
        *_summary(contract, width),
        (),
        *_tools(remit, width),
        (faint("budget    "), _budget(contract.budget)),
        *_asks(contract, width),
        *_named("experts", expert_texts(contract), width),
        *_scope(remit, width),
        *_guard(remit, width),
        *_sure(contract, width),
        (),
        *_failures(contract, width),
        (),
        (Painted("No problem.", Style.GOOD),),
    ]


def _summary(contract: Contract, width: int) -> list[Line]:
    topics = ", ".join(topic.topic for topic in contract.does_not)
    parts = {
        "purpose": contract.purpose,
        "does": "; ".join(contract.does),
        "does not": topics or "nothing is excluded",
        "model": ", then ".join((contract.model.use, *contract.model.fallback)),
        "input": f"from {contract.input.speaker}, at most {contract.input.max_tokens:,} tokens"
        + (f", as {contract.input.schema_file} says" if contract.input.schema_file else ""),
        **_languages(contract),
        "handover": contract.handover or "no default queue",
    }
    return [line for name, text in parts.items() for line in _named(name, (text,), width)]


def _languages(contract: Contract) -> dict[str, str]:
    languages = contract.input.languages
    text = languages_text(languages, path_for_language(contract).text)
    return {"languages": text} if languages else {}


def _named(name: str, texts: Iterable[str], width: int) -> list[Line]:
    """Sentences, each on a line of its own, with a name before the first."""
    lines = [line for text in texts for line in wrapped(text, width - 10)]
    return [(faint(f"{'' if index else name:<10}"), line) for index, line in enumerate(lines)]


def _sure(contract: Contract, width: int) -> list[Line]:
    if contract.confidence is None:
        return []
    below = path_for(contract, FailureMode.LOW_CONFIDENCE).text
    return _named("sure", confidence_texts(contract.confidence, below), width)


def _asks(contract: Contract, width: int) -> list[Line]:
    ask = contract.ask_person
    if ask is None:
        return []
    deadline_s = ask.deadline or queue_of(contract, ask.queue).deadline
    return _named("asks", (own_request_text(ask, deadline_s),), width)


def _scope(remit: Remit, width: int) -> list[Line]:
    scope, gate = remit.contract.scope, remit.gate
    if scope is None or gate is None:
        return []
    unfamiliar = path_for(remit.contract, FailureMode.UNFAMILIAR_INPUT).text
    texts = (
        scope_text(scope),
        f"What does not: {unfamiliar}.",
        gate_sentence(gate),
        embedding_sentence(gate),
    )
    return _named("scope", texts, width)


def _tools(remit: Remit, width: int) -> list[Line]:
    if not remit.contract.tools:
        return [(faint("tools     "), "none")]
    facts, rules = remit.facts, remit.contract.tools
    room = max(width - max(map(len, ("TOOL", *rules))) - max(map(len, Effect)) - 4, NARROWEST)
    rows: list[list[Piece]] = []
    for name, rule in rules.items():
        # A limit that is cut off is not reviewed.
        first, *rest = [
            line for text in _limits(rule) or ["no limit of its own"] for line in wrapped(text, room)
        ]
        rows.append([name, _effect(rule, facts[name]), first])
        rows.extend(["", "", line] for line in rest)
    return table((Column("TOOL"), Column("EFFECT", firm=True), Column("LIMITS")), rows, width)


def _effect(rule: ToolRule, facts: ToolFacts) -> Piece:
    effect = effective_effect(rule, facts)
    return Painted(effect.value, Style.WARN) if side_effecting(effect) else effect.value


def _limits(rule: ToolRule) -> list[str]:
    return [*([ask_text(rule.ask)] if rule.ask is not None else []), *limit_texts(rule)]


def _after_strangers(contract: Contract, name: str, rule: ToolRule, facts: ToolFacts) -> str | None:
    """What may be called of it then; None of what is not guarded."""
    if not guarded(rule, effective_effect(rule, facts), egress=facts.egress):
        return None
    return bound_text(contract, name, rule, facts.arguments)


def _budget(budget: Budget) -> str:
    return one_line(
        f"{count(budget.steps, 'step')}, {count(budget.tokens, 'token')}, "
        f"{money(budget.cost_usd)}, {duration_text(budget.working_time)} of work per run"
    )


def _guard(remit: Remit, width: int) -> list[Line]:
    """What holds once strangers' words were read: of each tool, then of the whole."""
    contract, facts = remit.contract, remit.facts
    texts: list[str] = []
    for name, rule in contract.tools.items():
        after = _after_strangers(contract, name, rule, facts[name])
        known = "; ".join(label_texts(rule))
        texts += [f"{name}: {known}"] if known else []
        texts += [f"{name}, after strangers' words: {after}"] if after else []
    return _named("guard", (*texts, *guard_texts(contract)), width)


def _failures(contract: Contract, width: int) -> list[Line]:
    rows: list[list[Piece]] = [
        [
            row.mode.value + (f" of {row.tool}" if row.tool else ""),
            row.path_text,
            row.declared if row.declared != "default" else faint("default"),
        ]
        for row in failure_table(contract)
    ]
    return table((Column("WHEN"), Column("WHAT HAPPENS"), Column("DECLARED BY", firm=True)), rows, width)


def passed_fields(remit: Remit) -> dict[str, Any]:
    """The same for a program."""
    contract, facts = remit.contract, remit.facts
    return {
        "agent": remit.name,
        "release": remit.release.hash,
        "model": [contract.model.use, *contract.model.fallback],
        "tools": [
            {
                "name": name,
                "effect": effective_effect(rule, facts[name]).value,
                "asks": ask_text(rule.ask) if rule.ask is not None else None,
                "limits": list(limit_texts(rule)),
                "after_strangers": _after_strangers(contract, name, rule, facts[name]),
            }
            for name, rule in contract.tools.items()
        ],
        "confidence": contract.confidence.model_dump(mode="json", by_alias=True)
        if contract.confidence is not None
        else None,
        "ask_person": contract.ask_person.model_dump(mode="json")
        if contract.ask_person is not None
        else None,
        "scope": report_fields(remit.gate) if remit.gate is not None else None,
        "budget": contract.budget.model_dump(mode="json"),
        "failures": [
            {"mode": row.mode.value, "tool": row.tool, "path": row.path_text, "declared": row.declared}
            for row in failure_table(contract)
        ],
    }
