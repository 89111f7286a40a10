-- runnable_now
-- Whether anything at all can be claimed.
select run_id from run where state = 'runnable' and lease_until < unix_now() limit 1;

-- claim_runs
-- Leases the next runs that a worker may advance, the most urgent first, then the oldest. The id of each
-- wake says whether an earlier lease had run out.
update run set lease_wake = cast(:claim as text) || '.' || run_id || case when lease_wake is null then '' else '-lapsed' end,
    lease_until = unix_now() + :lease_s
where state = 'runnable' and lease_until < unix_now() and run_id in (
    select r.run_id from run r
    where r.state = 'runnable' and r.lease_until < unix_now() and exists (
        select 1 from able a
        where a.worker = :worker and a.agent = r.agent and r.release_hash in (a.release_hash, '') and a.limited = 0)
    order by r.priority desc, r.admitted_at, r.run_id limit :most)
returning run_id, lease_wake as wake;

-- claim_named_runs
-- Leases the runs of a JSON list, except those that another wake has. The plus keeps SQLite from reading
-- all runnable runs for them.
update run set lease_wake = cast(:claim as text) || '.' || run_id || case when lease_wake is null then '' else '-lapsed' end,
    lease_until = unix_now() + :lease_s
where run_id in (select value from json_each(:run_ids)) and +state = 'runnable' and lease_until < unix_now()
returning run_id, lease_wake as wake;

-- count_alone
-- From here to the end of the transaction nobody else counts this agent's runs.
insert into flow (agent, at) values (:agent, unix_now())
on conflict (agent) do update set at = excluded.at;

-- claim_limited_runs
-- The same for an agent whose runs under way are bounded, in all and for each tenant.
update run set lease_wake = cast(:claim as text) || '.' || run_id || case when lease_wake is null then '' else '-lapsed' end,
    lease_until = unix_now() + :lease_s
where state = 'runnable' and lease_until < unix_now() and run_id in (
    select q.run_id from (
        select r.run_id, r.priority, r.admitted_at,
            row_number() over (partition by r.tenant order by r.priority desc, r.admitted_at, r.run_id)
                + coalesce(b.under_way, 0) as place
        from run r left join (
            select tenant, count(*) as under_way from run
            where state = 'runnable' and agent = :agent and lease_until >= unix_now() and lease_wake is not null
            group by tenant) b on b.tenant = r.tenant
        where r.state = 'runnable' and r.agent = :agent and r.lease_until < unix_now() and exists (
            select 1 from able a
            where a.worker = :worker and a.agent = r.agent and r.release_hash in (a.release_hash, ''))) q
    where q.place <= :per_tenant
    order by q.priority desc, q.admitted_at, q.run_id
    limit (select case when c.room < 0 then 0 when c.room < :most then c.room else :most end from (
        select :at_once - count(*) as room from run
        where state = 'runnable' and agent = :agent and lease_until >= unix_now()
          and lease_wake is not null) c))
returning run_id, lease_wake as wake;

-- give_back_run
-- Lets a claimed run go, for others at once or after a moment.
update run set lease_wake = null, lease_until = unix_now() + :rest_s
where run_id = :run_id and lease_wake = :wake and state = 'runnable';

-- cancelled_meanwhile
-- Whether the run that a wake has was cancelled after the last event that the wake knows.
select r.run_id from run r join event e on e.run_id = r.run_id
where r.lease_wake = :wake and r.state = 'runnable' and r.head > :after and e.seq > :after and e.kind = 'cancelled';

-- put_worker
insert into worker (worker, host, engine, concurrency, started_at, heartbeat_at)
values (:worker, :host, :engine, :concurrency, unix_now(), unix_now())
on conflict (worker) do update set heartbeat_at = excluded.heartbeat_at, concurrency = excluded.concurrency;

-- put_able
insert into able (worker, agent, release_hash, limited) values (:worker, :agent, :release_hash, :limited)
on conflict (worker, agent, release_hash) do update set limited = excluded.limited;

-- forget_abilities
delete from able where worker in (select worker from worker where heartbeat_at < unix_now() - :silent_s);

-- forget_workers
delete from worker where heartbeat_at < unix_now() - :silent_s;

-- dead_workers
select worker from worker where heartbeat_at < unix_now() - :silent_s;

-- workers
select worker, host, engine, concurrency, started_at, heartbeat_at, unix_now() - heartbeat_at as silent_s
from worker order by started_at, worker;

-- abilities
select worker, agent, release_hash, limited from able order by worker, agent, release_hash;

-- queued_releases
-- What waits for a worker, by release.
select agent, release_hash, count(*) as runs, min(admitted_at) as oldest_at from run
where state = 'runnable' and lease_until < unix_now()
group by agent, release_hash order by agent, release_hash;

-- queued_runs_of
-- The oldest runs of one release that wait for a worker.
select run_id from run
where state = 'runnable' and lease_until < unix_now() and agent = :agent and release_hash = :release_hash
order by admitted_at, run_id limit :most;

-- last_seen_with
-- When a worker that is able to run this release was last heard of, and how many such are working.
select max(w.heartbeat_at) as seen_at, unix_now() as now_at,
    coalesce(sum(case when w.concurrency > 0 and w.heartbeat_at > unix_now() - 90 then 1 else 0 end), 0) as living
from able a join worker w on w.worker = a.worker
where a.agent = :agent and a.release_hash = :release_hash;

-- queued_of_agent
-- How many runs wait for a worker, counted no further than asked for, and since when.
select count(*) as runs, min(admitted_at) as oldest_at, unix_now() as now_at from (
    select admitted_at from run
    where state = 'runnable' and lease_until < unix_now() and agent = :agent limit :most) q;

-- queued_by_agent
-- What waits for a worker, by agent.
select agent, count(*) as runs, min(admitted_at) as oldest_at, unix_now() as now_at from run
where state = 'runnable' and lease_until < unix_now() group by agent order by agent;

-- states
select state, agent, count(*) as runs, min(admitted_at) as oldest_at from run
where state <> 'ended' group by state, agent order by state, agent;

-- take_rate
-- Takes one call and its tokens from the buckets of a name; no row if one of them is empty.
insert into rate (name, calls_at, tokens_at)
values (:name, unix_now() + :call_s, unix_now() + :tokens_s)
on conflict (name) do update set
    calls_at = case when rate.calls_at > unix_now() then rate.calls_at else unix_now() end + :call_s,
    tokens_at = case when rate.tokens_at > unix_now() then rate.tokens_at else unix_now() end + :tokens_s
where rate.calls_at <= unix_now() + :calls_ahead_s and rate.tokens_at <= unix_now() + :tokens_ahead_s
returning name;

-- rate_row
select calls_at, tokens_at, unix_now() as now_at from rate where name = :name;

-- mend_rate
-- What a call used in truth, beside what was taken for it.
update rate set calls_at = calls_at + :calls_s, tokens_at = tokens_at + :tokens_s where name = :name;
