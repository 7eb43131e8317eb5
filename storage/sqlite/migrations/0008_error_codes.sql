-- Why a task failed or was refused, and why a submission was refused: an error code and its values (JSON; '' for none).
-- Before, the columns held the name of a text and at most one value. Renaming columns does not rewrite rows, so only
-- rows with an error are rewritten.

ALTER TABLE tasks RENAME COLUMN fail_kind TO error_code;
ALTER TABLE tasks RENAME COLUMN fail_reason TO error_params;

UPDATE tasks SET
    error_code = CASE
        WHEN error_code = 'refused.banned_prompt_word' AND error_params = '' THEN 'banned_prompt'
        WHEN error_params = '' AND error_code IN (
            'refused.wrong_state', 'refused.invalid', 'refused.limit_reached', 'refused.service_fault'
        ) THEN substr(error_code, 9) || '_silent'
        WHEN error_code LIKE 'refused.%' THEN substr(error_code, 9)
        ELSE error_code
    END,
    error_params = CASE
        WHEN error_params = '' THEN ''
        WHEN error_code = 'refused.banned_prompt_word' THEN json_object('word', error_params)
        ELSE json_object('reason', error_params)
    END
    WHERE error_code IS NOT NULL OR error_params <> '';

ALTER TABLE presses ADD COLUMN error_code TEXT;
ALTER TABLE presses ADD COLUMN error_params TEXT NOT NULL DEFAULT '';

UPDATE presses SET
    error_code = substr(reason, 9),
    error_params = COALESCE(
        (SELECT tasks.error_params FROM tasks WHERE id = task_id AND tasks.error_code = substr(reason, 9)), ''
    ),
    reason = NULL
    WHERE reason LIKE 'refused.%';
