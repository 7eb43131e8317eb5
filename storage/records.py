"""Tasks and their messages as frozen records, with their states and how an update changes them.

A task only moves from left to right (`Task.apply`):

    QUEUED ── SUBMITTING ── AWAITING_CONFIRMATION ── UNKNOWN ── PENDING ── RUNNING ── STALLED ── SUCCESS | FAILURE
                                                                                     | CANCELLED | REFUSED

`Tasks.watch_again` and `queued_again` (`storage.tasks`) move a task back on request. The values of the states are
stored in the database.

Progress never decreases within one state. Every stored change increments `version`. Changes that only the owner's
memory holds (see `Task.apply`) increment `step` instead, which starts again at 0 with each version. A message that
shows an earlier version, or an earlier step of the same version, is outdated.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from storage.task_contents import Action, InputImage, StoredButton, TaskResult

TaskId = str
OptionValue = str | bool
# The engine of requests that name none: those of the first versions, which had only this one.
DEFAULT_ENGINE = "midjourney"
# An option of requests that a button can repeat: the images that were sent are kept after the task has succeeded.
KEEPS_INPUTS = "keeps_inputs"


class TaskState(StrEnum):
    """The state of a task. The members are in the order of `Task.apply`."""

    QUEUED = "queued"
    """Journaled, and waiting in the bot's own queue (`queue_ahead` is the number of requests before it there)."""
    SUBMITTING = "submitting"
    """Journaled before the request is sent. It is not known yet whether the service accepted it."""
    AWAITING_CONFIRMATION = "waiting"
    """The service waits for the confirmation of a modal (its status MODAL)."""
    UNKNOWN = "lost"
    """No answer arrived within the time limit, and the user was informed. If the task is found later, it moves on."""
    PENDING = "pending"
    """In the service's queue."""
    RUNNING = "running"
    """The service works on it."""
    STALLED = "overdue"
    """No progress for longer than the time limit. No longer polled unless a user requests it."""
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """The service did not create a task."""

    @property
    def final(self) -> bool:
        """Whether the task ignores all later updates."""
        return TASK_STATES[self].final

    @property
    def settled(self) -> bool:
        """Whether the message of the task needs no further update for now."""
        return TASK_STATES[self].settled


class StateRules(NamedTuple):
    """The rules for a task in one state.

    `final`: no update changes it. `settled`: its message needs no further update. `polled`: the bot polls the service
    for it. `cancellable`: it is in the bot's queue or at the service. `retryable`: it can be sent again as a new task.
    `keeps_inputs`: its input images may still be needed.
    """

    final: bool = False
    settled: bool = False
    polled: bool = False
    cancellable: bool = False
    retryable: bool = False
    keeps_inputs: bool = True


