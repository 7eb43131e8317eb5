"""Notifications: users still to be notified of the end of a task."""

from __future__ import annotations

import dataclasses

from storage.live_records import LiveRecords, Unread
from storage.ports import NotificationTable
from storage.records import TaskId
from storage.user_records import Notification


class Notifications:
    """All notifications. They are stored with the end of a task (`storage.tasks.OnEnd`). Every method raises
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
