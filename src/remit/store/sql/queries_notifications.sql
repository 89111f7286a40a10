-- put_notification
insert into notification (notification_id, case_id, run_id, agent, queue, target, state, next_at, created_at)
values (:notification_id, :case_id, :run_id, :agent, :queue, :target, 'pending', 0, :created_at)
on conflict (notification_id) do nothing;

-- due_notifications
-- What is to be tried now, and what a sender began and never settled.
select * from notification where state in ('pending', 'sending') and next_at <= unix_now()
  and agent = :agent
order by next_at, notification_id limit :most;

-- claim_notification
-- The attempt is counted before it is made, so that none is made beyond those that are allowed.
update notification set state = 'sending', attempts = attempts + 1, next_at = unix_now() + :lease_s
where notification_id = :notification_id and attempts = :attempts and state in ('pending', 'sending')
    and next_at <= unix_now()
returning notification_id;

-- settle_notification
update notification set state = :state, next_at = unix_now() + :wait_s, error = :error
where notification_id = :notification_id and attempts = :attempts and state in ('pending', 'sending');

-- retry_notification
update notification set state = 'pending', attempts = 0, next_at = 0 where notification_id = :notification_id
    and state = 'dead';

-- notification_of_run
-- With the tenant, by which some are restricted.
select n.*, r.tenant from notification n join run r on r.run_id = n.run_id
where n.notification_id = :notification_id;
