-- The ground: what was asked, what became of it, where it is shown, and the journal that keeps an accepted press from
-- being lost or sent twice. Times are unix seconds. Lists and the service's own shapes are JSON.

CREATE TABLE tasks (
    id            TEXT PRIMARY KEY,
    upstream_id   TEXT,
    parent_id     TEXT REFERENCES tasks (id),
    owner_id      INTEGER NOT NULL,
    guild_id      INTEGER,
    channel_id    INTEGER,
    action        TEXT NOT NULL,
    prompt        TEXT NOT NULL,
    custom_id     TEXT,
    request       TEXT NOT NULL,
    state         TEXT NOT NULL,
    progress      INTEGER,
    queue_ahead   INTEGER,
    result        TEXT NOT NULL,
    buttons       TEXT NOT NULL,
    fail_kind     TEXT,
    fail_reason   TEXT NOT NULL DEFAULT '',
    -- The callback address carries a secret; only its hash is kept.
    callback_hash BLOB NOT NULL,
    created_at    REAL NOT NULL,
    progressed_at REAL NOT NULL,
    finished_at   REAL,
    version       INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE INDEX tasks_watched ON tasks (created_at) WHERE state IN ('pending', 'running');
CREATE INDEX tasks_upstream ON tasks (upstream_id);
CREATE INDEX tasks_owner ON tasks (owner_id, created_at);
CREATE INDEX tasks_parent ON tasks (parent_id);

-- Pictures that came with a command, kept until the task has succeeded, so that it can be tried again.
CREATE TABLE inputs (
    task_id    TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    data       BLOB NOT NULL,
    PRIMARY KEY (task_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    id             INTEGER PRIMARY KEY,
    task_id        TEXT NOT NULL REFERENCES tasks (id),
    route          TEXT NOT NULL,
    user_id        INTEGER NOT NULL,
    application_id INTEGER NOT NULL,
    guild_id       INTEGER,
    channel_id     INTEGER,
    message_id     INTEGER,
    token          TEXT,
    token_ends_at  REAL NOT NULL,
    upload_limit   INTEGER NOT NULL,
    page           INTEGER NOT NULL DEFAULT 0,
    shown_version  INTEGER NOT NULL DEFAULT 0,
    settled        INTEGER NOT NULL DEFAULT 0,
    files          TEXT NOT NULL DEFAULT '[]',
    gone           INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX messages_task ON messages (task_id);
CREATE INDEX messages_message ON messages (message_id);
-- The few that still have to be finished are found without reading the many that are.
CREATE INDEX messages_unfinished ON messages (id) WHERE settled = 0 AND gone = 0;
CREATE INDEX messages_tokens ON messages (token_ends_at) WHERE token IS NOT NULL;

CREATE TABLE presses (
    interaction_id INTEGER PRIMARY KEY,
    user_id        INTEGER NOT NULL,
    task_id        TEXT NOT NULL REFERENCES tasks (id),
    pressed_id     TEXT REFERENCES tasks (id),
    custom_id      TEXT,
    nonce          TEXT NOT NULL UNIQUE,
    outcome        TEXT NOT NULL,
    reason         TEXT,
    created_at     REAL NOT NULL,
    settled_at     REAL
) STRICT;

CREATE INDEX presses_open ON presses (created_at) WHERE outcome IN ('unsettled', 'window', 'confirming');
CREATE INDEX presses_task ON presses (task_id);
CREATE INDEX presses_pressed ON presses (pressed_id, custom_id);

CREATE TABLE preferences (
    user_id   INTEGER PRIMARY KEY,
    mode      TEXT,
    bot_type  TEXT,
    aspect    TEXT,
    suffix    TEXT NOT NULL DEFAULT '',
    remix     INTEGER NOT NULL DEFAULT 0,
    direct    INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Small things that the program has to remember about itself, such as which commands it has registered.
CREATE TABLE notes (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