TASK_STATES: Mapping[TaskState, StateRules] = {
    TaskState.QUEUED: StateRules(cancellable=True),
    TaskState.SUBMITTING: StateRules(),
    TaskState.AWAITING_CONFIRMATION: StateRules(cancellable=True),
    TaskState.UNKNOWN: StateRules(settled=True, retryable=True),
    TaskState.PENDING: StateRules(polled=True, cancellable=True),
    TaskState.RUNNING: StateRules(polled=True, cancellable=True),
    TaskState.STALLED: StateRules(settled=True, cancellable=True, retryable=True),
    TaskState.SUCCESS: StateRules(final=True, settled=True, keeps_inputs=False),
    TaskState.FAILURE: StateRules(final=True, settled=True, retryable=True),
    TaskState.CANCELLED: StateRules(final=True, settled=True, retryable=True),
    TaskState.REFUSED: StateRules(final=True, settled=True, retryable=True, keeps_inputs=False),
}
POLLED_STATES = tuple(state for state, rules in TASK_STATES.items() if rules.polled)
# Changes that are not stored: they are learned again from the service, or counted again in the bot's queue. To the
# database, a task that the service has is one that it has, waiting or running.
UNSTORED_MOVES = frozenset(
    {
        (TaskState.QUEUED, TaskState.QUEUED),
        (TaskState.PENDING, TaskState.PENDING),
        (TaskState.PENDING, TaskState.RUNNING),
        (TaskState.RUNNING, TaskState.RUNNING),
    }
)
STATE_ORDER = {state: (len(TaskState) if state.final else place) for place, state in enumerate(TaskState)}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the image service, complete enough to be sent again (*Try again*).

    `engine` is the name of the engine that generates the result, and `options` are that engine's own options
    (`bot.engines.options`). `custom_id` is set if and only if `action` is BUTTON. `label` and `group` are those of that
    button, and `window_prompt` is the prompt typed into its modal (None: there was no input, and the service uses its
    own proposal). `link` is the URL of an image. Attached images and region masks are stored in a separate table
    because of their size. `notify` (auto, always, never) controls the notification of the user; None means the user's
    own setting. `spoiler`: the source was marked as a spoiler, so the results are, too. `remarks` are lines about
    changes made to the attached images, in Discord's Markdown.
    """

    action: Action
    prompt: str = ""
    engine: str = DEFAULT_ENGINE
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    custom_id: str | None = None
    label: str = ""
    group: str = ""
    window_prompt: str | None = None
    link: str | None = None
    spoiler: bool = False
    remarks: str = ""
    notify: str | None = None

    def option(self, name: str) -> str | None:
        """The value of one of the engine's options, or None. A switch is either "True" or None."""
        value = self.options.get(name)
        return None if value is None or value is False else str(value)

    def with_options(self, **changes: OptionValue | None) -> Request:
        """The same request with other options. None and False remove an option."""
        return dataclasses.replace(self, options=chosen_options(**{**self.options, **changes}))


def chosen_options(**options: OptionValue | None) -> Mapping[str, OptionValue]:
    """The options that were chosen: those that are neither None nor False."""
    return {name: value for name, value in options.items() if value is not None and value is not False}


@dataclass(frozen=True, slots=True)
class Task:
    """One task at the image service. Times are unix seconds.

    `input_count` is the number of attached images, whether or not they are still stored. `deleted_at` is when the
    result was deleted; the task stays in lists. `error_code` and `error_params` say why the task failed or was refused:
    an error code of this program (None if no code fits), and its values, such as the service's own message as `reason`.
    `step` counts the changes since `version` that are not stored.
    """

    id: TaskId
    upstream_id: str | None
    parent_id: TaskId | None
    owner_id: int
    guild_id: int | None
    channel_id: int | None
    request: Request
    state: TaskState
    progress: int | None
    queue_ahead: int | None
    result: TaskResult
    buttons: tuple[StoredButton, ...]
    error_code: str | None
    error_params: Mapping[str, str]
    created_at: float
    progressed_at: float
    finished_at: float | None
    version: int
    input_count: int = 0
    deleted_at: float | None = None
    step: int = 0

    @property
    def revision(self) -> tuple[int, int]:
        """The number of the newest change, stored or not."""
        return self.version, self.step

    @property
    def image_count(self) -> int:
        """How many images the result has, as far as is known."""
        return self.result.count or len(self.result.image_urls) or int(self.result.image_url is not None)

    @property
    def prompt(self) -> str:
        """The prompt shown for the task: the typed one, or the final one if none was typed."""
        return self.request.prompt or self.result.final_prompt

    def apply(self, change: TaskUpdate, now: float) -> Task | None:
        """Returns the task after a change, or None if the change would move it backwards or not change it.

        A change at the service, or of a position in the bot's queue, is not stored: it increments `step`. After a
        restart the service is asked again.
        """
        if self.state.final or STATE_ORDER[change.state] < STATE_ORDER[self.state]:
            return None
        same_state = change.state == self.state
        if same_state and _percent(change.progress) < _percent(self.progress):
            return None
        fields = change.set_fields()
        if self.state is TaskState.QUEUED and not same_state:
            # The position in the bot's own queue and the reason for waiting there do not apply at the service.
            fields = {"queue_ahead": None, "error_code": None, "error_params": {}, **fields}
        changed = {name for name, value in fields.items() if value != getattr(self, name)}
        if not changed:
            return None
        stored = "upstream_id" in changed or (self.state, change.state) not in UNSTORED_MOVES
        return dataclasses.replace(
            self,
            **fields,
            version=self.version + stored,
            step=0 if stored else self.step + 1,
            progressed_at=now if not same_state or "progress" in changed else self.progressed_at,
            finished_at=now if change.state.final else None,
        )


