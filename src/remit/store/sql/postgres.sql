-- Statements that must differ on Postgres from the one in queries*.sql, each with its reason.

-- claim_named_runs
-- A JSON list is opened otherwise, and rows are locked in one order by whoever claims several.
update run set lease_wake = cast(:claim as text) || '.' || run_id || case when lease_wake is null then '' else '-lapsed' end,
    lease_until = unix_now() + :lease_s
where run_id in (
    select run_id from run where run_id in (select json_array_elements_text(cast(:run_ids as json)))
    and state = 'runnable' and lease_until < unix_now() order by run_id for update)
returning run_id, lease_wake as wake;
