"""Does a remit agree with itself and with the place where it runs? Needs no tool to be imported."""

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath

from remit.contract.condition import parse_condition
from remit.contract.confidence import setting_findings
from remit.contract.examples import scope_findings
from remit.contract.experts import expert_findings
from remit.contract.failures import ALLOWED, ALLOWED_OF_TOOL, PathKind, path_kind
from remit.contract.grant_agreement import grant_findings
from remit.contract.nodes import Lines, problems_of
from remit.contract.own_request import ASK_PERSON
from remit.contract.path import Path, ToQueue
from remit.contract.problem import Finding, Problem, did_you_mean, listed
from remit.contract.queues import queue_findings, queue_secrets
from remit.contract.schema import Argument, Contract, Server, ToolRule
from remit.contract.schema_files import schema_findings
from remit.contract.secret import SecretName
from remit.outcome import FailureMode

_PATH_WORDING: dict[PathKind, str] = {
    "queue": "`{queue: ...}`",
    "say": "`{say: ...}`",
    "value": "`{value: ...}`",
    "last_known": "`{last_known: ...}`",
    "degrade": "`degrade`",
    "fail": "`fail`",
    "refuse": "`refuse`",
}


def check(
    contract: Contract, lines: Lines, file: str, environment: Mapping[str, str], folder: FilePath
) -> tuple[Problem, ...]:
    """Every name that is not declared, secret that is not set, path that makes no sense; in file order."""
    return problems_of(_findings(contract, environment, folder), lines, file)


def _findings(contract: Contract, environment: Mapping[str, str], folder: FilePath) -> Iterator[Finding]:
    yield from _queue_findings(contract)
    yield from queue_findings(contract)
    yield from expert_findings(contract, folder)
    yield from _path_findings(contract)
    yield from _secret_findings(contract, environment)
    yield from _model_findings(contract)
    for name, server in contract.servers.items():
        yield from _server_findings(f"servers.{name}", server)
    for name, rule in contract.tools.items():
        yield from _tool_findings(contract, f"tools.{name}", rule)
    if contract.ask_person is not None and ASK_PERSON in contract.tools:
        where = f"tools.{ASK_PERSON}"
        yield Finding(
            where, "with `ask_person:` that name is the agent's own question.", "Name it otherwise."
        )
    yield from _confidence_findings(contract)
    yield from grant_findings(contract)
    yield from schema_findings(contract, folder)
    yield from scope_findings(contract, folder)


def _queue_findings(contract: Contract) -> Iterator[Finding]:
    declared = set(contract.queues)
    if contract.handover is not None and "@" in contract.handover:
        declared.add(contract.handover)
    for where, queue in _queues_named(contract):
        if queue not in declared:
            suggestion = did_you_mean(queue, declared) or f"Declare it: `queues: {{{queue}: {{}}}}`."
            yield Finding(where, f"the queue `{queue}` is not declared.", suggestion)


def _queues_named(contract: Contract) -> Iterator[tuple[str, str]]:
    if contract.handover is not None:
        yield "handover", contract.handover
    for index, topic in enumerate(contract.does_not):
        if topic.queue is not None:
            yield f"does_not.{index}.queue", topic.queue
    for name, rule in contract.tools.items():
        if rule.ask is not None and rule.ask.queue is not None:
            yield f"tools.{name}.ask.queue", rule.ask.queue
    yield from ((f"queues.{name}.then", queue.then) for name, queue in contract.queues.items() if queue.then)
    if contract.ask_person is not None:
        yield f"{ASK_PERSON}.queue", contract.ask_person.queue
    for where, path in _paths(contract):
        if isinstance(path, ToQueue):
            yield f"{where}.queue", path.queue


