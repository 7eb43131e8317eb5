-- Prompts that a model was asked for and has not written yet: the interaction that shows that it works. After a kill its
-- message says what is unknown. The token is cleared when the model has answered, and at the next start.

ALTER TABLE offered_prompts ADD COLUMN application_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE offered_prompts ADD COLUMN token TEXT;
ALTER TABLE offered_prompts ADD COLUMN locale TEXT;
CREATE INDEX offered_prompts_on_their_way ON offered_prompts (id) WHERE token IS NOT NULL;
