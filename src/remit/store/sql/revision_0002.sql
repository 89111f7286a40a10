-- Revision 0002, from 0001: chains beside runs, keys, workers, calibrations; an index for every filter of runs.
-- Code of 0001 goes on working: it names nothing that is new, and what is dropped are indexes only.

alter table run add column priority integer not null default 0;
drop index run_due;
create index run_queue on run (state, priority desc, admitted_at, run_id) where state = 'runnable';
create index run_unended on run (state, admitted_at) where state <> 'ended';
create index run_ended on run (ended_at) where ended_at is not null;
drop index run_conversation;
create index run_of_conversation on run (conversation, tenant, agent, admitted_at)
    where conversation is not null;
create index run_tenant on run (tenant, admitted_at);
create index run_user on run (user_id, admitted_at) where user_id is not null;
create index run_release on run (release_hash, admitted_at);
create index run_admitted on run (admitted_at, run_id);
create index case_opened on review_case (opened_at, case_id);

create table stream (
    stream_id text primary key,               -- a chain of events that is no run, such as `administration`
    head      integer not null,
    chain     blob not null
) without rowid;

create table api_key (
    key_id     text primary key,              -- the part of the key that is shown again
    digest     blob not null,                 -- of the whole key, which is kept nowhere
    name       text not null,
    role       text not null,                 -- caller | reviewer | operator | admin
    agents     text not null,                 -- JSON lists; an empty one does not restrict
    queues     text not null,
    tenants    text not null,
    created_at real not null,
    expires_at real,
    revoked_at real
) without rowid;

create table session (
    digest     blob primary key,              -- of the cookie, which is kept nowhere
    key_id     text,                          -- the key that it was opened with
    name       text not null,
    role       text not null,
    created_at real not null,
    expires_at real not null
) without rowid;

create table worker (
    worker       text primary key,            -- host, process and a random part
    host         text not null,
    engine       text not null,               -- which dispatch, of which version
    concurrency  integer not null,
    started_at   real not null,
    heartbeat_at real not null
) without rowid;

create table able (
    worker       text not null,
    agent        text not null,
    release_hash text not null,
    limited      integer not null,            -- 1: its runs are counted before one is taken
    primary key (worker, agent, release_hash)
) without rowid;

create table flow (
    agent text primary key,                   -- written to, so that one worker at a time counts its runs
    at    real not null
) without rowid;

create table rate (
    name      text primary key,               -- what is limited
    calls_at  real not null,                  -- when the bucket of calls is full again
    tokens_at real not null
) without rowid;

create table scored_answer (
    run_id         text primary key,
    agent          text not null,
    release_hash   text not null,
    basis          text not null,
    model          text not null,
    reported_model text not null,
    slice          text not null,
    score          real,
    verdict        text not null,             -- answer | below | observed
    promise        text not null,
    drawn          integer not null,
    at             real not null
) without rowid;
create index scored_basis on scored_answer (agent, basis, at);
create index scored_promise on scored_answer (promise) where promise <> '';

create table label (
    run_id   text not null,
    reviewer text not null,
    correct  integer not null,
    at       real not null,
    primary key (run_id, reviewer)
) without rowid;

create table calibration (
    hash         text primary key,
    agent        text not null,
    release_hash text not null,
    basis        text not null,
    model        text not null,
    slice        text not null,
    threshold    real,
    labels       integer not null,
    since        real not null,
    content      blob not null,
    created_at   real not null,
    expired_at   real,
    reason       text not null
) without rowid;
create index calibration_basis on calibration (agent, basis, model, created_at);
