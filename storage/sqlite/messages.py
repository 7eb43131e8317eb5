"""Messages: which Discord message shows which task, and how to reach it. Notifications: whom to tell of the end."""

from __future__ import annotations

from collections.abc import Sequence

from storage.operations import NewMessage, TaskMessage
from storage.records import Message, Route, TaskId
from storage.sqlite.journal import JournaledMessages, JournaledNotifications
from storage.sqlite.statements import INSERT_MESSAGE, Row, inserted_message, marks, message_of
from storage.user_records import Notification


class SqliteMessages(JournaledMessages):
    """`MessageTable` in SQLite."""

    async def add(self, task_id: TaskId, new: NewMessage) -> int:
        """Stores a message before it is sent. Returns the id of its row."""
        (row,) = await self._database.write_returning(f"{INSERT_MESSAGE} RETURNING id", inserted_message(task_id, new))
        return int(row["id"])

    async def get(self, row_id: int) -> Message | None:
        """Returns the message of this row."""
        row = await self._database.row("SELECT * FROM messages WHERE id = ?", (row_id,))
        return None if row is None else message_of(row)

    async def for_tasks(self, task_ids: Sequence[TaskId]) -> list[Message]:
        """Returns the reachable messages of any of these tasks, oldest first."""
        rows = await self._database.rows(
            f"SELECT * FROM messages WHERE task_id IN ({marks(task_ids)}) AND gone = 0 ORDER BY id",  # noqa: S608 - marks
            task_ids,
        )
        return [message_of(row) for row in rows]

    async def places(
        self, task_ids: Sequence[TaskId], *, guild_id: int | None, channel_id: int | None
    ) -> list[TaskMessage]:
        """Returns the distinct channels in this server, or this one channel, where messages show these tasks."""
        rows = await self._database.rows(
            "SELECT DISTINCT task_id, guild_id, channel_id FROM messages"  # noqa: S608 - marks
            f" WHERE task_id IN ({marks(task_ids)}) AND gone = 0 AND message_id IS NOT NULL"
            " AND (guild_id = ? OR channel_id = ?)",
            (*task_ids, guild_id, channel_id),
        )
        return [TaskMessage(row["task_id"], row["guild_id"], row["channel_id"]) for row in rows]

    async def newest(self, task_ids: Sequence[TaskId]) -> dict[TaskId, Message]:
        """Returns the newest sent and reachable message of each task."""
        rows = await self._database.rows(
            f"SELECT * FROM messages WHERE task_id IN ({marks(task_ids)}) AND gone = 0"  # noqa: S608 - marks
            " AND message_id IS NOT NULL ORDER BY route <> ?, id",
            (*task_ids, Route.DIRECT),
        )
        return {row["task_id"]: message_of(row) for row in rows}

    async def by_message_id(self, message_id: int) -> Message | None:
        """Returns the row with this Discord message id."""
        row = await self._database.row("SELECT * FROM messages WHERE message_id = ?", (message_id,))
        return None if row is None else message_of(row)

    async def newest_in(self, task_id: TaskId, channel_id: int) -> int | None:
        """Returns Discord's id of the newest message of the task in this channel, or None."""
        row = await self._database.row(
            "SELECT message_id FROM messages WHERE task_id = ? AND channel_id = ? AND gone = 0"
            " AND message_id IS NOT NULL ORDER BY id DESC LIMIT 1",
            (task_id, channel_id),
        )
        return None if row is None else int(row["message_id"])

    async def unfinished(self) -> list[Message]:
        """Returns reachable, unsettled messages that show an outdated version of their task, oldest first."""
        rows = await self._database.rows(
            "SELECT messages.* FROM messages JOIN tasks ON tasks.id = messages.task_id"
            " WHERE settled = 0 AND gone = 0 AND shown_version < version ORDER BY messages.id"
        )
        return [message_of(row) for row in rows]

    async def give_up(self, row_id: int) -> None:
        """Marks the message as settled; it stays as it is."""
        await self._database.write("UPDATE messages SET settled = 1 WHERE id = ?", (row_id,))

    async def set_page(self, row_id: int, page: int) -> None:
        """Stores the page of buttons that the message shows."""
        await self._database.write("UPDATE messages SET page = ? WHERE id = ?", (page, row_id))

    async def refresh_token(self, row_id: int, token: str, token_ends_at: float) -> None:
        """Stores the token of a newer interaction on the message, if it expires later than the current one."""
        await self._database.write(
            "UPDATE messages SET token = ?, token_ends_at = ? WHERE id = ? AND token_ends_at < ?",
            (token, token_ends_at, row_id, token_ends_at),
        )

    async def redirect(self, row_id: int, *, channel_id: int, upload_limit: int, route: Route) -> None:
        """Moves the message to another channel, where it has to be created."""
        await self._database.write(
            "UPDATE messages SET route = ?, channel_id = ?, upload_limit = ?, guild_id = NULL, message_id = NULL,"
            " token = NULL, token_ends_at = 0, shown_version = 0, settled = 0, files = '[]' WHERE id = ?",
            (route, channel_id, upload_limit, row_id),
        )

    async def detach(self, row_id: int, *, keep_token: bool) -> None:
        """Records that the message cannot be edited. A new one has to be created in its channel."""
        await self._database.write(
            "UPDATE messages SET message_id = NULL, shown_version = 0, settled = 0, files = '[]',"
            " token = CASE WHEN ? = 1 THEN token END, token_ends_at = CASE WHEN ? = 1 THEN token_ends_at ELSE 0 END"
            " WHERE id = ?",
            (int(keep_token), int(keep_token), row_id),
        )

    async def mark_unreachable(self, row_ids: Sequence[int]) -> None:
        """Records that the messages were deleted or cannot be reached in any way."""
        await self._database.write(
            f"UPDATE messages SET gone = 1, token = NULL WHERE id IN ({marks(row_ids)})",  # noqa: S608 - marks
            row_ids,
        )

    async def to_remove(self) -> list[Message]:
        """Returns the messages still to be removed from Discord."""
        return [message_of(row) for row in await self._database.rows("SELECT * FROM messages WHERE removing = 1")]

    async def end_removal(self, row_id: int) -> None:
        """Records that the message was removed from Discord or cannot be removed."""
        await self._database.write("UPDATE messages SET removing = 0, token = NULL WHERE id = ?", (row_id,))

    async def forget_tokens(self, now: float, *, limit: int | None) -> int:
        """Clears expired interaction tokens. Returns their number."""
        ended, values = "token IS NOT NULL AND token_ends_at < ?", (now,)
        if limit is None:
            return await self._database.write(f"UPDATE messages SET token = NULL WHERE {ended}", values)  # noqa: S608 - constants
        return await self._database.write(
            f"UPDATE messages SET token = NULL WHERE id IN (SELECT id FROM messages WHERE {ended} LIMIT ?)",  # noqa: S608 - constants
            (*values, limit),
        )


