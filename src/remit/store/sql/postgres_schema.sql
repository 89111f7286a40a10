-- What a log on Postgres has beside the tables of schema.sql.

-- The database's clock, in seconds since the epoch. Stable, so that a comparison with it can use an index.
create function unix_now() returns double precision language sql stable as
    'select extract(epoch from clock_timestamp())::double precision';

-- Bodies are numbered in blocks, so that no writer waits for another one's number.
create sequence body_block increment by 1000;

-- Room in every page, so that a run that moves on is rewritten where it lies and no index is touched.
alter table run set (fillfactor = 60);
