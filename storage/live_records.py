"""The memory of the owning process: its unfinished tasks with their messages, and some tasks that have ended.

In memory may live what only the owner writes, and what is asked again anyway. Everything else, above all outcomes, the
ids of messages, used buttons and settings, is written to the database before this memory, which only saves reading it
back. A copy may be dropped at any time: the next reader gets the stored record, and only progress that was shown is
forgotten.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from storage.operations import NewMessage, Opened, Opening, OwnedTask, PolledTaskRow, QueuedTaskRow
from storage.records import TASK_STATES, Message, NewTask, Task, TaskId, TaskState, hash_of
from storage.submission_records import NewSubmission, Submission, SubmissionOutcome
from storage.task_contents import TaskResult
from storage.user_records import Notification

# Copies of unfinished tasks, about 8 kB each, and of tasks that have ended. The latter are the parents of new ones.
MOST_LIVE = 3_000
MOST_ENDED = 500


class Unread(Enum):
    """Stands for a value that is only in the database."""

    UNREAD = "unread"


@dataclass(slots=True, eq=False)
class LiveRecord:
    """A task with what belongs to it. None: it was not read yet.

    `untouched`: no message has shown a button of the task yet, so none can have been pressed.
    """

    task: Task
    callback_hash: bytes | None = None
    messages: dict[int, Message] | None = None
    notification: Notification | Unread | None = Unread.UNREAD
    untouched: bool = False

    @property
    def over(self) -> bool:
        """Whether the owner has nothing more to do for the task."""
        shown = self.messages is not None and all(each.settled for each in self.messages.values())
        return self.task.state.settled and shown and not isinstance(self.notification, Notification)


class LiveRecords:
    """Keeps the records. No I/O."""

    def __init__(self, *, most_live: int = MOST_LIVE, most_ended: int = MOST_ENDED) -> None:
        self._most_live = most_live
        self._most_ended = most_ended
        self._live: OrderedDict[TaskId, LiveRecord] = OrderedDict()
        self._ended: OrderedDict[TaskId, Task] = OrderedDict()
        self._rows: dict[int, TaskId] = {}
        # All polled tasks of this process. Unlike the copies, they are never dropped.
        self._polled: dict[TaskId, OwnedTask] = {}

    def record(self, task_id: TaskId) -> LiveRecord | None:
        """The record of an unfinished task."""
        return self._live.get(task_id)

    def task(self, task_id: TaskId) -> Task | None:
        """The newest state of a task, if it is in memory."""
        if live := self._live.get(task_id):
            self._live.move_to_end(task_id)
            return live.task
        ended = self._ended.get(task_id)
        if ended:
            self._ended.move_to_end(task_id)
        return ended

    def newest(self, stored: Task) -> Task:
        """The task as this process knows it, if that is not older than the stored task."""
        known = self.task(stored.id)
        return known if known and known.version >= stored.version else stored

    def read(self, stored: Task) -> Task:
        """Keeps a task that was read from the database, unless a newer state is known. Returns the newest state."""
        newest = self.newest(stored)
        if newest is stored:
            self.put(stored)
        return newest

    def moved(self, task: Task) -> None:
        """Keeps a task after a change, unless it has changed again meanwhile."""
        known = self.task(task.id)
        if known is None or known.revision < task.revision:
            self.put(task)

    def put(self, task: Task) -> LiveRecord | None:
        """Keeps this state of a task. Returns its record if it is unfinished."""
        self._follow(task)
        live = self._live.get(task.id)
        if live:
            live.task = task
            self._release(task.id, live)
            return live
        if task.state.settled:
            self._keep_ended(task)
            return None
        self._ended.pop(task.id, None)
        live = self._live[task.id] = LiveRecord(task)
        if len(self._live) > self._most_live:
            self.drop(next(iter(self._live)))
        return live

    def put_opened(self, opening: Opening, opened: Opened) -> Task:
        """Keeps a task that was just journaled, with its message. Returns the task."""
        task = stored_task(opening.task, opening.now)
        if record := self.put(task):
            message = stored_message(opening.message, opened.row_id, task.id, opened.reply_to)
            record.untouched, record.messages = True, {message.id: message}
            record.callback_hash = hash_of(opening.task.callback_token)
            self._rows[message.id] = task.id
        if task.parent_id and (parent := self.record(task.parent_id)):
            parent.untouched = False
        return task

    def drop(self, task_id: TaskId) -> None:
        """Forgets the copies of a task and its messages. A polled task is still polled."""
        self.forget_messages(task_id)
        self._live.pop(task_id, None)
        self._ended.pop(task_id, None)

    def messages(self, task_id: TaskId) -> list[Message] | None:
        """The reachable messages of a task, oldest first; None if they were not read."""
        live = self._live.get(task_id)
        return None if live is None or live.messages is None else list(live.messages.values())

    def message(self, row_id: int) -> Message | None:
        """The message of this row, if it is in memory."""
        live = self._live.get(self._rows.get(row_id, ""))
        return live.messages.get(row_id) if live and live.messages else None

    def read_messages(self, task_ids: Iterable[TaskId], messages: Sequence[Message]) -> None:
        """Keeps all reachable messages of those of these tasks that are unfinished, as read from the database."""
        for task_id in task_ids:
            if live := self._live.get(task_id):
                before = live.messages or {}
                self.forget_messages(task_id)
                live.messages = {
                    message.id: _with_memory(message, before.get(message.id))
                    for message in messages
                    if message.task_id == task_id
                }
                self._rows |= dict.fromkeys(live.messages, task_id)

    def put_message(self, message: Message) -> None:
        """Keeps a message after a change, if the messages of its task are in memory."""
        live = self._live.get(message.task_id)
        if live and live.messages is not None:
            live.messages[message.id] = message
            self._rows[message.id] = message.task_id
            self._release(message.task_id, live)

    def forget_messages(self, task_id: TaskId) -> None:
        """Forgets the messages of a task."""
        if (live := self._live.get(task_id)) and live.messages is not None:
            for row_id in live.messages:
                self._rows.pop(row_id, None)
            live.messages = None

    def forget_message(self, row_id: int) -> None:
        """Forgets a message, with the others of its task."""
        if task_id := self._rows.get(row_id):
            self.forget_messages(task_id)

    def put_notification(self, task_id: TaskId, notification: Notification | None) -> None:
        """Keeps the pending notification of a task, or that there is none."""
        if live := self._live.get(task_id):
            live.notification = notification
            self._release(task_id, live)

    def follow(self, owned: Iterable[OwnedTask]) -> None:
        """Takes over polled tasks. What this process knows about a task already is newer."""
        for each in owned:
            known = self.task(each.polled.id)
            if known is None or TASK_STATES[known.state].polled:
                self._polled.setdefault(each.polled.id, each)

    def polled(self) -> Iterator[PolledTaskRow]:
        """The polled tasks, oldest first."""
        return (each.polled for each in sorted(self._polled.values(), key=lambda each: each.created_at))

    def waiting(self) -> Iterator[QueuedTaskRow]:
        """The tasks in the service's queue."""
        return (each.queued for each in self._polled.values() if each.queued)

    def is_polled(self, task_id: TaskId) -> bool:
        """Whether the task is polled."""
        return task_id in self._polled

    def _follow(self, task: Task) -> None:
        if not TASK_STATES[task.state].polled:
            self._polled.pop(task.id, None)
            return
        waits = task.state is TaskState.PENDING
        self._polled[task.id] = OwnedTask(
            PolledTaskRow(
                task.id, task.upstream_id, task.progressed_at, task.request.option("mode"), task.request.engine
            ),
            QueuedTaskRow(task.id, task.upstream_id, task.queue_ahead) if waits else None,
            task.created_at,
        )

    def _release(self, task_id: TaskId, live: LiveRecord) -> None:
        if live.over:
            self.drop(task_id)
            self._keep_ended(live.task)

    def _keep_ended(self, task: Task) -> None:
        self._ended[task.id] = task
        self._ended.move_to_end(task.id)
        if len(self._ended) > self._most_ended:
            self._ended.popitem(last=False)