class SqliteNotifications(JournaledNotifications):
    """`NotificationTable` in SQLite."""

    async def of(self, task_id: TaskId) -> Notification | None:
        """Returns the pending notification of a task."""
        row = await self._database.row("SELECT * FROM notifications WHERE task_id = ?", (task_id,))
        return None if row is None else _notification(row)

    async def waiting(self, limit: int) -> list[TaskId]:
        """Returns at most `limit` tasks with a pending notification, newest first."""
        rows = await self._database.rows("SELECT task_id FROM notifications ORDER BY created_at DESC LIMIT ?", (limit,))
        return [row["task_id"] for row in rows]

    async def begin(self, task_ids: Sequence[TaskId]) -> None:
        """Records that these notifications may have been sent from now on, all or none."""
        await self._database.write(
            f"UPDATE notifications SET begun = 1 WHERE task_id IN ({marks(task_ids)})",  # noqa: S608 - marks
            task_ids,
        )

    async def remove_before(self, moment: float) -> int:
        """Deletes the notifications created before `moment` (unix seconds). Returns their number."""
        return await self._database.write("DELETE FROM notifications WHERE created_at < ?", (moment,))


def _notification(row: Row) -> Notification:
    return Notification(row["task_id"], row["user_id"], bool(row["always"]), bool(row["begun"]))
