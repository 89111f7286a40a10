-- open_queues
-- What waits for people, by queue.
select queue, count(*) as n, min(opened_at) as oldest, min(deadline) as first_deadline
from review_case where state = 'open' group by queue;

-- decided_cases_like
-- What was decided lately where the same was asked for.
select c.case_id, c.run_id, c.question, c.opened_at, r.agent, r.tenant, r.outcome
from review_case c join run r on r.run_id = c.run_id
where c.state = 'decided' and c.queue = :queue and c.reason = :reason
order by c.opened_at desc limit :most;

-- decided_lately
-- What was decided lately, in one queue or in all of them.
select c.case_id, c.run_id, c.queue, c.question, c.opened_at, r.agent, r.tenant, r.outcome
from review_case c join run r on r.run_id = c.run_id
where c.state = 'decided' and (cast(:queue as text) = '' or c.queue = :queue)
order by c.opened_at desc limit :most;

-- cases_of_run
select case_id, queue, state, question, opened_at, deadline from review_case
where run_id = :run_id order by opened_at;

-- ratings_of_agent
-- How often runs of an agent were rated so.
select count(*) as n from event e join run r on r.run_id = e.run_id
where e.kind = 'rated' and e.subject = :rating and e.at >= :since and r.agent = :agent;
