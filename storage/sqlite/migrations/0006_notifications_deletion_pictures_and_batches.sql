-- People who are to be told that their task has ended. A row stands from the end of the task until its person was told.
-- `begun`: a request to Discord may have been sent already. `notify` is a person's own choice, NULL for the default.

CREATE TABLE notifications (
    task_id    TEXT PRIMARY KEY REFERENCES tasks (id),
    user_id    INTEGER NOT NULL,
    always     INTEGER NOT NULL,
    begun      INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE preferences ADD COLUMN notify TEXT;

-- Results that people have deleted stay in their lists. `removing`: the message does not count any more (it is `gone`),
-- and still has to be removed from Discord.
ALTER TABLE tasks ADD COLUMN deleted_at REAL;
ALTER TABLE messages ADD COLUMN removing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_removing ON messages (id) WHERE removing = 1;

-- The picture that a window asks about: its menu's interaction, and where the picture is. A window does not hold that.
CREATE TABLE chosen_pictures (
    interaction_id INTEGER PRIMARY KEY,
    user_id        INTEGER NOT NULL,
    urls           TEXT NOT NULL,
    spoiler        INTEGER NOT NULL,
    created_at     REAL NOT NULL
) STRICT;

-- Several pictures that one prompt stands for, until its person says whether they are to be made.
CREATE TABLE batches (
    interaction_id INTEGER PRIMARY KEY,
    user_id        INTEGER NOT NULL,
    request        TEXT NOT NULL,
    prompts        TEXT NOT NULL,
    urls           TEXT NOT NULL,
    aspect         TEXT,
    created_at     REAL NOT NULL
) STRICT;
