-- The language of a message that shows a task (Discord's locale), so that it keeps it. NULL for messages from before: they
-- are in the default language.
ALTER TABLE messages ADD COLUMN locale TEXT;

-- The preferred language of the server in which a link was made, for the message that its press leads to.
ALTER TABLE painter_links ADD COLUMN guild_locale TEXT;
