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
    deadline        real,
    steps           integer not null,
    tokens          integer not null,
    cost_usd        real not null,
    admitted_at     real not null,
    ended_at        real
) without rowid;
create index run_due on run (state, lease_until) where state in ('runnable', 'waiting');
create index run_deadline on run (deadline) where deadline is not null;
create index run_conversation on run (tenant, agent, conversation, admitted_at) where conversation is not null;
create unique index run_idempotency on run (tenant, agent, idempotency_key) where idempotency_key is not null;
create index run_agent on run (agent, admitted_at);
create index run_outcome on run (outcome, admitted_at) where outcome is not null;
create index run_mode on run (mode, admitted_at) where mode is not null;

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
    deadline  real
) without rowid;
create index case_queue on review_case (state, queue, opened_at);
create index case_run on review_case (run_id);

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
