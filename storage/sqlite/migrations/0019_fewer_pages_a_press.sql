-- Each index that a row belongs to is another page of 4,096 bytes in the write-ahead log, which the journal waits for.
-- Lists show only tasks that the service took, so only these are in the indexes of tasks, and a row without an id there
-- is never sought by it. The presses of a person are sought only within some seconds, which the table's key finds.
DROP INDEX tasks_owner;
DROP INDEX tasks_owner_state;
CREATE INDEX tasks_owner_state ON tasks (owner_id, state, created_at) WHERE state NOT IN ('submitting', 'refused');
DROP INDEX tasks_state;
CREATE INDEX tasks_state ON tasks (state, created_at) WHERE state NOT IN ('submitting', 'refused');
DROP INDEX tasks_upstream;
CREATE INDEX tasks_upstream ON tasks (upstream_id) WHERE upstream_id IS NOT NULL;
DROP INDEX messages_message;
CREATE INDEX messages_message ON messages (message_id) WHERE message_id IS NOT NULL;
DROP INDEX presses_user;
