-- The search for images. `in_search`: whether the index has looked at a finished task, so that it finds the others
-- without reading all tasks.
ALTER TABLE tasks ADD COLUMN in_search INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tasks_unread ON tasks (created_at) WHERE in_search = 0 AND state = 'success' AND deleted_at IS NULL;

-- The model and the length of vectors. Vectors of two spaces are never compared.
CREATE TABLE vector_spaces (
    id     INTEGER PRIMARY KEY,
    model  TEXT NOT NULL,
    length INTEGER NOT NULL,
    UNIQUE (model, length)
) STRICT;

-- The text by which the image of a task is found, and the space in which it has a vector. A full-text index of these
-- texts is made by the program where SQLite has FTS5 (storage/sqlite/image_words.py).
CREATE TABLE image_texts (
    row_id     INTEGER PRIMARY KEY,
    task_id    TEXT NOT NULL UNIQUE REFERENCES tasks (id) ON DELETE CASCADE,
    owner_id   INTEGER NOT NULL,
    guild_id   INTEGER,
    text       TEXT NOT NULL,
    space_id   INTEGER REFERENCES vector_spaces (id)
) STRICT;
CREATE INDEX image_texts_owner ON image_texts (owner_id, space_id);
CREATE INDEX image_texts_guild ON image_texts (guild_id, space_id);
CREATE INDEX image_texts_space ON image_texts (space_id);

-- float32 values in little endian, of length 1.
CREATE TABLE image_vectors (
    row_id INTEGER PRIMARY KEY REFERENCES image_texts (row_id) ON DELETE CASCADE,
    vector BLOB NOT NULL
) STRICT;

-- One bit per value of a vector: its sign. A search compares these, which are 32 times as small, and computes exact
-- scores for the nearest.
CREATE TABLE image_codes (
    row_id   INTEGER PRIMARY KEY REFERENCES image_texts (row_id) ON DELETE CASCADE,
    space_id INTEGER NOT NULL REFERENCES vector_spaces (id),
    owner_id INTEGER NOT NULL,
    guild_id INTEGER,
    code     BLOB NOT NULL
) STRICT;
CREATE INDEX image_codes_owner ON image_codes (owner_id);
CREATE INDEX image_codes_guild ON image_codes (guild_id);

-- What people searched for lately, and what was found, so that a panel can show its other pages.
CREATE TABLE searches (
    id         TEXT PRIMARY KEY,
    user_id    INTEGER NOT NULL,
    words      TEXT NOT NULL,
    like_id    TEXT,
    in_server  INTEGER NOT NULL,
    task_ids   TEXT NOT NULL,
    by_meaning INTEGER NOT NULL,
    missing    INTEGER NOT NULL,
    created_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX searches_of_person ON searches (user_id, created_at);
CREATE INDEX searches_age ON searches (created_at);
