-- open_queues
-- What waits for people, by queue; answered by an index alone.
select queue, count(*) as n, min(opened_at) as oldest from review_case where state = 'open' group by queue;

-- first_deadlines
select queue, min(deadline) as first_deadline from review_case where state = 'open' group by queue;

-- decided_cases_like
-- What was decided lately where the same was asked for, among the newest of the queue.
select lately.case_id, lately.run_id, lately.question, lately.opened_at, r.agent, r.tenant, r.outcome
from (select * from review_case where state = 'decided' and queue = :queue
      order by opened_at desc limit :among) lately
join run r on r.run_id = lately.run_id
where lately.reason = :reason
order by lately.opened_at desc limit :most;

-- decided_lately
-- What was decided lately, among the newest cases.
select lately.case_id, lately.run_id, lately.queue, lately.question, lately.opened_at, r.agent, r.tenant, r.outcome
from (select * from review_case order by opened_at desc, case_id desc limit :among) lately
join run r on r.run_id = lately.run_id
where lately.state = 'decided' order by lately.opened_at desc limit :most;

-- decided_lately_in
-- What was decided lately in one queue.
select lately.case_id, lately.run_id, lately.queue, lately.question, lately.opened_at, r.agent, r.tenant, r.outcome
from (select * from review_case where state = 'decided' and queue = :queue
      order by opened_at desc limit :most) lately
join run r on r.run_id = lately.run_id order by lately.opened_at desc;

-- cases_of_run
select case_id, queue, state, question, opened_at, deadline from review_case
where run_id = :run_id order by opened_at;

-- ratings_of_agent
-- How often runs of an agent were rated so, among the newest ratings of that word.
select count(*) as n from (
    select run_id from event where kind = 'rated' and subject = :rating and at >= :since
    order by at desc limit :most) rated
join run r on r.run_id = rated.run_id where r.agent = :agent;

-- span_parts
-- Where each part of a run begins: the first of every so many events that begin a span. No body is read.
select seq, at, number from (
    select seq, at, row_number() over (order by seq) - 1 as number from event
    where run_id = :run_id and kind in ('model_asked', 'intended', 'case_opened', 'diverted')) as begun
where number - number / :part * :part = 0 order by seq;

-- first_body
-- All bodies of a run go together: whether the first is there says it of those up to the run's end.
select e.seq from event e join body b on b.body_id = e.body_id and b.run_id = e.run_id and b.seq = e.seq
where e.run_id = :run_id and e.seq = 0;

-- kinds_of_run
select kind, count(*) as n from event where run_id = :run_id group by kind;

-- events_between
select e.seq, e.id, e.at, e.kind, b.data
from event e left join body b
    on b.body_id = e.body_id and b.run_id = e.run_id and b.seq = e.seq
where e.run_id = :run_id and e.seq >= :from_seq and e.seq < :to_seq order by e.seq;

-- turns_between
-- What was out of the ordinary, without what happens at every step.
select e.seq, e.id, e.at, e.kind, b.data
from event e left join body b
    on b.body_id = e.body_id and b.run_id = e.run_id and b.seq = e.seq
where e.run_id = :run_id and e.seq >= :from_seq and e.seq < :to_seq
  and e.kind in ('case_opened', 'decided', 'diverted', 'model_failed', 'cancelled', 'hand_over_asked', 'set_aside',
                 'rated', 'ended')
order by e.seq limit :most;
