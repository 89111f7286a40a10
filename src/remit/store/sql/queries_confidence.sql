-- put_scored
-- How sure a run's answer was; a later answer of the same run takes its place.
insert into scored_answer (run_id, agent, release_hash, basis, model, reported_model, slice, score, verdict, promise,
                           drawn, at)
values (:run_id, :agent, :release_hash, :basis, :model, :reported_model, :slice, :score, :verdict, :promise,
        :drawn, :at)
on conflict (run_id) do update set score = excluded.score, verdict = excluded.verdict, slice = excluded.slice,
    model = excluded.model, reported_model = excluded.reported_model, promise = excluded.promise,
    drawn = excluded.drawn, at = excluded.at;

-- put_label
-- One reviewer's last word on a run's answer.
insert into label (run_id, reviewer, correct, at) values (:run_id, :reviewer, :correct, :at)
on conflict (run_id, reviewer) do update set correct = excluded.correct, at = excluded.at;

-- labelled_answers
-- The latest labelled answers of one way of answering, newest first, one row for each label.
select s.run_id, s.model, s.reported_model, s.slice, s.score, s.drawn, s.at, s.release_hash, l.reviewer, l.correct
from scored_answer s join label l on l.run_id = s.run_id
where s.agent = :agent and s.basis = :basis and s.at >= :since
order by s.at desc, s.run_id desc;

-- labels_of_run
select reviewer, correct, at from label where run_id = :run_id order by at, reviewer;

-- scores_since
-- Scores of all answers, labelled or not, newest first.
select score, model, slice from scored_answer
where agent = :agent and basis = :basis and score is not null and at >= :since order by at desc limit :most;

-- drawn_unlabelled
-- How many drawn answers still wait for a label.
select count(*) as waiting from scored_answer s
where s.agent = :agent and s.basis = :basis and s.drawn = 1
and not exists (select 1 from label l where l.run_id = s.run_id);

-- audits_of_promise
-- What reviewers found of answers that went out alone under one promise and were drawn, oldest label first.
select s.run_id, min(l.correct) as correct, min(l.at) as labelled_at
from scored_answer s join label l on l.run_id = s.run_id
where s.promise = :promise and s.verdict = 'answer' and s.drawn = 1
group by s.run_id order by min(l.at), s.run_id;

-- put_calibration
insert into calibration (hash, agent, release_hash, basis, model, slice, threshold, labels, since, content, created_at,
                         expired_at, reason)
values (:hash, :agent, :release_hash, :basis, :model, :slice, :threshold, :labels, :since, :content, :created_at,
        null, '')
on conflict (hash) do nothing;

-- calibrations_of_basis
-- Every calibration of one way of answering, newest first.
select hash, content, created_at, expired_at, reason from calibration
where agent = :agent and basis = :basis and model = :model order by created_at desc, hash;

-- calibrations_of_agent
select hash, content, created_at, expired_at, reason from calibration
where agent = :agent order by created_at desc, model, slice, hash;

-- calibration_row
select hash, content, created_at, expired_at, reason from calibration where hash = :hash;

-- expire_calibration
update calibration set expired_at = :at, reason = :reason where hash = :hash and expired_at is null;

-- count_labelled
-- How many scored answers of one way of answering have a label that can count.
select count(distinct s.run_id) as labelled from scored_answer s join label l on l.run_id = s.run_id
where s.agent = :agent and s.basis = :basis and s.model = :model and s.slice = :slice
and s.drawn = 1 and s.score is not null;
