-- Revision 0004, from 0003: an index for outcome and mode together, and the agent in that of what is under way.
-- Code of 0003 goes on working: what is dropped is an index only, and another one serves for it.

create index run_outcome_mode on run (outcome, mode, admitted_at) where mode is not null;
drop index run_unended;
create index run_unended on run (state, admitted_at, agent) where state <> 'ended';
