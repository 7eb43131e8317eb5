"""Updates of tasks: from the service's states, applied and published to listeners; and how long tasks usually take.

With the end of a task, its owner's notification and a copy of the result by direct message are stored. The usual
duration of a task is the median of the newest finished tasks of its kind, which is its action or its button, and its
mode.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from bot.engines.models import RemoteStatus, RemoteTask
from bot.tasks.engine_calls import failure_of, says_cancelled
from storage import (
    Ending,
    EndWishes,
    Message,
    NewMessage,
    Route,
    Store,
    Task,
    TaskId,
    TaskResult,
    TaskState,
    TaskUpdate,
)

log = logging.getLogger(__name__)

# Some services finish a task before its image has a URL; the URL follows within seconds.
PICTURE_SECONDS = 60.0

_STATES = {
    RemoteStatus.PENDING: TaskState.PENDING,
    RemoteStatus.RUNNING: TaskState.RUNNING,
    # The bot never waits for a user in the background: the submitter confirms a modal, and some services show MODAL for
    # minutes after that (docs/image-api.md#newapi-tasks).
    RemoteStatus.WAITING_USER: TaskState.AWAITING_CONFIRMATION,
    RemoteStatus.SUCCESS: TaskState.SUCCESS,
    RemoteStatus.FAILURE: TaskState.FAILURE,
    RemoteStatus.CANCELLED: TaskState.CANCELLED,
}

# Upload limit of direct messages in bytes; a server's own limit does not apply there.
DM_UPLOAD_LIMIT = 10_000_000
# Users cancel tasks themselves, and a refusal is shown directly, so neither needs a notification.
TOLD_OF = (TaskState.SUCCESS, TaskState.FAILURE)

Listener = Callable[[Task], None]

# Delay before a modal that was discovered by polling is confirmed: services may briefly show one without waiting for
# it.
MODAL_SECONDS = 3.0

# Reason of a submission whose modal confirmation was or is being sent; the confirmation must never be sent twice.
MODAL_CONFIRMED = "window confirmed"

# How many of the newest finished tasks are read, and how many of each kind are counted.
DURATIONS_READ = 400
DURATIONS_COUNTED = 15
# A kind with fewer tasks has no estimate.
LEAST_DURATIONS = 3
# Shorter tasks are finished before the estimate can be read.
SHORTEST_DURATION_SECONDS = 3.0
DURATIONS_KEPT_SECONDS = 60.0

DurationKind = tuple[str, str | None]


def to_update(remote: RemoteTask, *, images: int = 0) -> TaskUpdate:
    """The update for the service's state of a task. `images`: how many came with the answer to the submit."""
    inline = images > 0
    state = _STATES[remote.status]
    if state is TaskState.FAILURE and says_cancelled(remote.fail_reason):
        state = TaskState.CANCELLED
    code, params = failure_of(remote) if state is TaskState.FAILURE else (None, {})
    return TaskUpdate(
        state=state,
        upstream_id=remote.id or None,
        progress=100 if state is TaskState.SUCCESS else _progress(remote, state),
        result=TaskResult(
            final_prompt=remote.final_prompt,
            image_url=remote.image_url,
            image_urls=remote.image_urls,
            thumbnail_url=remote.thumbnail_url,
            videos=remote.videos,
            text=remote.text,
            lines=remote.text_lines,
            seed=remote.seed,
            conversation=remote.conversation,
            inline=inline or bool(remote.image_data),
            count=images or len(remote.image_data),
            missing=state is TaskState.SUCCESS and not inline and _shows_nothing(remote),
        ),
        buttons=remote.buttons,
        error_code=code,
        error_params={"reason": remote.fail_reason, **params} if remote.fail_reason else params,
    )


def _progress(remote: RemoteTask, state: TaskState) -> int | None:
    # The progress of a failed task is meaningless: "" in some API variants, "100%" in others
    # (docs/image-api.md#status).
    return remote.progress if state is TaskState.RUNNING else None


def _shows_nothing(remote: RemoteTask) -> bool:
    return not (remote.image_url or remote.image_urls or remote.image_data or remote.videos or remote.text)


