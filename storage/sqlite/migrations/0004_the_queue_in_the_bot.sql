-- Presses that wait in the bot's own queue are few among many; their buttons show that they were used.

CREATE INDEX presses_queued ON presses (interaction_id) WHERE outcome = 'queued';
DROP INDEX presses_used;
CREATE INDEX presses_used ON presses (pressed_id, custom_id) WHERE outcome IN ('taken', 'queued');
