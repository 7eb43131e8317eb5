"""Messages: which Discord message shows which task, and how to reach it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from storage.database import Database, Row
from storage.records import Message, Route, TaskId


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be created for a task. `locale` is its language, as a Discord locale (`de`, `pt-BR`)."""

    route: Route
    user_id: int
    application_id: int
    guild_id: int | None
    channel_id: int | None
    token: str | None = field(repr=False)
    token_ends_at: float
    upload_limit: int
    locale: str | None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class TaskMessage:
    """A channel in which a message shows a task."""

    task_id: TaskId
    guild_id: int | None
    channel_id: int


class Messages:
    """Repository of messages. Every method raises StorageError if the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, task_id: TaskId, new: NewMessage) -> int:
        """Stores a message before it is sent. Returns the id of its row."""
        async with self._database.transaction():
            await self._database.write(
                "INSERT INTO messages (task_id, route, user_id, application_id, guild_id, channel_id, message_id,"
                " token, token_ends_at, upload_limit, locale) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
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
                ),
            )
            row = await self._database.row("SELECT last_insert_rowid() AS id")
            if row is None:
                raise LookupError(task_id)
            return int(row["id"])

    async def get(self, row_id: int) -> Message | None:
        """Returns the message of this row."""
        row = await self._database.row("SELECT * FROM messages WHERE id = ?", (row_id,))
        return None if row is None else _message(row)

    async def for_task(self, task_id: TaskId) -> list[Message]:
        """Returns the reachable messages of a task, oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM messages WHERE task_id = ? AND gone = 0 ORDER BY id", (task_id,)
        )
        return [_message(row) for row in rows]

    async def for_any_task(self, task_ids: Sequence[TaskId]) -> list[Message]:
        """Returns the reachable messages of any of these tasks, oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM messages WHERE task_id IN (SELECT value FROM json_each(?)) AND gone = 0 ORDER BY id",
            (json.dumps(list(task_ids)),),
        )
        return [_message(row) for row in rows]

    async def places(
        self, task_ids: Sequence[TaskId], *, guild_id: int | None, channel_id: int | None
    ) -> list[TaskMessage]:
        """Returns the distinct channels in this server, or this one channel, where reachable messages show these
        tasks."""
        rows = await self._database.rows(
            "SELECT DISTINCT task_id, guild_id, channel_id FROM messages"
            " WHERE task_id IN (SELECT value FROM json_each(?)) AND gone = 0 AND message_id NOTNULL"
            " AND (guild_id = ? OR channel_id = ?)",
            (json.dumps(list(task_ids)), guild_id, channel_id),
        )
        return [TaskMessage(row["task_id"], row["guild_id"], row["channel_id"]) for row in rows]

    async def newest(self, task_ids: Sequence[TaskId]) -> dict[TaskId, Message]:
        """Returns the newest sent and reachable message of each task. A copy in direct messages counts only if there is
        no other message."""
        rows = await self._database.rows(
            "SELECT * FROM messages WHERE task_id IN (SELECT value FROM json_each(?)) AND gone = 0"
            " AND message_id NOTNULL ORDER BY route <> ?, id",
            (json.dumps(list(task_ids)), Route.DIRECT),
        )
        return {row["task_id"]: _message(row) for row in rows}

    async def by_message_id(self, message_id: int) -> Message | None:
        """Returns the row with this Discord message id."""
        row = await self._database.row("SELECT * FROM messages WHERE message_id = ?", (message_id,))
        return None if row is None else _message(row)

    async def newest_in(self, task_id: TaskId, channel_id: int) -> int | None:
        """Returns Discord's id of the newest message of the task in this channel, or None."""
        row = await self._database.row(
            "SELECT message_id FROM messages WHERE task_id = ? AND channel_id = ? AND gone = 0 AND message_id NOTNULL"
            " ORDER BY id DESC LIMIT 1",
            (task_id, channel_id),
        )
        return None if row is None else int(row["message_id"])

    async def unfinished(self) -> list[Message]:
        """Returns reachable, unsettled messages that show an outdated version of their task, oldest first."""
        rows = await self._database.rows(
            "SELECT messages.* FROM messages JOIN tasks ON tasks.id = messages.task_id"
            " WHERE settled = 0 AND gone = 0 AND shown_version < version ORDER BY messages.id"
        )
        return [_message(row) for row in rows]

    async def sent(self, row_id: int, *, message_id: int, channel_id: int) -> None:
        """Stores the message id and channel id reported by Discord."""
        await self._database.write(
            "UPDATE messages SET message_id = ?, channel_id = ? WHERE id = ?",
            (message_id, channel_id, row_id),
        )

    async def shown(self, row_id: int, *, version: int, settled: bool, files: Sequence[str]) -> None:
        """Records the version and the files that the message now shows.

        `settled`: this version needs no further update. If the task already has a newer version, the message stays
        unsettled.
        """
        await self._database.write(
            "UPDATE messages SET shown_version = ?, files = ?,"
            " settled = CASE WHEN ? >= (SELECT version FROM tasks WHERE id = task_id) THEN ? ELSE 0 END WHERE id = ?",
            (version, json.dumps(list(files)), version, int(settled), row_id),
        )

    async def give_up(self, row_id: int) -> None:
        """Marks the message as settled because Discord will never accept its content; the message stays as it is."""
        await self._database.write("UPDATE messages SET settled = 1 WHERE id = ?", (row_id,))

    async def set_page(self, row_id: int, page: int) -> None:
        """Stores the page of buttons that the message shows (0 is the first)."""
        await self._database.write("UPDATE messages SET page = ? WHERE id = ?", (page, row_id))

    async def refresh_token(self, row_id: int, token: str, token_ends_at: float) -> None:
        """Stores the token of a newer interaction on the message, if it expires later than the current one."""
        await self._database.write(
            "UPDATE messages SET token = ?, token_ends_at = ? WHERE id = ? AND token_ends_at < ?",
            (token, token_ends_at, row_id, token_ends_at),
        )

    async def redirect(
        self, row_id: int, *, channel_id: int, upload_limit: int, route: Route = Route.REDIRECTED
    ) -> None:
        """Moves the message to another channel, by default the user's direct messages. It has to be created there."""
        await self._database.write(
            "UPDATE messages SET route = ?, channel_id = ?, upload_limit = ?, guild_id = NULL, message_id = NULL,"
            " token = NULL, token_ends_at = 0, shown_version = 0, settled = 0, files = '[]' WHERE id = ?",
            (route, channel_id, upload_limit, row_id),
        )

    async def detach(self, row_id: int, *, keep_token: bool = False) -> None:
        """Records that the message cannot be edited. A new one has to be created in its channel."""
        await self._database.write(
            "UPDATE messages SET message_id = NULL, shown_version = 0, settled = 0, files = '[]',"
            " token = CASE WHEN ? THEN token END, token_ends_at = CASE WHEN ? THEN token_ends_at ELSE 0 END"
            " WHERE id = ?",
            (keep_token, keep_token, row_id),
        )

    async def mark_unreachable(self, row_id: int) -> None:
        """Records that the message was deleted or cannot be reached in any way."""
        await self._database.write("UPDATE messages SET gone = 1, token = NULL WHERE id = ?", (row_id,))

    async def begin_removal(self, row_id: int) -> None:
        """Marks the message for removal from Discord. From now on it counts as unreachable."""
        await self._database.write("UPDATE messages SET gone = 1, removing = 1 WHERE id = ?", (row_id,))

    async def to_remove(self) -> list[Message]:
        """Returns the messages still to be removed from Discord."""
        return [_message(row) for row in await self._database.rows("SELECT * FROM messages WHERE removing = 1")]

    async def end_removal(self, row_id: int) -> None:
        """Records that the message was removed from Discord or cannot be removed."""
        await self._database.write("UPDATE messages SET removing = 0, token = NULL WHERE id = ?", (row_id,))

    async def forget_token(self, row_id: int) -> None:
        """Clears a token that Discord reported as expired."""
        await self._database.write("UPDATE messages SET token = NULL, token_ends_at = 0 WHERE id = ?", (row_id,))

    async def forget_tokens(self, now: float, *, limit: int = -1) -> int:
        """Clears at most `limit` expired interaction tokens (-1: all). Returns their number."""
        return await self._database.write(
            "UPDATE messages SET token = NULL WHERE id IN"
            " (SELECT id FROM messages WHERE token IS NOT NULL AND token_ends_at < ? LIMIT ?)",
            (now, limit),
        )


def _message(row: Row) -> Message:
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
    )
