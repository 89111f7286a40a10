-- Revision 0003, from 0002: cases by priority and deadline, who works on one and what is put off; notifications.
-- Code of 0002 goes on working: it names nothing that is new.

alter table review_case add column rank integer not null default 0;
alter table review_case add column due real not null default 1e15;
alter table review_case add column snoozed_until real not null default 0;
alter table review_case add column reserved_by text;
alter table review_case add column reserved_until real not null default 0;
update review_case set due = deadline where deadline is not null;
create index case_urgent on review_case (state, queue, rank, due, case_id);
create index case_order on review_case (state, rank, due, case_id);

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
