-- open_cases_of_agent
-- Cases of one agent that wait in one queue, the oldest first.
select review_case.case_id, review_case.run_id from review_case
join run on run.run_id = review_case.run_id
where review_case.state = 'open' and review_case.queue = :queue and run.agent = :agent
order by review_case.opened_at, review_case.case_id limit :most;
