-- The language of a message that shows a task (a Discord locale), so that the message keeps it. NULL for older
-- messages: they are in the default language.
ALTER TABLE messages ADD COLUMN locale TEXT;

-- The preferred language of the server in which a link was created, for the message of the resulting task.
ALTER TABLE painter_links ADD COLUMN guild_locale TEXT;