def _percent(progress: int | None) -> int:
    return -1 if progress is None else progress


@dataclass(frozen=True, slots=True)
class TaskUpdate:
    """An update of a task. Fields that are None stay unchanged."""

    state: TaskState
    upstream_id: str | None = None
    progress: int | None = None
    queue_ahead: int | None = None
    result: TaskResult | None = None
    buttons: tuple[StoredButton, ...] | None = None
    error_code: str | None = None
    error_params: Mapping[str, str] | None = None

    def set_fields(self) -> dict[str, Any]:
        """The fields that are not None, by name."""
        # These are the names of all fields: quicker to read than `dataclasses.fields`.
        return {name: value for name in self.__match_args__ if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be created. Only the hash of `callback_token` is stored.

    `queue_ahead` is the number of the user's requests before it in the bot's own queue; None for a task that is sent at
    once. `upstream_id` is its ID at the service, if the service has it already.
    """

    id: TaskId
    parent_id: TaskId | None
    owner_id: int
    guild_id: int | None
    channel_id: int | None
    request: Request
    callback_token: str = field(repr=False)
    pictures: Sequence[InputImage] = ()
    queue_ahead: int | None = None
    upstream_id: str | None = None

    @property
    def state(self) -> TaskState:
        """The state in which the task is stored."""
        if self.upstream_id is not None:
            return TaskState.PENDING
        return TaskState.SUBMITTING if self.queue_ahead is None else TaskState.QUEUED


def hash_of(token: str) -> bytes:
    """The hash of the token in a callback URL. A random token of full length needs neither a salt nor a slow hash."""
    return hashlib.sha256(token.encode()).digest()


class Route(StrEnum):
    """How a message was created, and therefore how it can be reached."""

    ORIGINAL = "original"
    """The response to a command. Reached through the interaction token, then through the channel."""
    FOLLOWUP = "followup"
    """A separate message after a button press. Created through the token, then edited like any message."""
    CHANNEL = "channel"
    """Posted by the bot itself. Requires the bot to be a member of the channel."""
    REDIRECTED = "redirected"
    """Sent as a direct message, because the original channel cannot be written to any longer."""
    DIRECT = "direct"
    """A copy as a direct message, because the user wants their results there, too."""


@dataclass(frozen=True, slots=True)
class Message:
    """A Discord message that shows a task or will show it.

    `message_id` is None until Discord has returned it. `token` is the interaction token, valid until `token_ends_at`
    (unix seconds; 15 minutes after the interaction, Discord's "Receiving and Responding to Interactions").
    `shown_version` is the version of the task that the message shows, 0 if it shows none. `files` are the names of the
    attachments, in order. An `unreachable` message was deleted or can no longer be reached. `locale` is its language,
    None for the default one. `settled`: what it shows needs no further update. Only the owner's memory holds
    `shown_step`, the step of the task that the message shows, and `reply_to`, the id of the parent's message in the
    same channel when the task was journaled.
    """

    id: int
    task_id: TaskId
    route: Route
    user_id: int
    application_id: int
    guild_id: int | None
    channel_id: int | None
    message_id: int | None
    token: str | None = dataclasses.field(repr=False)
    token_ends_at: float
    upload_limit: int
    page: int
    shown_version: int
    files: tuple[str, ...]
    unreachable: bool
    locale: str | None = None
    settled: bool = False
    shown_step: int = 0
    reply_to: int | None = None

    def shows(self, task: Task) -> bool:
        """Whether the message shows the newest change of the task."""
        return (self.shown_version, self.shown_step) >= task.revision
