-- The files that came with a prompt that stands for several pictures, as Discord described them; before, only their
-- addresses were kept. The largest file that is taken has 32 MiB.
UPDATE batches SET urls = (
    SELECT json_group_array(
        json_object('id', '0', 'filename', 'image', 'url', value, 'size', 33554432, 'content_type', NULL)
    ) FROM json_each(urls)
);
ALTER TABLE batches RENAME COLUMN urls TO files;

-- Which of both was started: each prompt (1) or what was typed as one (0); NULL while neither was.
ALTER TABLE batches ADD COLUMN expanded INTEGER;
