"""Mapping between messages and database rows."""

from __future__ import annotations

import json
from typing import Any

from storage.new_records import NewMessage
from storage.records import Message, Route, TaskId
from storage.sqlite.connection import Row

INSERT = (
    "INSERT INTO messages (task_id, route, user_id, application_id, guild_id, channel_id, message_id, token,"
    " token_ends_at, upload_limit, locale) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def inserted(task_id: TaskId, new: NewMessage) -> tuple[Any, ...]:
    """Returns the values for `INSERT`."""
    return (
        task_id,
        new.route,
        new.user_id,
        new.application_id,
        new.guild_id,
        new.channel_id,
        new.message_id,
        new.token,
        new.token_ends_at,
        new.upload_limit,
        new.locale,
    )


def message_of(row: Row) -> Message:
    """Builds a message from a row of `messages`."""
    return Message(
        id=row["id"],
        task_id=row["task_id"],
        route=Route(row["route"]),
        user_id=row["user_id"],
        application_id=row["application_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        message_id=row["message_id"],
        token=row["token"],
        token_ends_at=row["token_ends_at"],
        upload_limit=row["upload_limit"],
        page=row["page"],
        shown_version=row["shown_version"],
        files=tuple(json.loads(row["files"])),
        unreachable=bool(row["gone"]),
        locale=row["locale"],
        settled=bool(row["settled"]),
    )
