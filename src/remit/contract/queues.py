"""Which queues there are, who looks after them and when, and what leads there."""

from collections.abc import Iterator

from remit.contract.duration import text as duration_text
from remit.contract.failures import failure_table, path_for_topic, queue_for
from remit.contract.hours import Hours, parse_hours, working_deadline
from remit.contract.path import ToQueue
from remit.contract.problem import Finding, did_you_mean
from remit.contract.queue import Notify, Queue, expert_of
from remit.contract.schema import Contract, ToolRule
from remit.contract.secret import SecretName


def queue_of(contract: Contract, name: str) -> Queue:
    """What is declared of a queue; the defaults where nothing is."""
    return contract.queues.get(name, Queue())


def people_queue(contract: Contract, name: str) -> str:
    """Where people get what comes to that queue: the queue itself, or the one behind its agent or model."""
    return queue_of(contract, name).then or name


def hours_of(queue: Queue) -> Hours | None:
    """When the queue is looked after; None where that is always."""
    return parse_hours(queue.hours, queue.time_zone or "UTC") if queue.hours is not None else None


def deadline_of(contract: Contract, name: str, now: float, duration_s: float | None = None) -> float:
    """When a case of that queue is due, in seconds since the epoch; only its working hours count.

    Where an agent or a model decides first, people have their whole time after that.
    """
    queue = queue_of(contract, name)
    if queue.then is not None:
        return deadline_of(contract, queue.then, now + queue.deadline, duration_s)
    return working_deadline(hours_of(queue), now, queue.deadline if duration_s is None else duration_s)


def with_queue_defaults(contract: Contract) -> Contract:
    """The contract in which each `ask` that names no deadline or default has those of its queue."""
    tools = {name: _asked(contract, rule) for name, rule in contract.tools.items()}
    return contract.model_copy(update={"tools": tools}) if tools != contract.tools else contract


def _asked(contract: Contract, rule: ToolRule) -> ToolRule:
    ask = rule.ask
    queue = contract.queues.get(queue_for(contract, ask) or "") if ask is not None else None
    if ask is None or queue is None:
        return rule
    said = {"deadline": queue.deadline, "otherwise": queue.otherwise or "deny"}
    missing = {key: value for key, value in said.items() if key not in ask.model_fields_set}
    return rule.model_copy(update={"ask": ask.model_copy(update=missing)})


def queue_findings(contract: Contract) -> Iterator[Finding]:
    """What is wrong with the queues themselves."""
    for name, queue in contract.queues.items():
        where = f"queues.{name}"
        if queue.hours is not None:
            try:
                hours_of(queue)
            except ValueError as error:
                key = "time_zone" if "time zone" in str(error) else "hours"
                yield Finding(f"{where}.{key}", f"{error}.")
        elif queue.time_zone is not None:
            yield Finding(f"{where}.time_zone", "without `hours` a time zone says nothing.", "Add `hours:`.")
        for index, notify in enumerate(queue.notify):
            yield from _notify_findings(f"{where}.notify.{index}", notify)


def _notify_findings(where: str, notify: Notify) -> Iterator[Finding]:
    if notify.webhook is not None and notify.key is None:
        yield Finding(
            where,
            "without `key` nobody can tell whether a webhook came from here.",
            "Add `key: {secret: NAME}`.",
        )
    if notify.webhook is None and notify.key is not None:
        yield Finding(f"{where}.key", "only a `webhook` is signed.", "Remove it.")
    if notify.email is not None and ("@" not in notify.email or notify.email.split() != [notify.email]):
        yield Finding(f"{where}.email", f"{notify.email!r} is no address.", "Write `name@example.com`.")
    for key, address in (("webhook", notify.webhook), ("slack", notify.slack)):
        if isinstance(address, str) and not address.startswith(("http://", "https://")):
            yield Finding(f"{where}.{key}", f"{address!r} is no address.", "Write `https://...`.")


def queue_secrets(contract: Contract) -> Iterator[tuple[str, str]]:
    """Where a queue names a secret, and its name."""
    for name, queue in contract.queues.items():
        for index, notify in enumerate(queue.notify):
            for key in ("webhook", "slack", "key"):
                setting = getattr(notify, key)
                if isinstance(setting, SecretName):
                    yield f"queues.{name}.notify.{index}.{key}", setting.secret


def unknown_queue(contract: Contract, name: str) -> str:
    """Why a case cannot go to that queue; nothing where it can."""
    declared = {*contract.queues, *([contract.handover] if contract.handover else [])}
    then = queue_of(contract, name).then
    if then is not None:
        return f"No person looks after {name}; {then} is the queue of people behind it."
    if name in declared:
        return ""
    return f"{contract.agent} has no queue {name}. {did_you_mean(name, declared)}".strip()


def queue_rows(contract: Contract) -> Iterator[tuple[str, str, str, str]]:
    """Name, owners, time and what leads there, for every declared queue and the default one; urgent first."""
    queues = dict(contract.queues)
    if contract.handover is not None and contract.handover not in queues:
        queues[contract.handover] = Queue()
    gets = list(_leads(contract))
    for name, queue in sorted(queues.items(), key=lambda item: -(item[1].priority or 0)):
        what = ", ".join(dict.fromkeys(source for target, source in gets if target == name))
        default = " (the default)" if name == contract.handover else ""
        owner = expert_of(queue) or ", ".join(queue.owner) or (name if "@" in name else "nobody is declared")
        yield name + default, owner, within_text(queue), what or "nothing leads here"


def within_text(queue: Queue) -> str:
    """How soon it is looked after, in one phrase."""
    parts = [duration_text(queue.deadline)]
    if queue.then is not None:
        parts.append(f"then {queue.then} gets it")
    if queue.hours is not None:
        parts.append(f"of {queue.hours} ({queue.time_zone or 'UTC'})")
    if queue.otherwise is not None:
        done = "made" if queue.otherwise == "approve" else "not made"
        parts.append(f"after that a call is {done} where its `ask` says nothing else")
    if queue.priority:
        parts.append(f"priority {queue.priority}")
    if queue.undo is not None:
        parts.append(f"a decision can be taken back for {duration_text(queue.undo)}")
    if queue.notify:
        parts.append("told: " + ", ".join(_target_text(notify) for notify in queue.notify))
    return ", ".join(parts)


def _target_text(notify: Notify) -> str:
    target = notify.email or ("a signed webhook" if notify.webhook is not None else "Slack")
    settings = (notify.webhook, notify.slack, notify.key)
    named = [each.secret if isinstance(each, SecretName) else each for each in settings if each is not None]
    where = f" ({', '.join(named)})" if named else ""
    return f"{target}{where} in at most {notify.attempts} attempts of {duration_text(notify.timeout)}"


def _leads(contract: Contract) -> Iterator[tuple[str | None, str]]:
    for name, rule in contract.tools.items():
        if rule.ask is not None:
            yield queue_for(contract, rule.ask), f"questions about {name}"
    if contract.ask_person is not None:
        yield contract.ask_person.queue, "what the agent asks by itself"
    for topic in contract.does_not:
        path = path_for_topic(contract, topic).path
        if isinstance(path, ToQueue):
            yield path.queue, topic.topic
    for row in failure_table(contract):
        if isinstance(row.path, ToQueue):
            yield row.path.queue, f"{row.mode} of {row.tool}" if row.tool else str(row.mode)
