"""Can the models of a remit be reached from here? Sends nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from remit.contract import ModelChoice, Problem, did_you_mean
from remit.errors import CatalogueError
from remit.model.catalogue import find
from remit.model.naming import (
    KEYS,
    LOCAL,
    PROVIDERS,
    Named,
    is_pinned,
    key_for,
    package_of,
    shares_address,
    split_name,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    where: str
    message: str
    suggestion: str
    severity: str = "error"


def check(
    choice: ModelChoice,
    *,
    file: str,
    line_of: Callable[[str], int],
    environment: Mapping[str, str],
) -> tuple[Problem, ...]:
    """Every problem of the chain of models; `line_of` gives the line of a key such as `model.use`.

    A name that does not pin its model is a warning; the rest are errors.
    """
    names = [("model.use", choice.use)]
    names += [(f"model.fallback.{index}", name) for index, name in enumerate(choice.fallback)]
    faults = [fault for where, name in names for fault in _faults(choice, where, name, environment)]
    return tuple(
        Problem(
            file=file,
            line=line_of(fault.where),
            where=fault.where,
            message=fault.message,
            suggestion=fault.suggestion,
            severity=fault.severity,
        )
        for fault in faults
    )


def _faults(choice: ModelChoice, where: str, name: str, environment: Mapping[str, str]) -> Iterator[_Fault]:
    named = split_name(name)
    if named is None or named.provider not in PROVIDERS:
        provider = named.provider if named else name
        known = ", ".join(f"{provider}:" for provider in PROVIDERS)
        yield _Fault(
            where=where,
            message=f"`{name}` names no known provider.",
            suggestion=did_you_mean(provider, PROVIDERS) or f"A name begins with one of {known}",
        )
    elif named.provider == LOCAL:
        yield from _local_faults(choice, where, named)
    else:
        yield from _provider_faults(choice, where, named, environment)


def _local_faults(choice: ModelChoice, where: str, named: Named) -> Iterator[_Fault]:
    try:
        find(named.model)
    except CatalogueError as error:
        yield _Fault(where=where, message=error.message, suggestion=error.remedy)
        return
    if choice.calls == "native":
        yield _Fault(
            where="model.calls",
            message="local models make tool calls by constrained answers only.",
            suggestion="Write `auto`.",
        )
    if not _installed("xllamacpp"):
        yield _missing(where, "local", LOCAL)


def _provider_faults(
    choice: ModelChoice, where: str, named: Named, environment: Mapping[str, str]
) -> Iterator[_Fault]:
    access = KEYS[named.provider]
    if not _installed(access.package):
        yield _missing(where, access.extra, named.provider)
    key, variable = key_for(choice, named, environment)
    named_secret = choice.api_key is not None and variable == choice.api_key.secret
    if variable and not key and not named_secret:
        yield _Fault(
            where=where,
            message=f"{variable} is not set.",
            suggestion=f"Set it to your key for {named.provider}, or name another variable as `api_key`.",
        )
    if named.provider == "openai-compatible" and choice.base_url and not shares_address(choice, named):
        yield _Fault(
            where=where,
            message="`base_url` belongs to the provider of `use`, so this model has no address.",
            suggestion="Make it the `use`, or leave it out.",
        )
    if not is_pinned(named):
        yield _Fault(
            where=where,
            message=f"`{named.provider}:{named.model}` may mean another model tomorrow.",
            suggestion="Name a dated version.",
            severity="warning",
        )


def _missing(where: str, extra: str, provider: str) -> _Fault:
    return _Fault(
        where=where,
        message=f"the package for {provider} models is not installed.",
        suggestion=f'Run: pip install "{package_of(extra)}"',
    )


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False
