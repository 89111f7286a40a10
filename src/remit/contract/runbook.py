"""The runbook: what people need to know of one agent, printed from what is enforced."""

from collections.abc import Iterator, Mapping

from remit.contract.advice import ADVICE
from remit.contract.confidence import confidence_texts
from remit.contract.duration import text as duration_text
from remit.contract.facts import ToolFacts, effective_effect
from remit.contract.failures import failure_table, path_for, path_for_language, path_for_topic
from remit.contract.flow_texts import flow_texts, schedule_texts
from remit.contract.guard_words import bound_text, guard_texts, guarded, label_texts
from remit.contract.languages import languages_text
from remit.contract.limits import ask_text, limit_texts
from remit.contract.page import Block, Bullets, Code, Page, Paragraph, Section, Table, html_page, markdown
from remit.contract.queues import queue_rows
from remit.contract.schema import Contract, Server, ToolRule
from remit.contract.scope import scope_text
from remit.contract.secret import SecretName
from remit.contract.triggers import triggers
from remit.outcome import MEANING, Effect, FailureMode

_EFFECT_MEANING: dict[Effect, str] = {
    Effect.READ: "changes nothing",
    Effect.IDEMPOTENT: "changes something; twice is the same as once",
    Effect.KEYED: "acts once for one key",
    Effect.IRREVERSIBLE: "cannot be taken back; never repeated without a person",
}


def runbook_markdown(contract: Contract, facts: Mapping[str, ToolFacts]) -> str:
    """The runbook as Markdown; a tool without facts is shown with what the file says."""
    return markdown(runbook_page(contract, facts))


def runbook_html(contract: Contract, facts: Mapping[str, ToolFacts]) -> str:
    """The runbook as one HTML file without any outside part; every text in it is escaped."""
    return html_page(runbook_page(contract, facts))


def runbook_page(contract: Contract, facts: Mapping[str, ToolFacts]) -> Page:
    """The runbook as headings, lists and tables, for whoever renders it."""
    sections = {
        "What it does": (Bullets(contract.does),),
        "What it does not": (_does_not(contract),),
        "Limitations": (Bullets(contract.limitations),),
        "When a person is brought in": (Bullets(tuple(triggers(contract)), none="Never."),),
        "Queues": (_queues(contract),),
        "Tools": tuple(_tools(contract, facts)),
        "After strangers' words": (Bullets(tuple(guard_texts(contract))),),
        "How much at once": (Bullets(tuple(flow_texts(contract)), none="No bound is declared."),),
        "By the clock": (Bullets(tuple(schedule_texts(contract)), none="Nothing."),),
        "How sure it must be": (Bullets(tuple(confidence_texts(contract.confidence, _unsure(contract)))),),
        "Budget of one run": (_budget(contract),),
        "Input, answer and model": (Bullets(tuple(_settings(contract))),),
        "What it needs": (Bullets(tuple(_needs(contract)), none="No secret and no server."),),
        "When something breaks": tuple(_failures(contract)),
        "Instructions to the model": (Code(contract.instructions or "None beside what is written above."),),
        "Owner": (Paragraph(contract.owner or "No owner is declared."),),
    }
    return Page(
        title=f"Runbook of {contract.agent}",
        lead=f"{contract.purpose} (Printed from the remit, format {contract.remit}.)",
        sections=tuple(Section(title, blocks) for title, blocks in sections.items()),
    )


def _unsure(contract: Contract) -> str:
    return path_for(contract, FailureMode.LOW_CONFIDENCE).text


def _does_not(contract: Contract) -> Table:
    rows = tuple(
        (
            topic.topic,
            ", ".join(topic.words) or "those of the topic",
            path_for_topic(contract, topic).text,
            topic.say or "the usual sentence",
        )
        for topic in contract.does_not
    )
    return Table(("topic", "words that give it away", "what happens", "what the caller is told"), rows)


def _queues(contract: Contract) -> Table:
    return Table(("queue", "looked after by", "within", "gets"), tuple(queue_rows(contract)))


def _tools(contract: Contract, facts: Mapping[str, ToolFacts]) -> Iterator[Block]:
    if not contract.tools:
        yield Paragraph("It has no tools.")
    for name, rule in contract.tools.items():
        yield Table((name, ""), tuple(_tool_rows(contract, name, rule, facts.get(name))))


