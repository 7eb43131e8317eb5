-- Many tasks, and what is left of them. Indexes with which every list and search costs the same among a million tasks as among a hundred. A list shows tasks
-- that the service took, newest first; `id` ends each of these indexes (it is the table's key) and decides among tasks
-- of one moment. The prompt stands in two of them, so that a search for words never reads the tasks themselves, which
-- are some fifteen times as long.

CREATE INDEX tasks_owner_taken ON tasks (owner_id, created_at, id, state, prompt)
    WHERE state NOT IN ('submitting', 'refused');
CREATE INDEX tasks_taken ON tasks (created_at, id, state, prompt) WHERE state NOT IN ('submitting', 'refused');
CREATE INDEX tasks_owner_state ON tasks (owner_id, state, created_at);
CREATE INDEX tasks_state ON tasks (state, created_at);

-- A button's presses by one person, newest last: the interaction's id, which holds its time, is the table's key.
DROP INDEX presses_pressed;
CREATE INDEX presses_button ON presses (pressed_id, custom_id, user_id) WHERE pressed_id IS NOT NULL;
CREATE INDEX presses_used ON presses (pressed_id, custom_id) WHERE outcome = 'taken';
CREATE INDEX presses_user ON presses (user_id);

DROP INDEX tasks_parent;
CREATE INDEX tasks_parent ON tasks (parent_id, created_at) WHERE parent_id IS NOT NULL;

-- How many pictures came with a task: when they are no longer stored, it cannot be tried again without them.
ALTER TABLE tasks ADD COLUMN input_count INTEGER NOT NULL DEFAULT 0;
UPDATE tasks SET input_count = (SELECT COUNT(*) FROM inputs WHERE task_id = tasks.id)
    WHERE id IN (SELECT task_id FROM inputs);
DELETE FROM inputs WHERE task_id IN (SELECT id FROM tasks WHERE state = 'refused');

-- Messages that show a lost or overdue task as it is have nothing to catch up with. When such a task goes on after all,
-- they are unsettled.
UPDATE messages SET settled = 1 WHERE settled = 0 AND gone = 0 AND EXISTS (
    SELECT 1 FROM tasks WHERE id = messages.task_id AND state IN ('lost', 'overdue') AND version <= shown_version
);
