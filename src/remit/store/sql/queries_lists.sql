-- event_at
-- One event of a run, without the others.
select e.kind, b.data from event e
left join body b on b.body_id = e.body_id and b.run_id = e.run_id and b.seq = e.seq
where e.run_id = :run_id and e.seq = :seq;

-- events_of_kind
-- The events of one kind in a run, without the bodies of the others.
select e.seq, b.data from event e
left join body b on b.body_id = e.body_id and b.run_id = e.run_id and b.seq = e.seq
where e.run_id = :run_id and e.kind = :kind order by e.seq;
