-- The files attached to a prompt that expands to several tasks, as described by Discord; before, only their URLs were
-- stored. The largest accepted file has 32 MiB.
UPDATE batches SET urls = (
    SELECT json_group_array(
        json_object('id', '0', 'filename', 'image', 'url', value, 'size', 33554432, 'content_type', NULL)
    ) FROM json_each(urls)
);
ALTER TABLE batches RENAME COLUMN urls TO files;

-- How the batch was started: one task per prompt (1) or the typed text as one prompt (0); NULL if not started yet.
ALTER TABLE batches ADD COLUMN expanded INTEGER;
