-- The engine that generates a task's result. Until now there was only one.
ALTER TABLE tasks ADD COLUMN engine TEXT NOT NULL DEFAULT 'midjourney';

-- The kind and the name of a pressed button were derived from its ID. Now they are stored with the request: the kind of
-- buttons without an image as their result, and the name of those that show only an emoji.
UPDATE tasks SET request = json_set(request, '$.group', 'favorite', '$.label', '❤️ Favorite')
    WHERE action = 'button' AND custom_id LIKE 'MJ::BOOKMARK%';
UPDATE tasks SET request = json_set(request, '$.label', '🔄 Reroll')
    WHERE action = 'button' AND json_extract(request, '$.label') = '🔄'
    AND (custom_id LIKE 'MJ::JOB::reroll%' OR custom_id LIKE '%::REROLL::%');
UPDATE tasks SET request = json_set(request, '$.label', json_extract(request, '$.label') || CASE
        WHEN custom_id LIKE 'MJ::JOB::pan_left%' THEN ' Pan Left'
        WHEN custom_id LIKE 'MJ::JOB::pan_right%' THEN ' Pan Right'
        WHEN custom_id LIKE 'MJ::JOB::pan_up%' THEN ' Pan Up'
        ELSE ' Pan Down' END)
    WHERE action = 'button' AND custom_id LIKE 'MJ::JOB::pan_%' AND json_extract(request, '$.label') IN ('⬅️', '➡️', '⬆️', '⬇️');
