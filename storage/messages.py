"""Messages: which Discord message shows which task. Notifications: users still to be notified of the end of a task.

What belongs to unfinished tasks is read from the owner's memory.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from storage.live_records import LiveRecords, Unread
from storage.operations import NewMessage, TaskMessage
from storage.ports import MessageTable, NotificationTable
from storage.records import Message, Route, Task, TaskId
from storage.user_records import Notification


class Messages:
    """All messages. Every method raises StorageError if the database cannot be used.

    Everything about a message is stored at once, except that progress is shown: that only the memory knows.
    """

    def __init__(self, rows: MessageTable, live: LiveRecords) -> None:
        self._rows = rows
        self._live = live

    async def add(self, task_id: TaskId, new: NewMessage) -> int:
        """Stores a message before it is sent. Returns the id of its row."""
        row_id = await self._rows.add(task_id, new)
        self._live.forget_messages(task_id)
        return row_id

    async def get(self, row_id: int) -> Message | None:
        """Returns the message of this row."""
        return self._live.message(row_id) or await self._rows.get(row_id)

    async def with_used_buttons(self, row_id: int) -> tuple[Message, frozenset[str]] | None:
        """Returns the message of this row, and the customIds of its task's buttons whose submission was accepted or is
        queued."""
        message = self._live.message(row_id)
        record = self._live.record(message.task_id) if message else None
        if message and record and record.untouched:
            return message, frozenset()
        found = await self._rows.with_used_buttons(row_id)
        # The memory knows which progress the message shows.
        return (self._live.message(row_id) or found[0], found[1]) if found else None

    async def for_task(self, task_id: TaskId) -> list[Message]:
        """Returns the reachable messages of a task, oldest first."""
        return await self.for_any_task([task_id])

    async def for_any_task(self, task_ids: Sequence[TaskId]) -> list[Message]:
        """Returns the reachable messages of any of these tasks, oldest first."""
        unread = [task_id for task_id in task_ids if self._live.messages(task_id) is None]
        read = await self._rows.for_tasks(unread) if unread else []
        self._live.read_messages(unread, read)
        known = [message for task_id in task_ids for message in self._live.messages(task_id) or ()]
        found = {message.id: message for message in (*read, *known)}
        return [found[row_id] for row_id in sorted(found)]

    async def places(
        self, task_ids: Sequence[TaskId], *, guild_id: int | None, channel_id: int | None
    ) -> list[TaskMessage]:
        """Returns the distinct channels in this server, or this one channel, where reachable messages show these
        tasks."""
        return await self._rows.places(task_ids, guild_id=guild_id, channel_id=channel_id)

    async def newest(self, task_ids: Sequence[TaskId]) -> dict[TaskId, Message]:
        """Returns the newest sent and reachable message of each task. A copy in direct messages counts only if there is
        no other message."""
        return await self._rows.newest(task_ids)

    async def by_message_id(self, message_id: int) -> Message | None:
        """Returns the row with this Discord message id."""
        return await self._rows.by_message_id(message_id)

    async def newest_in(self, task_id: TaskId, channel_id: int) -> int | None:
        """Returns Discord's id of the newest message of the task in this channel, or None."""
        return await self._rows.newest_in(task_id, channel_id)

    async def unfinished(self) -> list[Message]:
        """Returns reachable, unsettled messages that show an outdated version of their task, oldest first."""
        return await self._rows.unfinished()

    async def record_shown(
        self,
        message: Message,
        task: Task,
        *,
        message_id: int,
        channel_id: int,
        files: Sequence[str],
        keep_token: bool = True,
        recorded: bool = True,
    ) -> None:
        """Records where a message is, and the state of the task and the files that it shows.

        `keep_token`: the interaction token still works. `recorded`: the place in `message` is stored already. Progress
        in such a message is not stored. A preview is never stored, because a later one may have replaced it.
        """
        # An UNKNOWN task can still be found and a STALLED one resumed. Then its messages are no longer settled.
        newest = self._live.task(task.id) or task
        known = self._live.message(message.id) or message
        settled = task.state.settled and task.version >= newest.version
        token = (known.token, known.token_ends_at) if keep_token else (None, 0.0)
        shown = _showing(known, task, files, place=(message_id, channel_id), token=token, settled=settled)
        lost_token = message.token is not None and not keep_token
        if not recorded or lost_token or _as_stored(shown) != _as_stored(message):
            await self._rows.record_shown(
                message.id,
                message_id=message_id,
                channel_id=channel_id,
                version=task.version,
                settled=task.state.settled,
                files=_stored_files(shown),
                keep_token=keep_token,
            )
        if task.buttons and (record := self._live.record(task.id)):
            record.untouched = False
        self._live.put_message(shown)

    async def mark_pressed(self, task_id: TaskId, message_id: int, token: str, token_ends_at: float) -> list[Message]:
        """Stores the token of a newer interaction on the message with this Discord id, if it expires later than the
        current one. Returns the reachable messages of the task, oldest first."""
        messages = await self._rows.mark_pressed(task_id, message_id, token, token_ends_at)
        self._live.read_messages([task_id], messages)
        return messages

    async def give_up(self, row_id: int) -> None:
        """Marks the message as settled because Discord will never accept its content; the message stays as it is."""
        await self._rows.give_up(row_id)
        self._live.forget_message(row_id)

    async def set_page(self, row_id: int, page: int) -> None:
        """Stores the page of buttons that the message shows (0 is the first)."""
        await self._rows.set_page(row_id, page)
        self._live.forget_message(row_id)

    async def refresh_token(self, row_id: int, token: str, token_ends_at: float) -> None:
        """Stores the token of a newer interaction on the message, if it expires later than the current one."""
        await self._rows.refresh_token(row_id, token, token_ends_at)
        self._live.forget_message(row_id)

    async def redirect(
        self, row_id: int, *, channel_id: int, upload_limit: int, route: Route = Route.REDIRECTED
    ) -> None:
        """Moves the message to another channel, by default the user's direct messages. It has to be created there."""
        await self._rows.redirect(row_id, channel_id=channel_id, upload_limit=upload_limit, route=route)
        self._live.forget_message(row_id)

    async def detach(self, row_id: int, *, keep_token: bool = False) -> None:
        """Records that the message cannot be edited. A new one has to be created in its channel."""
        await self._rows.detach(row_id, keep_token=keep_token)
        self._live.forget_message(row_id)

    async def mark_unreachable(self, *row_ids: int) -> None:
        """Records that the messages were deleted or cannot be reached in any way."""
        if row_ids:
            await self._rows.mark_unreachable(row_ids)
        for row_id in row_ids:
            self._live.forget_message(row_id)

    async def to_remove(self) -> list[Message]:
        """Returns the messages still to be removed from Discord."""
        return await self._rows.to_remove()

    async def end_removal(self, row_id: int) -> None:
        """Records that the message was removed from Discord or cannot be removed."""
        await self._rows.end_removal(row_id)

    async def forget_tokens(self, now: float, *, limit: int | None = None) -> int:
        """Clears at most `limit` expired interaction tokens (None: all). Returns their number."""
        return await self._rows.forget_tokens(now, limit=limit)


