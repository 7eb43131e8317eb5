"""Tasks as rows of the database, read back into records."""

from __future__ import annotations

import json
from typing import Any

from storage.database import Row
from storage.records import Action, Request, Result, StoredButton, StoredVideo, Task, TaskState


def task_of(row: Row) -> Task:
    """The task of a row of `tasks`."""
    return Task(
        id=row["id"],
        upstream_id=row["upstream_id"],
        parent_id=row["parent_id"],
        owner_id=row["owner_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        request=request_of(json.loads(row["request"])),
        state=TaskState(row["state"]),
        progress=row["progress"],
        queue_ahead=row["queue_ahead"],
        result=_result(json.loads(row["result"])),
        buttons=tuple(StoredButton(**button) for button in json.loads(row["buttons"])),
        fail_kind=row["fail_kind"],
        fail_reason=row["fail_reason"],
        created_at=row["created_at"],
        progressed_at=row["progressed_at"],
        finished_at=row["finished_at"],
        version=row["version"],
        input_count=row["input_count"],
        deleted_at=row["deleted_at"],
    )


def request_of(fields: dict[str, Any]) -> Request:
    """The request of what was stored as JSON."""
    return Request(**{**fields, "action": Action(fields["action"])})


def _result(fields: dict[str, Any]) -> Result:
    return Result(
        **{
            **fields,
            "image_urls": tuple(fields["image_urls"]),
            "videos": tuple(StoredVideo(**video) for video in fields["videos"]),
            "lines": tuple(fields["lines"]),
        }
    )
