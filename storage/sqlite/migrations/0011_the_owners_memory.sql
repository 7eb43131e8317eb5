-- The process that journaled a submission keeps its task in memory until it ends, and asks the database only at its
-- start. So the polled tasks are read once, in any order, and their index is not worth a write at every change:
-- tasks_state finds them as well. The open submissions are read once, too.
DROP INDEX tasks_watched;

-- For other engines: a REAL column here has 8 bytes, which is DOUBLE PRECISION elsewhere. An INTEGER column that holds an
-- id of Discord needs 8 bytes (BIGINT), a BLOB is a BYTEA, and texts contain no U+0000.
