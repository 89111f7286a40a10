-- ended_before
-- Ended runs that still have bodies, the oldest first; a page after the one before.
select r.run_id, r.ended_at,
    (select count(*) from event e join body b on b.body_id = e.body_id and b.run_id = e.run_id and b.seq = e.seq
     where e.run_id = r.run_id) as bodies
from run r
where r.ended_at is not null and r.ended_at < :before and (r.ended_at, r.run_id) > (:after, :after_run)
order by r.ended_at, r.run_id limit :most;

-- drop_bodies
-- Bodies and salts of one run; its events and their digests stay, so that the chain still verifies.
delete from body where run_id = :run_id and body_id in (select body_id from event where run_id = :run_id);

-- drop_questions
update review_case set question = '' where run_id = :run_id and state <> 'open';

-- drop_last_known
delete from last_known where as_of < :before;

-- runs_of_state
select state, count(*) as n from run where state <> 'ended' group by state;

-- count_ended
select count(*) as n from run where ended_at is not null;

-- oldest_waiting
select run_id, admitted_at from run where state = 'waiting' order by admitted_at limit 1;

-- wakes_taken
-- How often runs of that time were taken up: one wake is what a run without waiting needs.
select coalesce(max(n), 0) as most, coalesce(avg(n), 0) as mean from
    (select count(*) as n from event e join run r on r.run_id = e.run_id
     where r.admitted_at >= :since and e.kind = 'taken' group by e.run_id) as taken;

-- bodies_by_age
select count(*) as n, coalesce(sum(length(b.data)), 0) as bytes from run r
join event e on e.run_id = r.run_id
join body b on b.body_id = e.body_id and b.run_id = e.run_id and b.seq = e.seq
where r.ended_at >= :since and r.ended_at < :before;

-- runs_after
-- Every run's row, in the order of ids; a page after the one before.
select * from run where run_id > :after order by run_id limit :most;

-- copied_columns
select e.seq, e.at, e.kind, e.subject, e.failed, e.latency_ms, b.data
from event e join body b on b.body_id = e.body_id and b.run_id = e.run_id and b.seq = e.seq
where e.run_id = :run_id order by e.seq;

-- streams
select stream_id as run_id, head, chain from stream order by stream_id;

-- count_breaker_failures
-- Counted where it lies: two runs that fail at once count twice.
insert into breaker (tool, failures, opened_at)
values (:tool, :failures, case when :failures >= :threshold then :at end)
on conflict (tool) do update set failures = breaker.failures + excluded.failures,
    opened_at = case when breaker.failures + excluded.failures >= :threshold then :at end;

-- close_breaker
update breaker set failures = 0, opened_at = null where tool = :tool;

-- claim_probe
-- One run alone may try a resting tool: it finds the row as it read it.
update breaker set opened_at = :at where tool = :tool and opened_at = :opened_at;
