-- Prompts that a model wrote for one person: variants of a prompt, descriptions of an image, or what was said in a
-- recording. They are kept for some days, so that the buttons below them work after a restart. `request` is what a
-- chosen prompt is sent with, `files` what is attached to it, `inputs` what the prompts were made from.

CREATE TABLE offered_prompts (
    id         TEXT PRIMARY KEY,
    user_id    INTEGER NOT NULL,
    source     TEXT NOT NULL,
    request    TEXT NOT NULL,
    prompts    TEXT NOT NULL,
    aspect     TEXT,
    files      TEXT NOT NULL,
    inputs     TEXT NOT NULL,
    english    INTEGER NOT NULL,
    task_id    TEXT,
    created_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX offered_prompts_age ON offered_prompts (created_at);
