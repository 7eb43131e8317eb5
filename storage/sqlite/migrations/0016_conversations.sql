-- Conversations with chat models. `chat_turns` is a tree: `parent` is the number of the turn that a prompt continues.
-- `source_id` is the message of a person that a turn answers, so that an event that comes twice is answered once.
-- `shown`: the message shows how the turn ended. `raw_text` is what the model has to read again, `answer` what people
-- read.

CREATE TABLE conversations (
    id         TEXT PRIMARY KEY,
    owner_id   INTEGER NOT NULL,
    guild_id   INTEGER,
    channel_id INTEGER,
    model      TEXT NOT NULL,
    locale     TEXT NOT NULL,
    used_at    REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX conversations_age ON conversations (used_at);
CREATE INDEX conversations_of_channel ON conversations (channel_id, used_at);

CREATE TABLE chat_turns (
    conversation_id TEXT NOT NULL,
    number          INTEGER NOT NULL,
    parent          INTEGER,
    user_id         INTEGER NOT NULL,
    prompt          TEXT NOT NULL,
    state           TEXT NOT NULL,
    answer          TEXT NOT NULL,
    raw_text        TEXT NOT NULL,
    image_urls      TEXT NOT NULL,
    error_code      TEXT NOT NULL,
    error_params    TEXT NOT NULL,
    shown           INTEGER NOT NULL,
    application_id  INTEGER NOT NULL,
    message_id      INTEGER,
    token           TEXT,
    token_ends_at   REAL NOT NULL,
    upload_limit    INTEGER NOT NULL,
    source_id       INTEGER UNIQUE,
    PRIMARY KEY (conversation_id, number)
) STRICT;

CREATE INDEX chat_turns_of_message ON chat_turns (message_id);
CREATE INDEX chat_turns_unshown ON chat_turns (conversation_id) WHERE shown = 0;
CREATE INDEX chat_turns_tokens ON chat_turns (token_ends_at) WHERE token IS NOT NULL;

CREATE TABLE chat_images (
    conversation_id TEXT NOT NULL,
    number          INTEGER NOT NULL,
    position        INTEGER NOT NULL,
    media_type      TEXT NOT NULL,
    data            BLOB NOT NULL,
    url             TEXT NOT NULL,
    PRIMARY KEY (conversation_id, number, position)
) STRICT;
