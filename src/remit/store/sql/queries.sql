-- admit_run
-- A run and its first head; refused by the key if the id exists.
insert into run (run_id, agent, release_hash, tenant, user_id, conversation, idempotency_key, state, outcome, mode,
                 head, chain, lease_wake, lease_until, wakes, deadline, priority, steps, tokens, cost_usd, admitted_at, ended_at)
values (:run_id, :agent, :release_hash, :tenant, :user_id, :conversation, :idempotency_key, :state, :outcome, :mode,
        :head, :chain, :lease_wake, case when :lease_s > 0 then unix_now() + :lease_s else 0 end, :wakes, :deadline,
        :priority, :steps, :tokens, :cost_usd, :admitted_at, :ended_at);

-- advance_run
-- Moves the head; touches no row if another appender was first or another wake's lease is alive.
update run set release_hash = :release_hash, state = :state, outcome = :outcome, mode = :mode, head = :head,
    chain = :chain, lease_wake = :lease_wake, lease_until = case when :lease_s > 0 then unix_now() + :lease_s else 0 end,
    wakes = :wakes, deadline = :deadline, steps = :steps, tokens = :tokens, cost_usd = :cost_usd,
    ended_at = :ended_at
where run_id = :run_id and head = :expected_head
  and (lease_wake is null or lease_wake = :wake or lease_until < unix_now());

-- advance_within_wake
-- The same while a wake goes on: no indexed column is named, so that no index is rewritten.
update run set head = :head, chain = :chain, wakes = :wakes, steps = :steps, tokens = :tokens, cost_usd = :cost_usd
where run_id = :run_id and head = :expected_head;

-- advance_run_from_outside
-- Moves the head and leaves the lease to the wake that holds it.
update run set release_hash = :release_hash, state = :state, outcome = :outcome, mode = :mode, head = :head,
    chain = :chain, wakes = :wakes, deadline = :deadline, steps = :steps, tokens = :tokens, cost_usd = :cost_usd,
    ended_at = :ended_at
where run_id = :run_id and head = :expected_head;

-- add_event
insert into event (run_id, seq, id, at, kind, digest, chain, subject, failed, latency_ms, body_id)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- add_body
insert into body (body_id, run_id, seq, salt, data) values (?, ?, ?, ?, ?);

-- last_body
select coalesce(max(body_id), 0) from body;

-- renew_leases
update run set lease_until = unix_now() + :lease_s where lease_wake = :wake and state = 'runnable';

-- release_lease
-- Lets a lease go that its wake did not.
update run set lease_wake = null, lease_until = 0 where run_id = :run_id and lease_wake = :wake;

-- runnable_runs
-- Every runnable run without a live lease, in their order, by the database's clock.
select run_id, agent, release_hash, priority, admitted_at from run
where state = 'runnable' and lease_until < unix_now() and (admitted_at, run_id) > (:after, :after_run)
order by admitted_at, run_id limit :most;

-- due_runs
-- Runs whose case, or whose own time, has passed its deadline.
select run_id, agent from run where deadline is not null and deadline <= unix_now()
  and state in ('waiting', 'runnable')
order by deadline limit :most;

-- run_row
select * from run where run_id = :run_id;

-- run_ids_like
-- A range, since no index serves `like` on both databases.
select run_id from run where run_id >= :prefix and run_id < :beyond order by run_id limit 10;

-- run_by_idempotency_key
select run_id from run where tenant = :tenant and agent = :agent and idempotency_key = :idempotency_key;

-- earlier_runs
-- Ended runs of the same conversation, oldest first.
select run_id from run
where tenant = :tenant and agent = :agent and conversation = :conversation
  and state = 'ended' and ended_at <= :before and run_id <> :run_id
order by admitted_at, run_id;

-- events_from
-- An erased body's number may come to be another's: run and seq have to fit too.
select e.seq, e.id, e.at, e.kind, e.digest, e.chain, b.salt, b.data
from event e left join body b
    on b.body_id = e.body_id and b.run_id = e.run_id and b.seq = e.seq
where e.run_id = :run_id and e.seq >= :from_seq order by e.seq;

-- all_heads
select run_id, head, chain from run
union all select stream_id as run_id, head, chain from stream order by run_id;

-- open_case
insert into review_case (case_id, run_id, queue, reason, question, state, opened_at, opens_at, deadline, rank, due,
                         expert)
values (:case_id, :run_id, :queue, :reason, :question, 'open', :opened_at, :opens_at, :deadline, :rank, :due, :expert);

-- close_case
update review_case set state = :state, reserved_by = null, reserved_until = 0 where case_id = :case_id;

-- case_row
select * from review_case where case_id = :case_id;

-- case_ids_like
-- A range, as for runs.
select case_id from review_case where case_id >= :prefix and case_id < :beyond order by case_id limit 10;

-- claim_once
insert into once (once_key, run_id, key, state, at) values (:once_key, :run_id, :key, 'intended', :at)
on conflict (once_key) do update set at = excluded.at where once.key = excluded.key;

-- finish_once
update once set state = 'done', result = :result where key = :key and state = 'intended';

-- free_once
delete from once where key = :key and state = 'intended';

-- once_row
select * from once where once_key = :once_key;

-- breaker_row
select failures, opened_at from breaker where tool = :tool;

-- last_known_row
select as_of, result from last_known where key = :key;

-- put_last_known
insert into last_known (key, tool, as_of, result) values (:key, :tool, :as_of, :result)
on conflict (key) do update set as_of = excluded.as_of, result = excluded.result where excluded.as_of >= last_known.as_of;

-- put_release
insert into release (hash, agent, content, created_at) values (:hash, :agent, :content, :created_at)
on conflict (hash) do nothing;

-- release_row
select hash, agent, content from release where hash = :hash;

-- measured_events
-- Calls of tools or models, for statistics.
select subject, failed, latency_ms from event
where kind = :kind and subject is not null and at >= :since order by subject, latency_ms;

-- outcomes
select coalesce(outcome, state) as subject, mode, (ended_at - admitted_at) * 1000.0 as latency_ms from run
where admitted_at >= :since order by 1, 3;

-- count_runs
select count(*) as n from run;
