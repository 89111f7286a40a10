"""The breakers of tools: rows that all runs count in, read before a call and written after it."""

from collections.abc import Sequence

from remit.loop.wake import Wake
from remit.store import Statement, Value
from remit.tools import Breaker, Tool


def _breaker_name(wake: Wake, tool: Tool) -> str:
    return f"{wake.plan.contract.agent}:{tool.name}"


def breaker_of(wake: Wake, tool: Tool) -> Breaker:
    """The breaker as it stands; one that was healthy a moment ago is not read again."""
    name, now, healthy = _breaker_name(wake, tool), wake.world.clock(), wake.world.healthy
    if healthy.believed(name, now):
        return Breaker()
    row = wake.log.store.row("breaker_row", {"tool": name})
    breaker = Breaker(failures=row["failures"], opened_at=row["opened_at"]) if row else Breaker()
    if breaker == Breaker():
        healthy.seen(name, now)
    return breaker


def count_in_breaker(wake: Wake, tool: Tool, intended_on: Breaker, verdicts: Sequence[bool | None]) -> None:
    """Counts in the breaker's row, where other runs count too; written only when something changes."""
    told = [verdict for verdict in verdicts if verdict is not None]
    if all(told) and intended_on == Breaker():
        return
    name = _breaker_name(wake, tool)
    if any(told):
        wake.appender.also(Statement("close_breaker", {"tool": name}))
    failures = next((count for count, good in enumerate(reversed(told)) if good), len(told))
    if failures:
        wake.world.healthy.forget(name)
        values: dict[str, Value] = {
            "tool": name,
            "failures": failures,
            "threshold": wake.plan.contract.tools[tool.name].breaker,
            "at": wake.world.clock(),
        }
        wake.appender.also(Statement("count_breaker_failures", values))


def claim_probe(wake: Wake, tool: Tool, breaker: Breaker, now: float) -> None:
    """Of all runs that find the rest over, one tries the tool: the flush of every other one fails."""
    values = {"tool": _breaker_name(wake, tool), "opened_at": breaker.opened_at, "at": now}
    wake.appender.also(Statement("claim_probe", values))
