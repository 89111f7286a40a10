"""Every condition under which a run reaches a person, each as one sentence."""

from collections.abc import Iterator

from remit.contract.duration import text as duration_text
from remit.contract.experts import expert_texts
from remit.contract.failures import failure_table, path_for_topic, queue_for
from remit.contract.limits import ask_text
from remit.contract.own_request import own_request_text
from remit.contract.path import ToQueue
from remit.contract.queues import queue_of
from remit.contract.schema import Contract
from remit.outcome import MEANING


def triggers(contract: Contract) -> Iterator[str]:
    """The sentences: calls that are asked about, excluded topics, failures that are handed over."""
    for name, rule in contract.tools.items():
        if rule.ask is not None and rule.ask.when.strip() != "never":
            within = duration_text(rule.ask.deadline)
            yield f"{name}: {ask_text(rule.ask)}, in {queue_for(contract, rule.ask)}, within {within}."
    asks = contract.ask_person
    if asks is not None:
        yield own_request_text(asks, asks.deadline or queue_of(contract, asks.queue).deadline)
    for topic in contract.does_not:
        path = path_for_topic(contract, topic).path
        if isinstance(path, ToQueue):
            yield f"Somebody asks for {topic.topic}: it goes to {path.queue}."
    yield from expert_texts(contract)
    for row in failure_table(contract):
        if isinstance(row.path, ToQueue):
            tool = f" of {row.tool}" if row.tool else ""
            yield f"{row.mode}{tool}: {MEANING[row.mode]}; it goes to {row.path.queue}."
