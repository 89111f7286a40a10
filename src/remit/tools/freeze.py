"""Are the servers' tools still what a person approved? Compare them with the lock file, or renew it."""

from collections.abc import Mapping
from pathlib import Path

from remit.contract import Contract, Finding
from remit.tools.lock import (
    APPROVE_REMEDY,
    Locked,
    LockUnreadable,
    Offered,
    changed_parts,
    read_lock,
    write_lock,
)
from remit.tools.nearest import nearest
from remit.tools.port import ToolUnavailable
from remit.tools.servers import Servers


async def freeze_servers(
    contract: Contract, folder: Path, servers: Servers, *, approve: bool = False
) -> tuple[Finding, ...]:
    """Hold what the servers offer now against the lock file; what is wrong with each tool.

    With `approve` the tools that the remit names are approved as they are now: the lock file is
    written, and tools that the remit no longer names leave it.
    """
    wanted = _wanted(contract)
    if not wanted:
        return ()
    locked: Locked = {}
    try:
        locked = read_lock(folder)
    except LockUnreadable as error:
        if not approve:
            return (Finding(where="servers", message=str(error), suggestion=error.remedy),)
    problems: list[Finding] = []
    approved: dict[str, dict[str, Offered]] = {}
    for server, tools in wanted.items():
        try:
            offered = await servers.offered(server)
        except ToolUnavailable as error:
            problems.append(Finding(where=f"servers.{server}", message=f"{error}."))
            approved[server] = dict(locked.get(server, {}))
            continue
        found = {remote: offered[remote] for remote in tools.values() if remote in offered}
        approved[server] = found
        problems.extend(_missing(server, tools, offered))
        if not approve:
            problems.extend(_differences(server, tools, locked.get(server, {}), found))
    if approve:
        write_lock(folder, approved)
    return tuple(problems)


def _wanted(contract: Contract) -> dict[str, dict[str, str]]:
    """For each server: the remit's name and the server's name of each tool."""
    wanted: dict[str, dict[str, str]] = {}
    for name, rule in contract.tools.items():
        server, colon, remote = (rule.mcp or "").partition(":")
        if colon:
            wanted.setdefault(server, {})[name] = remote
    return wanted


def _missing(server: str, tools: Mapping[str, str], offered: Mapping[str, Offered]) -> list[Finding]:
    return [
        Finding(
            where=f"tools.{name}",
            message=f"the server {server} offers no tool {remote}.",
            suggestion=nearest(remote, offered),
        )
        for name, remote in tools.items()
        if remote not in offered
    ]


def _differences(
    server: str, tools: Mapping[str, str], locked: Mapping[str, Offered], found: Mapping[str, Offered]
) -> list[Finding]:
    """Changed tools; one that was never approved is reported where it is resolved."""
    problems: list[Finding] = []
    for name, remote in tools.items():
        if remote not in found or remote not in locked:
            continue
        changed = changed_parts(locked[remote], found[remote])
        if changed:
            parts = " and ".join(part.replace("_", " ") for part in changed)
            problems.append(
                Finding(
                    where=f"tools.{name}",
                    message=f"{server}:{remote} has changed since it was approved: {parts}.",
                    suggestion=APPROVE_REMEDY,
                )
            )
    return problems
