-- The tables of one log. Events and bodies are only ever added; bodies may be erased by retention.

create table meta (name text primary key, value text not null) without rowid;

create table run (
    run_id          text primary key,
    agent           text not null,
    release_hash    text not null,
    tenant          text not null,
    user_id         text,
    conversation    text,
    idempotency_key text,
    state           text not null,           -- runnable | waiting | ended | set_aside
    outcome         text,
    mode            text,
    head            integer not null,
    chain           blob not null,
    lease_wake      text,
    lease_until     real not null default 0,
    wakes           integer not null,
    deadline        real,                    -- of the case that it waits for, or its own
    priority        integer not null default 0,
    steps           integer not null,
    tokens          integer not null,
    cost_usd        real not null,
    admitted_at     real not null,
    ended_at        real
) without rowid;
-- A lease is in no index, so that renewing one rewrites none.
create index run_queue on run (state, priority desc, admitted_at, run_id) where state = 'runnable';
create index run_unended on run (state, admitted_at, agent) where state <> 'ended';
create index run_ended on run (ended_at) where ended_at is not null;
create index run_deadline on run (deadline) where deadline is not null;
create index run_of_conversation on run (conversation, tenant, agent, admitted_at)
    where conversation is not null;
create unique index run_idempotency on run (tenant, agent, idempotency_key) where idempotency_key is not null;
create index run_agent on run (agent, admitted_at);
create index run_tenant on run (tenant, admitted_at);
create index run_user on run (user_id, admitted_at) where user_id is not null;
create index run_release on run (release_hash, admitted_at);
create index run_admitted on run (admitted_at, run_id);
create index run_outcome on run (outcome, admitted_at) where outcome is not null;
create index run_mode on run (mode, admitted_at) where mode is not null;
create index run_outcome_mode on run (outcome, mode, admitted_at) where mode is not null;

create table event (
    run_id     text not null,
    seq        integer not null,
    id         text not null,
    at         real not null,
    kind       text not null,
    digest     blob not null,
    chain      blob not null,
    subject    text,                          -- the tool or model that was called
    failed     integer,
    latency_ms real,
    body_id    integer not null,
    primary key (run_id, seq)
) without rowid;
create index event_subject on event (kind, subject, at) where subject is not null;

create table body (
    body_id integer primary key,              -- given in ascending order: bodies are added at the end
    run_id  text not null,
    seq     integer not null,
    salt    blob not null,
    data    blob not null
);

create table review_case (
    case_id   text primary key,
    run_id    text not null,
    queue     text not null,
    reason    text not null,
    question  text not null,
    state     text not null,                  -- open | decided | void
    opened_at real not null,
    opens_at  real not null,
    deadline  real,
    rank      integer not null default 0,     -- the priority, turned round: the least comes first
    due       real not null default 1e15,     -- the deadline; far off where there is none
    snoozed_until  real not null default 0,
    reserved_by    text,
    reserved_until real not null default 0,
    expert         text not null default ''   -- the other agent or model that decides it, as long as it does
) without rowid;
create index case_queue on review_case (state, queue, opened_at);
create index case_opened on review_case (opened_at, case_id);
create index case_urgent on review_case (state, queue, rank, due, case_id);
create index case_order on review_case (state, rank, due, case_id);
create index case_run on review_case (run_id);

create table notification (
    notification_id text primary key,         -- the case, the event that brought it there, the target's number
    case_id    text not null,
    run_id     text not null,
    agent      text not null,
    queue      text not null,
    target     integer not null,              -- its place in the queue's `notify`
    state      text not null,                 -- pending | sending | sent | dead
    attempts   integer not null default 0,
    next_at    real not null,                 -- when it is tried, or given up by a sender that was lost
    created_at real not null,
    error      text not null default ''
) without rowid;
create index notification_due on notification (state, next_at);

create table once (
    once_key text primary key,
    run_id   text not null,
    key      text not null,
    state    text not null,                   -- intended | done
    at       real not null,
    result   blob
) without rowid;

create table breaker (
    tool      text primary key,
    failures  integer not null,
    opened_at real
) without rowid;

create table last_known (
    key    text primary key,
    tool   text not null,
    as_of  real not null,
    result blob not null
) without rowid;

create table release (
    hash       text primary key,
    agent      text not null,
    content    blob not null,
    created_at real not null
) without rowid;

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
