"""Stored records as frozen dataclasses, with their invariants.

Progress never decreases within one state. Every stored change increments `version`. Changes that only the owner's
memory holds (see `Task.apply`) increment `step` instead, which starts again at 0 with each version. A message that
shows an earlier version, or an earlier step of the same version, is outdated.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from storage.states import STATE_ORDER, UNSTORED_MOVES, SubmissionOutcome, TaskState

TaskId = str
OptionValue = str | bool
# The engine of requests that name none: those of the first versions, which had only this one.
DEFAULT_ENGINE = "midjourney"
# An option of requests that a button can repeat: the images that were sent are kept after the task has succeeded.
KEEPS_INPUTS = "keeps_inputs"
# Options that were fields of a request in earlier versions.
_FORMER_FIELDS = ("mode", "bot_type", "dimensions", "motion", "loop", "job", "account")


class Action(StrEnum):
    """The kind of a request. BUTTON stands for all buttons of a result."""

    IMAGINE = "imagine"
    BLEND = "blend"
    DESCRIBE = "describe"
    SHORTEN = "shorten"
    SWAP = "swap"
    SWAP_VIDEO = "swap_video"
    EDIT = "edit"
    RETEXTURE = "retexture"
    VIDEO = "video"
    SHOW = "show"
    BUTTON = "button"


@dataclass(frozen=True, slots=True)
class StoredButton:
    """One button of a task.

    `custom_id` is the engine's own ID, which only the engine parses. `style` is Discord's button style. `name` is a
    label for a button without one. `group` is the kind of button, `input` what it asks for before it is sent, and
    `line` the number of the line of text that it stands for (`bot.engines.models`). Rows of earlier versions have no
    `name`, `group`, `input` and `line`; `bot.engines` completes them.
    """

    custom_id: str
    label: str = ""
    emoji: str = ""
    style: int = 2
    name: str = ""
    group: str = ""
    input: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """One video of a task."""

    url: str
    thumbnail: str | None = None


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


@dataclass(frozen=True, slots=True)
class TaskResult:
    """The result of a task as reported by the image service so far.

    `thumbnail_url` is a smaller version of the image, if the service offers one. `inline`: the image is part of the
    service's answer and has no URL. `count` is how many images an inline result has, 0 if that is not known.
    `missing`: the service reports the task as finished but returned no result. `acknowledged`: the action succeeded
    and has no image as its result (a favorite). `alts` describe the images, in order, for people who cannot see them;
    a model writes them after the end. `conversation` is what the engine needs for requests that follow on this result;
    only the engine reads it.
    """

    final_prompt: str = ""
    image_url: str | None = None
    image_urls: tuple[str, ...] = ()
    thumbnail_url: str | None = None
    videos: tuple[StoredVideo, ...] = ()
    text: str | None = None
    lines: tuple[str, ...] = ()
    seed: str | None = None
    inline: bool = False
    count: int = 0
    missing: bool = False
    acknowledged: bool = False
    alts: tuple[str, ...] = ()
    conversation: str = field(default="", repr=False)


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


def chosen_options(**options: OptionValue | None) -> Mapping[str, OptionValue]:
    """The options that were chosen: those that are neither None nor False."""
    return {name: value for name, value in options.items() if value is not None and value is not False}


def request_of(fields: dict[str, Any]) -> Request:
    """Builds a request from its stored fields, also from those of earlier versions."""
    former = {name: fields.pop(name) for name in _FORMER_FIELDS if name in fields}
    options = chosen_options(**{**former, **fields.pop("options", {})})
    return Request(**{**fields, "action": Action(fields["action"]), "options": options})


def _percent(progress: int | None) -> int:
    return -1 if progress is None else progress


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


@dataclass(frozen=True, slots=True)
class Submission:
    """Journal entry of one interaction that sends a request to the image service.

    It is committed before the request is sent. `nonce` is sent as `state` and returned in the service's tasks and
    callbacks, so that a submission with a lost answer can be found again. `task_id` is the task that the submission
    creates; `source_task_id` is the task of the pressed button (None for a command). `error_code` and `error_params`
    say why the submission was refused. `reason` is an internal note.
    """

    interaction_id: int
    user_id: int
    task_id: TaskId
    source_task_id: TaskId | None
    custom_id: str | None
    nonce: str
    outcome: SubmissionOutcome
    reason: str | None
    created_at: float
    error_code: str | None = None
    error_params: Mapping[str, str] = field(default_factory=dict)


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
