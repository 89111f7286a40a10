-- Revision 0005, from 0004: which cases another agent or model decides, so that no person is sent to them.
-- Code of 0004 goes on working: it names nothing that is new. Cases that were open before count as people's.

alter table review_case add column expert text not null default '';
