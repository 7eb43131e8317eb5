-- What people asked for and was refused, kept for a day so that they need not type it again. `request` is what they
-- typed and chose; `files` says what they attached and where Discord keeps it. `task_id` is the task whose button or
-- whose *Edit prompt* was pressed, `window` the custom_id of that button's window.

CREATE TABLE drafts (
    id         TEXT PRIMARY KEY,
    user_id    INTEGER NOT NULL,
    request    TEXT NOT NULL,
    aspect     TEXT,
    files      TEXT NOT NULL,
    task_id    TEXT,
    window     TEXT,
    areas      TEXT NOT NULL,
    created_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX drafts_of_person ON drafts (user_id, created_at);
CREATE INDEX drafts_age ON drafts (created_at);

-- Small versions of a task's pictures: those that it was made from (`source`) and the first of its result (`result`).

CREATE TABLE thumbnails (
    task_id    TEXT NOT NULL,
    role       TEXT NOT NULL,
    position   INTEGER NOT NULL,
    data       BLOB NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (task_id, role, position)
) STRICT;

CREATE INDEX thumbnails_age ON thumbnails (created_at);