def _paths(contract: Contract) -> Iterator[tuple[str, Path]]:
    for name, rule in contract.tools.items():
        own: dict[str, Path | None] = {
            "unavailable": rule.unavailable,
            "failed": rule.failed,
            "unknown": rule.unknown,
        }
        for key, path in own.items():
            if path is not None:
                yield f"tools.{name}.{key}", path
    if contract.confidence is not None and contract.confidence.below is not None:
        yield "confidence.below", contract.confidence.below
    if contract.scope is not None and contract.scope.unfamiliar is not None:
        yield "scope.unfamiliar", contract.scope.unfamiliar
    if contract.input.other_language is not None:
        yield "input.other_language", contract.input.other_language
    for mode, path in contract.on_failure.items():
        yield f"on_failure.{mode}", path


def _path_findings(contract: Contract) -> Iterator[Finding]:
    for name, rule in contract.tools.items():
        own: dict[str, Path | None] = {"unavailable": rule.unavailable, "failed": rule.failed}
        for key, path in own.items():
            if path is not None and path_kind(path) not in ALLOWED_OF_TOOL:
                yield _senseless(f"tools.{name}.{key}", f"tool_{key}", path_kind(path), ALLOWED_OF_TOOL)
    unfamiliar = contract.scope.unfamiliar if contract.scope is not None else None
    allowed = ALLOWED[FailureMode.UNFAMILIAR_INPUT]
    if unfamiliar is not None and path_kind(unfamiliar) not in allowed:
        yield _senseless("scope.unfamiliar", "unfamiliar_input", path_kind(unfamiliar), allowed)
    other = contract.input.other_language
    if other is not None and path_kind(other) not in ALLOWED[FailureMode.INVALID_INPUT]:
        allowed = ALLOWED[FailureMode.INVALID_INPUT]
        yield _senseless("input.other_language", "invalid_input", path_kind(other), allowed)
    if other is not None and not contract.input.languages:
        message = "no language is another one without `languages`."
        yield Finding("input.other_language", message, "Add `languages: [en]`.")
    for mode, path in contract.on_failure.items():
        if mode is FailureMode.UNFAMILIAR_INPUT and contract.scope is None:
            yield Finding(f"on_failure.{mode}", "only a `scope` finds an input unfamiliar.", "Add `scope`.")
            continue
        yield from _mode_findings(mode, path)


def _mode_findings(mode: FailureMode, path: Path) -> Iterator[Finding]:
    where, kind = f"on_failure.{mode}", path_kind(path)
    allowed = ALLOWED.get(mode)
    if allowed is None:
        yield Finding(where, f"nothing produces `{mode}` yet, so it can have no path.", "Remove it.")
    elif kind == "last_known":
        yield Finding(
            where,
            "only a tool has a last known result.",
            "Write it at the tool: `tools: {NAME: {unavailable: {last_known: 24h}}}`.",
        )
    elif kind not in allowed:
        yield _senseless(where, mode, kind, allowed)


def _senseless(where: str, mode: str, kind: PathKind, allowed: tuple[PathKind, ...]) -> Finding:
    paths = ", ".join(_PATH_WORDING[path] for path in allowed)
    return Finding(where, f"{_PATH_WORDING[kind]} makes no sense for `{mode}`.", f"Write one of {paths}.")


def _confidence_findings(contract: Contract) -> Iterator[Finding]:
    confidence = contract.confidence
    if confidence is None:
        if FailureMode.LOW_CONFIDENCE in contract.on_failure:
            where = "on_failure.low_confidence"
            yield Finding(where, "without `confidence` no answer is held back.", "Add `confidence: ...`.")
        return
    if confidence.below is not None:
        kind, allowed = path_kind(confidence.below), ALLOWED[FailureMode.LOW_CONFIDENCE]
        if kind not in allowed:
            yield _senseless("confidence.below", FailureMode.LOW_CONFIDENCE, kind, allowed)
    for where, message, suggestion in setting_findings(confidence):
        yield Finding(f"confidence.{where}", message, suggestion)


def _secret_findings(contract: Contract, environment: Mapping[str, str]) -> Iterator[Finding]:
    for where, name in _secrets_named(contract):
        if not environment.get(name):
            yield Finding(
                where,
                f"the secret `{name}` is not set in the environment.",
                f"Run `export {name}=...` first.",
            )


