"""Lists that are read page by page, each page from where the one before ended."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from remit.store.filters import CASE_COLUMNS, equalities
from remit.store.rows import Value

AMONG = {
    # A call that failed was made too, and is what somebody looks for when things go wrong.
    "tool": " union all ".join(
        f"select run_id from (select run_id from event where kind = '{kind}' and subject = :tool{{at}}"
        f" order by at desc limit {{most}}) as {kind}_calls"
        for kind in ("done", "tool_failed")
    ),
    "rating": "select run_id from event where kind = 'rated' and subject = :rating{at}"
    " order by at desc limit {most}",
    "reviewer": "select run_id from event where kind = 'decided' and subject = :reviewer{at}"
    " order by at desc limit {most}",
    "verdict": "select run_id from event where kind = 'screened' and subject = :verdict{at}"
    " order by at desc limit {most}",
    "queue": " union all ".join(
        f"select run_id from (select run_id from review_case where state = '{state}' and queue = :queue"
        f"{{opened_at}} order by opened_at desc limit {{most}}) as {state}_cases"
        for state in ("open", "decided", "void")
    ),
}
"""What runs can be filtered by that stands in other tables."""
MOST_AMONG = 1500
"""Among how many of the newest such rows a run is looked for."""
MEASURES = {
    "ms": "(ended_at - admitted_at) * 1000.0",
    "cost": "cost_usd",
    "steps": "steps",
    "tokens": "tokens",
}
"""What runs can be filtered by with a bound."""
MEASURED_COLUMNS = ("run_id", "admitted_at", "ended_at", "cost_usd", "steps", "tokens")
"""What a bound and the order need."""
MOST_MEASURED = 5000
"""Among how many of the newest runs a page looks for a bound: no index holds what is measured."""
Bound = tuple[str, Literal[">", "<"], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """What somebody may see: an empty collection does not restrict."""

    agents: Collection[str] = ()
    queues: Collection[str] = ()
    tenants: Collection[str] = ()


@dataclass(slots=True, kw_only=True)
class _Where:
    clauses: list[str] = field(default_factory=list[str])
    values: dict[str, Value] = field(default_factory=dict[str, Value])

    def equals(self, column: str, name: str, value: Value) -> None:
        self.clauses.append(f"{column} = :{name}")
        self.values[name] = value

    def one_of(self, column: str, name: str, allowed: Collection[str]) -> None:
        if allowed:
            self.clauses.append(f"{column} in ({_named(name, allowed, self.values)})")

    def text(self) -> str:
        return f"where {' and '.join(self.clauses)}" if self.clauses else ""


def _named(prefix: str, items: Iterable[str], values: dict[str, Value]) -> str:
    names: list[str] = []
    for number, item in enumerate(items):
        values[f"{prefix}{number}"] = item
        names.append(f":{prefix}{number}")
    return ", ".join(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoughtRuns:
    """Which runs: exact values by filter, admitted from `since` on and before the run of `before`.

    `led_by` names the filter whose index is used, where the database cannot know.
    """

    filters: Mapping[str, str]
    restriction: Restriction
    since: float | None = None
    before: tuple[float, str] | None = None
    led_by: str | None = None


def runs_page(
    sought: SoughtRuns, *, most: int, bounds: Sequence[Bound] = (), columns: Sequence[str] = ("*",)
) -> tuple[str, dict[str, Value]]:
    """Runs, newest first; KeyError for a filter that does not exist.

    `columns` are those of the table that are needed: the fewer, the quicker are many rows.
    """
    source, where = _searched(sought)
    where.values["most"] = most
    order = "order by admitted_at desc, run.run_id desc limit"
    if not bounds:
        return f"select {_named_columns(columns)} from {source} {where.text()} {order} :most", where.values
    newest = f"select {_with_measures(columns)} from {source} {where.text()} {order} :most_measured"
    where.values["most_measured"] = MOST_MEASURED
    measured = " and ".join(_bound(number, bound, where.values) for number, bound in enumerate(bounds))
    order = "order by admitted_at desc, run_id desc limit"
    return f"select * from ({newest}) as newest where {measured} {order} :most", where.values


def last_measured(sought: SoughtRuns) -> tuple[str, dict[str, Value]]:
    """The last run in which a page of `runs_page` looks for a bound; no row if it looks in all of them."""
    source, where = _searched(sought)
    where.values["passed"] = MOST_MEASURED - 1
    order = "order by admitted_at desc, run.run_id desc limit 1 offset :passed"
    return f"select admitted_at, run.run_id from {source} {where.text()} {order}", where.values


def _searched(sought: SoughtRuns) -> tuple[str, _Where]:
    filters, since, before = sought.filters, sought.since, sought.before
    where = _Where()
    tagged = [name for name in filters if name in AMONG]
    where.clauses += equalities(
        {name: value for name, value in filters.items() if name not in AMONG}, sought.led_by
    )
    where.values.update(filters)
    where.clauses += [f"run.run_id in ({_among(name, since)})" for name in tagged[1:]]
    source = "run"
    if tagged:
        # SQLite keeps the order of a cross join: the few runs that are tagged come first.
        first = f"select distinct run_id from ({_among(tagged[0], since)}) as found"
        source = f"({first}) as tagged cross join run"
        where.clauses.append("run.run_id = tagged.run_id")
    where.one_of("agent", "only_agent", sought.restriction.agents)
    where.one_of("tenant", "only_tenant", sought.restriction.tenants)
    if since is not None:
        where.clauses.append("admitted_at >= :since")
        where.values["since"] = since
    if before is not None:
        where.clauses.append("(admitted_at, run.run_id) < (:before, :before_run)")
        where.values |= {"before": before[0], "before_run": before[1]}
    return source, where


def _with_measures(columns: Sequence[str]) -> str:
    return _named_columns([*columns, *MEASURED_COLUMNS])


def _named_columns(columns: Sequence[str]) -> str:
    return "run.*" if "*" in columns else ", ".join(dict.fromkeys(f"run.{name}" for name in columns))


def _among(name: str, since: float | None) -> str:
    late = {at: f" and {at} >= :since" if since is not None else "" for at in ("at", "opened_at")}
    return AMONG[name].format(most=MOST_AMONG, **late)


def _bound(number: int, bound: Bound, values: dict[str, Value]) -> str:
    name, sign, value = bound
    values[f"bound{number}"] = value
    return f"{MEASURES[name]} {'>' if sign == '>' else '<'} :bound{number}"


def subjects_of(run_ids: Collection[str]) -> tuple[str, dict[str, Value]]:
    """By kind of event and its subject, in how many of these runs it occurs: tools, reviewers, verdicts.

    At least one run is named.
    """
    values: dict[str, Value] = {}
    named = _named("run", run_ids, values)
    # Written so that the events of these runs are read, and not the index of all that ever happened.
    kinds = "kind || '' in ('done', 'tool_failed', 'decided', 'screened') and subject || '' <> ''"
    kind = "case when kind = 'tool_failed' then 'done' else kind end as kind"
    found = f"select distinct run_id, {kind}, subject from event where run_id in ({named}) and {kinds}"
    return f"select kind, subject, count(*) as n from ({found}) as found group by kind, subject", values


def queues_of(run_ids: Collection[str]) -> tuple[str, dict[str, Value]]:
    """How many of these runs have a case in each queue; at least one run is named."""
    values: dict[str, Value] = {}
    named = _named("run", run_ids, values)
    source = f"select distinct run_id, queue from review_case where run_id in ({named})"
    return f"select queue, count(*) as n from ({source}) as cases group by queue", values


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """Only cases that this person may take up at that moment: not put off, and nobody else's for now.

    What another agent or model decides is theirs until they pass it on.
    """

    by: str
    now: float


def cases_page(
    filters: Mapping[str, str],
    restriction: Restriction,
    *,
    after: tuple[float, float, str] | None,
    most: int,
    free: Free | None = None,
) -> tuple[str, dict[str, Value]]:
    """Cases with their run's agent and tenant, the most urgent first, from the one after `after` on.

    `after` is the `rank`, `due` and id of the last case of the page before.
    """
    where = _cases_where(filters, restriction)
    if free is not None:
        where.clauses.append(f"c.snoozed_until <= :now and not ({_TAKEN})")
        where.values |= {"now": free.now, "by": free.by}
    if after is not None:
        where.clauses.append("(c.rank, c.due, c.case_id) > (:after_rank, :after_due, :after_case)")
        where.values |= {"after_rank": int(after[0]), "after_due": after[1], "after_case": after[2]}
    where.values["most"] = most
    # What a list is ordered by comes first: the other table is looked up for its rows alone.
    order = "order by c.rank, c.due, c.case_id limit :most"
    return f"select c.*, r.agent, r.tenant from {_CASES} {where.text()} {order}", where.values


def cases_not_free(
    filters: Mapping[str, str], restriction: Restriction, free: Free
) -> tuple[str, dict[str, Value]]:
    """How many cases that person may not take up at that moment: `taken` by others, and `put_off`."""
    where = _cases_where(filters, restriction)
    where.values |= {"now": free.now, "by": free.by}
    put_off = "coalesce(sum(case when c.snoozed_until > :now then 1 else 0 end), 0)"
    taken = f"coalesce(sum(case when c.snoozed_until <= :now and ({_TAKEN}) then 1 else 0 end), 0)"
    return f"select {taken} as taken, {put_off} as put_off from {_CASES} {where.text()}", where.values


_CASES = "review_case c join run r on r.run_id = c.run_id"
_TAKEN = "c.expert <> '' or (c.reserved_until > :now and c.reserved_by <> :by)"


def _cases_where(filters: Mapping[str, str], restriction: Restriction) -> _Where:
    where = _Where()
    for name, value in filters.items():
        where.equals(CASE_COLUMNS[name], name, value)
    where.one_of("r.agent", "only_agent", restriction.agents)
    where.one_of("r.tenant", "only_tenant", restriction.tenants)
    where.one_of("c.queue", "only_queue", restriction.queues)
    return where


def notifications_page(
    state: str, restriction: Restriction, *, before: tuple[float, str] | None, most: int
) -> tuple[str, dict[str, Value]]:
    """Notifications in that state with their run's tenant, newest first, from the one after `before` on."""
    where = _Where()
    where.equals("n.state", "state", state)
    where.one_of("n.agent", "only_agent", restriction.agents)
    where.one_of("r.tenant", "only_tenant", restriction.tenants)
    where.one_of("n.queue", "only_queue", restriction.queues)
    if before is not None:
        where.clauses.append("(n.created_at, n.notification_id) < (:before, :before_name)")
        where.values |= {"before": before[0], "before_name": before[1]}
    where.values["most"] = most
    source = "notification n join run r on r.run_id = n.run_id"
    order = "order by n.created_at desc, n.notification_id desc limit :most"
    return f"select n.*, r.tenant from {source} {where.text()} {order}", where.values


def heads_of(run_ids: Collection[str]) -> tuple[str, dict[str, Value]]:
    """The heads of these runs; at least one is named."""
    values: dict[str, Value] = {}
    return f"select run_id, head from run where run_id in ({_named('run', run_ids, values)})", values
