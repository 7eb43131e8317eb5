"""The inputs and results of the storage's operations (`storage.ports`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from storage.records import DEFAULT_ENGINE, NewTask, Route, Task, TaskId, TaskState
from storage.submission_records import NewSubmission, Submission, SubmissionOutcome

# The number of newest tasks searched for words (of one owner or of all users).
SEARCHED = 50_000


class Move(NamedTuple):
    """A change of a task. It is stored only if the stored task still has the version of `before`."""

    before: Task
    after: Task


class EndWishes(NamedTuple):
    """What a task's owner wants at its end: a notification (None: the default), and a copy by direct message."""

    notify: str | None
    direct: bool


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


class Ending(NamedTuple):
    """What is stored together with the end of a task: a notification (`always`, or None for none), and a message."""

    always: bool | None = None
    copy: NewMessage | None = None


# Decides what is stored with the end of a task. Called within the operation, so it must do no I/O.
Decide = Callable[[Task, EndWishes], Ending]


class Repeats(NamedTuple):
    """Which earlier submissions of the same user make a new one a repetition: those with an interaction id in `ids`,
    from a task with the parent `parent_id`, that were not refused.

    With `custom_id`, only those of that button. Without it, all except those whose task is in `different`.
    """

    ids: range
    parent_id: TaskId | None
    custom_id: str | None = None
    different: Sequence[TaskId] = ()


class Opening(NamedTuple):
    """A submission to be journaled with its task and its message, unless its interaction is journaled already or
    `repeats` finds an earlier one."""

    task: NewTask
    submission: NewSubmission
    message: NewMessage
    outcome: SubmissionOutcome
    now: float
    repeats: Repeats | None = None


class Opened(NamedTuple):
    """A journaled submission: the row of its message, and the message of the parent task in the same channel."""

    row_id: int
    reply_to: int | None


class FurtherTask(NamedTuple):
    """A further task that the service made of one request, and the message that will show it.

    `now` is its time of creation. A task that has its `upstream_id` already is not stored again if `once`.
    """

    task: NewTask
    message: NewMessage | None
    now: float
    once: bool = False


class OutcomeResult(Enum):
    """The result of recording an outcome."""

    DONE = "done"
    OUTCOME_CHANGED = "outcome changed"
    """The submission has an outcome that this one may not replace. Nothing was written."""
    TASK_CHANGED = "task changed"
    """The task has another version. Nothing was written."""


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """A new outcome of a submission, and the change of its task that belongs to it.

    `only_from` are the outcomes that it may replace; the default are those of the transition table. `error_code` and
    `error_params` belong to a refusal. A `reason` of None keeps the stored one. `callback_token` replaces the token in
    the task's callback URL. `further` are tasks that the service made of the same request. `drop_unshown`: messages of
    the task that are not sent yet are not needed any more. `durable`: it must survive a power failure before anything
    is sent.
    """

    interaction_id: int
    outcome: SubmissionOutcome
    now: float
    move: Move | None = None
    reason: str | None = None
    error_code: str | None = None
    error_params: Mapping[str, str] = field(default_factory=dict)
    only_from: frozenset[SubmissionOutcome] | None = None
    callback_token: str | None = field(default=None, repr=False)
    further: Sequence[FurtherTask] = ()
    drop_unshown: bool = False
    durable: bool = False


class RecordedOutcome(NamedTuple):
    """A recorded outcome, and the task as it is after the change; None if it did not change."""

    task: Task | None


class PolledTaskRow(NamedTuple):
    """A polled task: its ID at the service, the time of its last progress (unix seconds), its mode and its engine."""

    id: TaskId
    upstream_id: str | None
    progressed_at: float
    mode: str | None
    engine: str = DEFAULT_ENGINE


class QueuedTaskRow(NamedTuple):
    """A task in the service's queue: its ID at the service, and the last reported number of tasks before it."""

    id: TaskId
    upstream_id: str | None
    queue_ahead: int | None


class OwnedTask(NamedTuple):
    """A polled task of this process, without what polling does not need. Times are unix seconds."""

    polled: PolledTaskRow
    queued: QueuedTaskRow | None
    created_at: float


class Owned(NamedTuple):
    """What a process has to go on with: its polled tasks, and its submissions with an open outcome."""

    tasks: Sequence[OwnedTask]
    submissions: Sequence[Submission]


class TaskQuery(NamedTuple):
    """Search criteria; None and () match any task. `states` contains only states that an accepted task can have."""

    owner_id: int | None = None
    states: tuple[TaskState, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class TaskMessage:
    """A channel in which a message shows a task."""

    task_id: TaskId
    guild_id: int | None
    channel_id: int


class Duration(NamedTuple):
    """Seconds from the creation of a task to its end, and the kind of the task."""

    action: str
    label: str
    mode: str | None
    seconds: float
