"""Load the tools of a remit, and report what is wrong with them, each at its line."""

from collections.abc import Mapping
from pathlib import Path

from remit.contract import Contract, Lines, Problem, SecretName, Server, problems_of
from remit.tools.port import Tool
from remit.tools.resolve import resolve
from remit.tools.servers import ServerAddress, Servers


def load(
    contract: Contract, lines: Lines, file: str, folder: Path, environment: Mapping[str, str]
) -> tuple[dict[str, Tool], tuple[Problem, ...]]:
    """The tools that could be had, by their names in the remit, and a problem for each other one.

    No server is reached: its tools come from the lock file, and the first call connects.
    """
    tools, findings = resolve(contract, folder, servers_of(contract, folder, environment))
    return tools, problems_of(findings, lines, file)


def servers_of(contract: Contract, folder: Path, environment: Mapping[str, str]) -> Servers:
    """The servers of the remit, with their secrets taken from the environment; none is reached yet.

    A secret that is not set is left out here and reported by the contract's own check.
    """
    addresses = {name: _address(server, folder, environment) for name, server in contract.servers.items()}
    return Servers(addresses)


def _address(server: Server, folder: Path, environment: Mapping[str, str]) -> ServerAddress:
    return ServerAddress(
        command=tuple(server.command),
        url=server.url,
        environment=_resolved(server.environment, environment),
        headers=_resolved(server.headers, environment),
        timeout_s=server.timeout,
        folder=folder,
    )


def _resolved(settings: Mapping[str, str | SecretName], environment: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, str):
            found[name] = value
        elif value.secret in environment:
            found[name] = environment[value.secret]
    return found