def _tool_rows(
    contract: Contract, name: str, rule: ToolRule, facts: ToolFacts | None
) -> Iterator[tuple[str, str]]:
    if facts is not None:
        yield "does", facts.description
    effect = effective_effect(rule, facts) if facts is not None else rule.effect
    yield "effect", f"{effect}: {_EFFECT_MEANING[effect]}" if effect is not None else "as the code declares"
    yield "comes from", f"Python, {rule.python}" if rule.python is not None else f"MCP, {rule.mcp}"
    yield "limits", "; ".join(limit_texts(rule)) or "none on its arguments"
    content = [each for each, argument in rule.args.items() if argument.kind == "content"]
    if content:
        yield "decides nothing", ", ".join(content)
    labels = list(label_texts(rule))
    if labels:
        yield "known of it", "; ".join(labels)
    if guarded(rule, effect):
        arguments = facts.arguments if facts is not None else None
        yield "after strangers' words", bound_text(contract, name, rule, arguments)
    if rule.ask is not None:
        deadline = duration_text(rule.ask.deadline)
        default = "it is made" if rule.ask.otherwise == "approve" else "it is not made"
        yield "a person", f"{ask_text(rule.ask)}; without a decision within {deadline}, {default}"
    yield "attempts", f"{rule.tries}, each at most {duration_text(rule.timeout)}"
    yield "result", f"at most {rule.max_result_bytes} bytes"
    rest = duration_text(rule.breaker_rest)
    yield "breaker", f"unavailable after {rule.breaker} failures in a row, tried again after {rest}"
    if effect is Effect.KEYED:
        yield "key", f"remembered by the other side for {duration_text(rule.key_ttl)}"


def _budget(contract: Contract) -> Bullets:
    budget = contract.budget
    return Bullets(
        (
            f"{budget.steps} steps of the model",
            f"{budget.tokens} tokens",
            f"{budget.cost_usd:.12g} US dollars",
            f"{duration_text(budget.working_time)} of working time; waiting for a person does not count",
        )
    )


def _settings(contract: Contract) -> Iterator[str]:
    model = contract.model
    speaker = "the user, whose own words are trusted" if contract.input.speaker == "principal" else "anybody"
    yield f"Who speaks: {speaker}; an input has at most {contract.input.max_tokens} tokens."
    if contract.input.schema_file is not None:
        yield f"An input fits {contract.input.schema_file}."
    if contract.input.languages:
        yield languages_text(contract.input.languages, path_for_language(contract).text)
    if contract.input.suspicious_from is not None:
        yield f"An input with a suspicion of {contract.input.suspicious_from:.12g} or more reaches no model."
    if contract.scope is not None:
        yield scope_text(contract.scope)
    if contract.output is None:
        yield "The answer is a text."
    else:
        yield (
            f"The answer fits {contract.output.schema_file}; "
            f"the model is asked again at most {contract.output.repair} times."
        )
    chain = ", then ".join((model.use, *model.fallback))
    yield f"Model: {chain}" + (f" at {model.base_url}." if model.base_url else ".")
    yield (
        f"Each model is tried {model.tries} times, {duration_text(model.timeout)} each; temperature "
        f"{model.temperature:.12g}; at most {model.max_output_tokens} tokens in one step; "
        f"tool calls: {model.calls}."
    )
    window = contract.window
    size = f"{window.tokens} tokens" if window.tokens is not None else "the model's own size"
    yield f"Window: {size}; when it is full: {', then '.join(window.when_full) or 'nothing'}."


def _needs(contract: Contract) -> Iterator[str]:
    for name in contract.secrets:
        yield f"Secret {name}, for the tools."
    if contract.model.api_key is not None:
        yield f"Secret {contract.model.api_key.secret}, for the model."
    for name, server in contract.servers.items():
        yield f"MCP server {name}: {_server(server)}."


def _server(server: Server) -> str:
    parts = [*filter(None, (" ".join(server.command), server.url))]
    parts.append(f"at most {duration_text(server.timeout)} to connect")
    for kind, settings in (("environment", server.environment), ("header", server.headers)):
        for name, value in settings.items():
            source = f" from secret {value.secret}" if isinstance(value, SecretName) else ""
            parts.append(f"{kind} {name}{source}")
    return "; ".join(parts)


def _failures(contract: Contract) -> Iterator[Block]:
    rows = tuple(
        (
            f"{row.mode} ({row.tool})" if row.tool else str(row.mode),
            MEANING[row.mode],
            row.path_text,
            row.declared,
            ADVICE[row.mode],
            f"remit runs --mode {row.mode}",
        )
        for row in failure_table(contract)
    )
    yield Table(("failure", "meaning", "what the run does", "declared by", "what you do", "look"), rows)
    yield Paragraph("One run in full:")
    yield Code("remit show RUN")
