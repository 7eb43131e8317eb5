-- Each index that a row belongs to is another page of 4,096 bytes in the write-ahead log, which the journal waits for.
-- Two indexes are not worth it: tasks_owner_state begins with the owner, too, and the presses of a person are sought
-- only within some minutes of interactions, which the table's key finds. A row without an id there is never sought by it.
DROP INDEX tasks_owner;
DROP INDEX presses_user;
DROP INDEX tasks_upstream;
CREATE INDEX tasks_upstream ON tasks (upstream_id) WHERE upstream_id IS NOT NULL;
DROP INDEX messages_message;
CREATE INDEX messages_message ON messages (message_id) WHERE message_id IS NOT NULL;
