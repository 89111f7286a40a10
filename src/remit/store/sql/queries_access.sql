-- begin_stream
-- A chain of events that is no run; refused by the key if it has begun.
insert into stream (stream_id, head, chain) values (:run_id, :head, :chain);

-- advance_stream
-- Moves its head; touches no row if another appender was first.
update stream set head = :head, chain = :chain where stream_id = :run_id and head = :expected_head;

-- stream_row
select head, chain from stream where stream_id = :stream_id;

-- put_key
insert into api_key (key_id, digest, name, role, agents, queues, tenants, created_at, expires_at)
values (:key_id, :digest, :name, :role, :agents, :queues, :tenants, :created_at, :expires_at);

-- revoke_key
update api_key set revoked_at = :at where key_id = :key_id and revoked_at is null;

-- key_row
select * from api_key where key_id = :key_id;

-- keys
select * from api_key order by created_at, key_id;

-- any_key
select key_id from api_key limit 1;

-- put_session
insert into session (digest, key_id, name, role, created_at, expires_at)
values (:digest, :key_id, :name, :role, :created_at, :expires_at);

-- session_row
select * from session where digest = :digest;

-- end_session
delete from session where digest = :digest;

-- end_sessions_before
delete from session where expires_at < :at;

-- put_meta
insert into meta (name, value) values (:name, :value) on conflict (name) do nothing;

-- meta_row
select value from meta where name = :name;

-- last_event_of_kind
select e.seq, e.at, e.kind, b.data from event e
left join body b on b.body_id = e.body_id and b.run_id = e.run_id and b.seq = e.seq
where e.run_id = :run_id and e.kind = :kind order by e.seq desc limit 1;

-- runs_by_state
-- Runs that have not ended, and of those that ended lately the newest; never the whole table.
select agent, state, count(*) as n from run where state <> 'ended' group by state, agent
union all
select agent, outcome as state, count(*) as n from (
    select agent, outcome from run where ended_at >= :since order by ended_at desc limit :most) as lately
where outcome is not null group by agent, outcome;

-- cases_by_queue
select queue, count(*) as n, min(opened_at) as oldest from review_case where state = 'open' group by queue;