def stored_task(new: NewTask, now: float) -> Task:
    """The task as it is stored at `now` (unix seconds)."""
    return Task(
        id=new.id,
        upstream_id=new.upstream_id,
        parent_id=new.parent_id,
        owner_id=new.owner_id,
        guild_id=new.guild_id,
        channel_id=new.channel_id,
        request=new.request,
        state=new.state,
        progress=None,
        queue_ahead=new.queue_ahead,
        result=TaskResult(),
        buttons=(),
        error_code=None,
        error_params={},
        created_at=now,
        progressed_at=now,
        finished_at=None,
        version=1,
        input_count=len(new.pictures),
    )


def stored_message(new: NewMessage, row_id: int, task_id: TaskId, reply_to: int | None) -> Message:
    """The message as it is stored in this row."""
    return Message(
        id=row_id,
        task_id=task_id,
        route=new.route,
        user_id=new.user_id,
        application_id=new.application_id,
        guild_id=new.guild_id,
        channel_id=new.channel_id,
        message_id=new.message_id,
        token=new.token,
        token_ends_at=new.token_ends_at,
        upload_limit=new.upload_limit,
        page=0,
        shown_version=0,
        files=(),
        unreachable=False,
        locale=new.locale,
        reply_to=reply_to,
    )


def stored_submission(new: NewSubmission, outcome: SubmissionOutcome, now: float) -> Submission:
    """The submission as it is journaled at `now` (unix seconds)."""
    return Submission(
        new.interaction_id,
        new.user_id,
        new.task_id,
        new.source_task_id,
        new.custom_id,
        new.nonce,
        outcome=outcome,
        reason=None,
        created_at=now,
    )


def _with_memory(message: Message, before: Message | None) -> Message:
    """The message with what only the memory holds about the same version."""
    if before is None or before.shown_version != message.shown_version:
        return message
    return dataclasses.replace(message, shown_step=before.shown_step, reply_to=before.reply_to, files=before.files)