class Notifications:
    """All notifications. They are stored with the end of a task (`storage.changes.OnEnd`). Every method raises
    StorageError if the database cannot be used."""

    def __init__(self, rows: NotificationTable, live: LiveRecords) -> None:
        self._rows = rows
        self._live = live

    async def of(self, task_id: TaskId) -> Notification | None:
        """Returns the pending notification of a task."""
        record = self._live.record(task_id)
        known = record.notification if record else Unread.UNREAD
        return await self._rows.of(task_id) if isinstance(known, Unread) else known

    async def waiting(self, limit: int) -> list[TaskId]:
        """Returns at most `limit` tasks with a pending notification, newest first."""
        return await self._rows.waiting(limit)

    async def begin(self, *pending: Notification) -> None:
        """Records that these notifications may have been sent from now on, all or none."""
        await self._rows.begin([each.task_id for each in pending])
        for each in pending:
            self._live.put_notification(each.task_id, dataclasses.replace(each, begun=True))

    async def remove(self, *task_ids: TaskId) -> None:
        """Deletes notifications that were sent or are not needed, all or none."""
        await self._rows.remove(task_ids)
        for task_id in task_ids:
            self._live.put_notification(task_id, None)

    async def remove_before(self, moment: float) -> int:
        """Deletes the notifications created before `moment` (unix seconds). Returns their number."""
        return await self._rows.remove_before(moment)


def _showing(
    message: Message,
    task: Task,
    files: Sequence[str],
    *,
    place: tuple[int, int],
    token: tuple[str | None, float],
    settled: bool,
) -> Message:
    return dataclasses.replace(
        message,
        message_id=place[0],
        channel_id=place[1],
        token=token[0],
        token_ends_at=token[1],
        shown_version=task.version,
        shown_step=task.step,
        settled=settled,
        files=tuple(files),
    )


def _stored_files(message: Message) -> tuple[str, ...]:
    """The files that belong to the shown version. Those of a progress step are not on the message after a later one."""
    return message.files if message.settled else ()


def _as_stored(message: Message) -> tuple[object, ...]:
    """What the database holds about where a message is and what it shows."""
    return (
        message.message_id,
        message.channel_id,
        message.shown_version,
        message.settled,
        _stored_files(message),
    )
