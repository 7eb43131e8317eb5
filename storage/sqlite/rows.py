"""Rows of the database as records, and the conditions of queries by state and outcome."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from storage.records import POLLED_STATES, Request, Task, TaskState, chosen_options
from storage.sqlite.statements import Row
from storage.submission_records import OPEN_OUTCOMES
from storage.task_contents import Action, StoredButton, StoredVideo, TaskResult

# The condition of the indexes by state. A query uses one only if it contains the condition as well.
TAKEN = "state NOT IN ('submitting', 'refused')"


def sql_list(values: Iterable[StrEnum]) -> str:
    """Formats the values for an SQL `IN (...)`. They are constants of this module."""
    return ", ".join(f"'{value}'" for value in values)


# For queries: the polled states, and the open outcomes.
POLLED = sql_list(POLLED_STATES)
OPEN = sql_list(OPEN_OUTCOMES)

# Options that were fields of a request in earlier versions.
_FORMER_FIELDS = ("mode", "bot_type", "dimensions", "motion", "loop", "job", "account")


def task_of(row: Row) -> Task:
    """Builds a task from a row of `tasks`."""
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
        error_code=row["error_code"],
        error_params=params_of(row["error_params"]),
        created_at=row["created_at"],
        progressed_at=row["progressed_at"],
        finished_at=row["finished_at"],
        version=row["version"],
        input_count=row["input_count"],
        deleted_at=row["deleted_at"],
    )


def _result(fields: dict[str, Any]) -> TaskResult:
    return TaskResult(
        **{
            **fields,
            "image_urls": tuple(fields["image_urls"]),
            "videos": tuple(StoredVideo(**video) for video in fields["videos"]),
            "lines": tuple(fields["lines"]),
            "alts": tuple(fields.get("alts", ())),
        }
    )


def request_of(fields: dict[str, Any]) -> Request:
    """Builds a request from its stored fields, also from those of earlier versions."""
    former = {name: fields.pop(name) for name in _FORMER_FIELDS if name in fields}
    options = chosen_options(**{**former, **fields.pop("options", {})})
    return Request(**{**fields, "action": Action(fields["action"]), "options": options})


def params_of(text: str) -> Mapping[str, str]:
    """Parses stored error parameters."""
    return json.loads(text) if text else {}