def secret_names(contract: Contract) -> frozenset[str]:
    """The environment variables that the remit takes secrets from."""
    return frozenset(name for _, name in _secrets_named(contract))


def _secrets_named(contract: Contract) -> Iterator[tuple[str, str]]:
    for index, name in enumerate(contract.secrets):
        yield f"secrets.{index}", name
    yield from queue_secrets(contract)
    if contract.model.api_key is not None:
        yield "model.api_key", contract.model.api_key.secret
    for server_name, server in contract.servers.items():
        for key, settings in (("environment", server.environment), ("headers", server.headers)):
            for name, value in settings.items():
                if isinstance(value, SecretName):
                    yield f"servers.{server_name}.{key}.{name}", value.secret


def _model_findings(contract: Contract) -> Iterator[Finding]:
    model = contract.model
    compatible = [name for name in (model.use, *model.fallback) if name.startswith("openai-compatible:")]
    if compatible and model.base_url is None:
        yield Finding("model.base_url", f"`{compatible[0]}` needs an address.", "Add `base_url: http://...`.")


def _server_findings(where: str, server: Server) -> Iterator[Finding]:
    if bool(server.command) == (server.url is not None):
        yield Finding(where, "a server has either a `command` that is started or a `url`, exactly one.")
    elif server.url is None and server.headers:
        yield Finding(f"{where}.headers", "headers are sent to a `url` only.", "Use `environment`.")
    elif server.url is not None and server.environment:
        yield Finding(f"{where}.environment", "only a `command` has an environment.", "Use `headers`.")


def _tool_findings(contract: Contract, where: str, rule: ToolRule) -> Iterator[Finding]:
    if rule.mcp is not None:
        yield from _mcp_findings(contract, where, rule, rule.mcp)
    if rule.ask is not None:
        if rule.ask.queue is None and contract.handover is None:
            yield Finding(
                f"{where}.ask", "nobody is there to be asked.", "Add `queue:` here, or `handover:` for all."
            )
        try:
            parse_condition(rule.ask.when)
        except ValueError as error:
            yield Finding(f"{where}.ask.when", str(error))
    for name, argument in rule.args.items():
        yield from _argument_findings(contract, f"{where}.args.{name}", argument)


def _mcp_findings(contract: Contract, where: str, rule: ToolRule, mcp: str) -> Iterator[Finding]:
    server = mcp.partition(":")[0]
    if server not in contract.servers:
        suggestion = did_you_mean(server, contract.servers) or "Declare it under `servers`."
        yield Finding(f"{where}.mcp", f"the server `{server}` is not declared.", suggestion)
    if rule.effect is None:
        yield Finding(
            f"{where}.effect",
            "a server does not say dependably what its tool does to the world.",
            "Add `effect: read`, `idempotent`, `keyed` or `irreversible`.",
        )


def _argument_findings(contract: Contract, where: str, argument: Argument) -> Iterator[Finding]:
    low, high = argument.min, argument.max
    if low is not None and high is not None and low > high:
        yield Finding(f"{where}.min", f"the smallest value {low:g} is above the largest, {high:g}.")
    if argument.is_ is not None and not _is_path(argument.is_, "user"):
        yield Finding(
            f"{where}.is",
            f"`{argument.is_}` is no field of the user.",
            "Write `user.FIELD`, as in `user.account`.",
        )
    if argument.only_from is not None:
        tool = argument.only_from.partition(".")[0]
        if tool not in contract.tools:
            suggestion = did_you_mean(tool, contract.tools) or f"The tools are {listed(contract.tools)}."
            yield Finding(f"{where}.only_from", f"`{tool}` is no tool of this remit.", suggestion)
        elif not _is_path(argument.only_from, tool):
            yield Finding(
                f"{where}.only_from", f"`{argument.only_from}` names no field.", f"Write `{tool}.FIELD`."
            )


def _is_path(text: str, root: str) -> bool:
    """True for `root.field` and `root.field.field`, each a word."""
    first, *fields = text.split(".")
    return first == root and bool(fields) and all(field and not field.isspace() for field in fields)
