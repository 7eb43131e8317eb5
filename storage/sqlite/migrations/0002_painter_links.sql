-- Links to the painter: whoever presses "Vary (Region)" gets one, and what is painted there goes on as that press. A row
-- holds the interaction that the link itself must not hold. Whether a link was used is not kept here: the press that it
-- becomes is journalled under the same interaction, once. `browser_hash` is that of the browser that opened it first.

CREATE TABLE painter_links (
    id             TEXT PRIMARY KEY,
    task_id        TEXT NOT NULL REFERENCES tasks (id),
    digest         TEXT NOT NULL,
    interaction_id INTEGER NOT NULL UNIQUE,
    application_id INTEGER NOT NULL,
    user_id        INTEGER NOT NULL,
    guild_id       INTEGER,
    channel_id     INTEGER,
    token          TEXT NOT NULL,
    created_at     REAL NOT NULL,
    upload_limit   INTEGER NOT NULL,
    notice_id      INTEGER,
    locale         TEXT NOT NULL,
    attached_url   TEXT,
    expires_at     REAL NOT NULL,
    browser_hash   BLOB,
    width          INTEGER,
    height         INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX painter_links_expiry ON painter_links (expires_at);
