"""Which queues there are, who looks after them, and what leads there."""

from collections.abc import Iterator

from remit.contract.duration import text as duration_text
from remit.contract.failures import failure_table, path_for_topic, queue_for
from remit.contract.path import ToQueue
from remit.contract.schema import Contract, Queue


def queue_rows(contract: Contract) -> Iterator[tuple[str, str, str, str]]:
    """Name, owner, time and what leads there, for every declared queue and the default one."""
    queues = dict(contract.queues)
    if contract.handover is not None and contract.handover not in queues:
        queues[contract.handover] = Queue()
    gets = list(_leads(contract))
    for name, queue in queues.items():
        what = ", ".join(dict.fromkeys(source for target, source in gets if target == name))
        default = " (the default)" if name == contract.handover else ""
        owner = queue.owner or (name if "@" in name else "nobody is declared")
        yield name + default, owner, duration_text(queue.deadline), what or "nothing leads here"


def _leads(contract: Contract) -> Iterator[tuple[str | None, str]]:
    for name, rule in contract.tools.items():
        if rule.ask is not None:
            yield queue_for(contract, rule.ask), f"questions about {name}"
    for topic in contract.does_not:
        path = path_for_topic(contract, topic).path
        if isinstance(path, ToQueue):
            yield path.queue, topic.topic
    for row in failure_table(contract):
        if isinstance(row.path, ToQueue):
            yield row.path.queue, f"{row.mode} of {row.tool}" if row.tool else str(row.mode)