class MissingPictures:
    """Tasks that the service reports as finished before there is a result: for a limited time they count as running, so
    that they are polled again. The time restarts with the process."""

    def __init__(self, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns monotonic seconds."""
        self._seconds = seconds
        self._clock = clock
        self._since: dict[TaskId, float] = {}

    def held_back(self, task_id: TaskId, change: TaskUpdate) -> TaskUpdate:
        """The update to be applied now."""
        if change.state is TaskState.SUCCESS and change.result and change.result.missing:
            now = self._clock()
            if now - self._since.setdefault(task_id, now) < self._seconds:
                return dataclasses.replace(change, state=TaskState.RUNNING, progress=100)
        self._since.pop(task_id, None)
        return change


class TaskEvents:
    """Publishes every change to every listener, in order. Listeners must return quickly and do no I/O."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._result_listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Listener) -> None:
        """Adds a listener for all later changes."""
        self._listeners.append(listener)

    def on_result(self, listener: Callable[[], None]) -> None:
        """Adds a listener that is called after each change of a finished task, without the task."""
        self._result_listeners.append(listener)

    def publish(self, task: Task) -> None:
        """Passes the changed task to every listener."""
        for listener in self._listeners:
            listener(task)
        if task.state is TaskState.SUCCESS:
            for call in self._result_listeners:
                call()


class TaskUpdates:
    """Applies the service's states to tasks, and publishes every change."""

    def __init__(self, store: Store, events: TaskEvents, clock: Callable[[], float]) -> None:
        self._store = store
        self.events = events
        self._clock = clock
        self._modals: dict[TaskId, float] = {}
        self._missing_pictures = MissingPictures(seconds=PICTURE_SECONDS)

    async def apply_remote(self, remote: RemoteTask) -> None:
        """Applies the state of a remote task to every task of the bot that refers to it."""
        for task in await self._store.tasks.by_upstream(remote.id):
            await self.apply_remote_to(task, remote)

    async def apply_remote_to(self, task: Task, remote: RemoteTask) -> None:
        """Applies the remote state to one task; a transition backwards changes nothing."""
        if remote.status is RemoteStatus.WAITING_USER:
            await self._find_modal(task)
        await self.move(task.id, to_update(remote))

    async def _find_modal(self, task: Task) -> None:
        """Handles an accepted task that turns out to wait for its modal: some gateways hide that in their answer
        (docs/image-api.md#rewritten-codes). Sets the journal to MODAL, so that `bot.tasks.recovery` confirms it,
        once."""
        # Measured from the first observation with a monotonic clock.
        seen_at = self._modals.setdefault(task.id, time.monotonic())
        if task.state is not TaskState.PENDING or time.monotonic() - seen_at < MODAL_SECONDS:
            return
        # Some services show the modal for minutes after it was confirmed (docs/image-api.md#newapi-tasks).
        if await self._store.submissions.expect_modal(task.id, MODAL_CONFIRMED):
            log.info("task %s unexpectedly awaits confirmation; confirming it", task.id)

    async def move(self, task_id: TaskId, change: TaskUpdate) -> None:
        """Applies an update to a task and publishes the change."""
        await self.move_all({task_id: change})

    async def move_all(self, changes: Mapping[TaskId, TaskUpdate]) -> None:
        """Applies updates to many tasks, and publishes the changes. Raises StorageError; then nothing was stored."""
        changes = {task_id: self._missing_pictures.held_back(task_id, change) for task_id, change in changes.items()}
        moved = await self._store.tasks.move_all(changes, self._clock(), ending_of)
        for task in moved:
            self.changed(task)

    def changed(self, task: Task) -> None:
        """Publishes a change that was stored."""
        self._modals.pop(task.id, None)
        self.events.publish(task)


class Notify(StrEnum):
    """When a user is notified that their task has ended."""

    AUTO = "auto"
    """Only if they may have missed it: the task took long, or others have posted since."""
    ALWAYS = "always"
    NEVER = "never"


def ending_of(task: Task, wishes: EndWishes, shown: Sequence[Message]) -> Ending:
    """What to store with the end of a task that these messages show."""
    copy = _copy(task, shown[0]) if task.state is TaskState.SUCCESS and wishes.direct and shown else None
    return Ending(_always(task, wishes), copy)


def _always(task: Task, wishes: EndWishes) -> bool | None:
    """Whether the owner always wants the notification: by the command's option, otherwise by their settings. None if
    there is none."""
    chosen = task.request.notify or wishes.notify or Notify.AUTO
    return None if task.state not in TOLD_OF or chosen == Notify.NEVER else chosen == Notify.ALWAYS


def _copy(task: Task, shown: Message) -> NewMessage:
    return NewMessage(
        route=Route.DIRECT,
        user_id=task.owner_id,
        application_id=shown.application_id,
        guild_id=None,
        channel_id=None,
        token=None,
        token_ends_at=0.0,
        upload_limit=DM_UPLOAD_LIMIT,
        locale=shown.locale,
    )


class UsualDurations:
    """Reads the durations from the store, at most once a minute."""

    def __init__(self, store: Store, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._known: Mapping[DurationKind, float] = {}
        self._read_at: float | None = None

    async def of(self, task: Task) -> float | None:
        """The usual duration of a task like this, in seconds; None if unknown. Raises StorageError."""
        if self._read_at is None or self._monotonic() - self._read_at > DURATIONS_KEPT_SECONDS:
            self._read_at = self._monotonic()
            self._known = await self._read()
        seconds = self._known.get(_duration_kind(task.request.action, task.request.label, task.request.option("mode")))
        return seconds if seconds is not None and seconds >= SHORTEST_DURATION_SECONDS else None

    async def _read(self) -> Mapping[DurationKind, float]:
        found: defaultdict[DurationKind, list[float]] = defaultdict(list)
        for action, label, mode, seconds in await self._store.tasks.durations(DURATIONS_READ):
            of_kind = found[_duration_kind(action, label, mode)]
            if len(of_kind) < DURATIONS_COUNTED:
                of_kind.append(seconds)
        return {kind: _median(each) for kind, each in found.items() if len(each) >= LEAST_DURATIONS}


def _duration_kind(action: str, label: str, mode: str | None) -> DurationKind:
    """`label` is that of a pressed button. Its number does not matter: U1 takes as long as U2."""
    return (f"{action} {label.rstrip('0123456789')}".strip(), mode)


def _median(seconds: Sequence[float]) -> float:
    """The median. `statistics.median` is the same, but a start should not wait for the import of that module."""
    ordered, middle = sorted(seconds), len(seconds) // 2
    return (ordered[middle] + ordered[~middle]) / 2
