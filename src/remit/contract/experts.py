"""Queues that another agent or model decides instead of people: what leads there, and what may not?

A run that decides a case never has one decided in turn: what it cannot do goes to people. So no chain is
longer than one, whatever the remits say; a circle of remits is refused all the same.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from remit.contract.duration import text as duration_text
from remit.contract.path import ToQueue
from remit.contract.problem import Finding, did_you_mean
from remit.contract.queue import Queue, expert_of
from remit.contract.read import parse
from remit.contract.schema import Contract
from remit.outcome import FailureMode

FOR_PEOPLE = (
    FailureMode.INVALID_INPUT,
    FailureMode.INJECTION_SUSPECTED,
    FailureMode.EFFECT_UNKNOWN,
    FailureMode.CANCELLED,
)
"""Failures that no agent looks into: what nobody could read, what may be an attack, what only people can find
out or want stopped."""
_OF_PEOPLE = ("owner", "hours", "time_zone", "otherwise", "priority", "undo", "notify")


def expert_texts(contract: Contract) -> Iterator[str]:
    """One sentence for each queue that an agent or a model decides."""
    for name, queue in contract.queues.items():
        if expert_of(queue):
            who = f"{queue.agent}" if queue.agent is not None else f"this remit with {queue.model}"
            yield (
                f"What comes to {name} is decided by a run of {who} within {duration_text(queue.deadline)}; "
                f"what that does not answer goes to {queue.then}."
            )


def expert_findings(contract: Contract, folder: Path) -> Iterator[Finding]:
    """What is wrong with such queues, with what leads there, and with the agents that they name."""
    experts = {name: queue for name, queue in contract.queues.items() if expert_of(queue) or queue.then}
    for name, queue in experts.items():
        yield from _queue_findings(contract, f"queues.{name}", queue)
    yield from _leading_findings(contract, experts)
    agents = {name: queue.agent for name, queue in experts.items() if queue.agent is not None}
    if agents:
        yield from _agent_findings(contract, folder, agents)


def _queue_findings(contract: Contract, where: str, queue: Queue) -> Iterator[Finding]:
    if queue.agent is not None and queue.model is not None:
        yield Finding(where, "a queue is decided by an `agent` or by a `model`, not by both.", "Keep one.")
    if not expert_of(queue):
        yield Finding(f"{where}.then", "people look after this queue; `then` says nothing.", "Remove it.")
        return
    if queue.then is None:
        message = "nobody gets what is not answered there."
        yield Finding(where, message, "Add `then:` with a queue of people.")
    elif queue.then in contract.queues and expert_of(contract.queues[queue.then]):
        message = f"`{queue.then}` is decided by no person either."
        yield Finding(f"{where}.then", message, "Name a queue of people.")
    for key in _OF_PEOPLE:
        if getattr(queue, key) not in (None, ()):
            yield Finding(f"{where}.{key}", "it is for people, and none look after this queue.", "Remove it.")
    if queue.model is not None and queue.model == contract.model.use:
        message = "that model gave the first answer already."
        yield Finding(f"{where}.model", message, "Name a more capable one.")


def _leading_findings(contract: Contract, experts: Mapping[str, Queue]) -> Iterator[Finding]:
    """What only people may decide does not lead there."""
    led: list[tuple[str, str | None]] = [("handover", contract.handover)]
    for name, rule in contract.tools.items():
        led.append((f"tools.{name}.ask.queue", rule.ask.queue if rule.ask is not None else None))
        led.append((f"tools.{name}.unknown.queue", rule.unknown.queue if rule.unknown is not None else None))
    for mode in FOR_PEOPLE:
        path = contract.on_failure.get(mode)
        led.append((f"on_failure.{mode}.queue", path.queue if isinstance(path, ToQueue) else None))
    for where, queue in led:
        if queue is not None and queue in experts:
            message = f"`{queue}` is decided by {expert_of(experts[queue])}; this is for people to decide."
            yield Finding(where, message, "Name a queue of people.")


def _agent_findings(contract: Contract, folder: Path, agents: Mapping[str, str]) -> Iterator[Finding]:
    known = _agents_beside(folder)
    known[contract.agent] = contract
    for name, agent in agents.items():
        where = f"queues.{name}.agent"
        if agent == contract.agent:
            message = "an agent does not decide its own cases."
            yield Finding(where, message, "Name another one, or a `model` for the same remit.")
        elif agent not in known:
            others = sorted(set(known) - {contract.agent})
            suggestion = did_you_mean(agent, others) or f"Begin it beside this one: `remit new {agent}`."
            yield Finding(where, f"there is no agent `{agent}` beside this one.", suggestion)
        else:
            circle = _circle(known, contract.agent, agent)
            if circle:
                message = f"they decide each other's cases: {' to '.join(circle)}."
                yield Finding(where, message, "Let one of them end with people.")


def _agents_beside(folder: Path) -> dict[str, Contract]:
    found: dict[str, Contract] = {}
    for file in sorted(folder.resolve().parent.glob("*/remit.yaml")):
        contract = parse(file).remains
        if contract is not None:
            found[contract.agent] = contract
    return found


def _circle(known: Mapping[str, Contract], start: str, agent: str) -> list[str]:
    """The way from `agent` back to `start`, both ends included; empty where there is none."""
    ways, seen = [[start, agent]], {agent}
    while ways:
        way = ways.pop()
        contract = known.get(way[-1])
        for queue in contract.queues.values() if contract is not None else ():
            if queue.agent == start:
                return [*way, start]
            if queue.agent is not None and queue.agent not in seen:
                seen.add(queue.agent)
                ways.append([*way, queue.agent])
    return []
