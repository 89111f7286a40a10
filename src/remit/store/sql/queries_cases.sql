-- reopen_case
-- A decision on it was taken back, or made without evidence that came later.
update review_case set state = 'open' where case_id = :case_id and state = 'decided';

-- place_case
update review_case set queue = :queue, rank = :rank, snoozed_until = :snoozed_until, reserved_by = :reserved_by,
    reserved_until = :reserved_until, expert = :expert
where case_id = :case_id;

-- queue_counts
-- How much waits in each queue, and how much of it nobody works on or has put off.
select queue, count(*) as open, sum(case when snoozed_until > unix_now() then 1 else 0 end) as snoozed,
    sum(case when reserved_until > unix_now() or expert <> '' then 1 else 0 end) as reserved
from review_case where state = 'open' group by queue order by queue;
