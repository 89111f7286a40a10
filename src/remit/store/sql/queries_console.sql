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
