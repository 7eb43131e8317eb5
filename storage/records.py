"""What is remembered, as frozen records, with the rules that always hold.

Progress within one state only grows. `version` grows by one with every change, so a message that shows an older
version is known to be behind.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from storage.states import STATE_ORDER, SubmissionOutcome, TaskState

TaskId = str


class Action(StrEnum):
    """What a task was asked to do when no button named it."""

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
    """One entry of a task's `buttons`, as the service gave it."""

    custom_id: str
    label: str = ""
    emoji: str = ""
    style: int = 2


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """One clip of a task."""

    url: str
    thumbnail: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of the service, complete enough to ask it again (*Try again*).

    `custom_id` is set when and only when `action` is BUTTON, `label` is what that button said, and `window_prompt`
    what the person wrote into its window (None: nothing was asked, the service's own proposal stands). Pictures that
    came with a command, and the mask of a region, stand in a table of their own, because they are large.
    `notify` (auto, always, never) says whether the asker is told of the end; None: as they have set it.
    `motion` (low, high) and `loop` belong to VIDEO; `job`, an id of Midjourney's, and the service's `account` that is
    to show it belong to SHOW. With `spoiler`, what it is made from was hidden behind a spoiler, and its pictures are,
    too. `remarks` are lines on what was done to pictures that came with a command, as Discord's Markdown.
    """

    action: Action
    prompt: str = ""
    custom_id: str | None = None
    label: str = ""
    window_prompt: str | None = None
    mode: str | None = None
    bot_type: str | None = None
    dimensions: str | None = None
    link: str | None = None
    motion: str | None = None
    loop: bool = False
    job: str | None = None
    account: str | None = None
    spoiler: bool = False
    remarks: str = ""
    notify: str | None = None


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What the service has shown of a task so far.

    `inline`: its picture stands in the service's own answer and has no address. `missing`: the service says that the
    task is finished, and has shown nothing that came of it. `acknowledged`: it did what was asked, and no picture comes
    of that (a favorite).
    """

    final_prompt: str = ""
    image_url: str | None = None
    image_urls: tuple[str, ...] = ()
    videos: tuple[StoredVideo, ...] = ()
    text: str | None = None
    lines: tuple[str, ...] = ()
    seed: str | None = None
    inline: bool = False
    missing: bool = False
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work at the image service. Times are unix seconds. `input_count`: how many pictures came with it,
    whether or not they are still stored. `deleted_at`: since when its result is deleted; it stays in lists.

    `error_code` and `error_params` say why it failed or was refused: a code of the program's own (None where it knows
    none) and the values that belong to it, such as the service's own words as `reason`."""

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

    @property
    def prompt(self) -> str:
        """The words that people know the task by."""
        return self.request.prompt or self.result.final_prompt

    def apply(self, change: TaskUpdate, now: float) -> Task | None:
        """The task after a change, or None when the change would move it backwards or not at all."""
        if self.state.final or STATE_ORDER[change.state] < STATE_ORDER[self.state]:
            return None
        same_state = change.state == self.state
        if same_state and _percent(change.progress) < _percent(self.progress):
            return None
        # The place in the bot's own queue says nothing of the service's, nor why it waited there of what follows.
        left_queue = self.state is TaskState.QUEUED and not same_state
        before = dataclasses.replace(self, queue_ahead=None, error_code=None, error_params={}) if left_queue else self
        moved = dataclasses.replace(before, **change.set_fields())
        if moved == self:
            return None
        went_on = not same_state or moved.progress != self.progress
        return dataclasses.replace(
            moved,
            version=self.version + 1,
            progressed_at=now if went_on else self.progressed_at,
            finished_at=now if moved.state.final else None,
        )


@dataclass(frozen=True, slots=True)
class TaskUpdate:
    """News of a task. What is None was not told and stays as it is."""

    state: TaskState
    upstream_id: str | None = None
    progress: int | None = None
    queue_ahead: int | None = None
    result: TaskResult | None = None
    buttons: tuple[StoredButton, ...] | None = None
    error_code: str | None = None
    error_params: Mapping[str, str] | None = None

    def set_fields(self) -> dict[str, Any]:
        """The fields that bring news, by name."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: value for name, value in fields.items() if value is not None}


def request_of(fields: dict[str, Any]) -> Request:
    """A request from its fields as they are stored."""
    return Request(**{**fields, "action": Action(fields["action"])})


def _percent(progress: int | None) -> int:
    return -1 if progress is None else progress


class Route(StrEnum):
    """How a message came to stand where it stands, and so how it can be reached."""

    ORIGINAL = "original"
    """The answer to a command: reached through the interaction's token, then through the channel."""
    FOLLOWUP = "followup"
    """A message of its own after a press: made through the token, then like any message."""
    CHANNEL = "channel"
    """Posted by the bot itself: needs the bot to be in the channel."""
    REDIRECTED = "redirected"
    """Sent to the asker directly, because the place that it was asked in cannot be written to any more."""
    DIRECT = "direct"
    """A copy in the asker's direct messages, because they want their results there, too."""


@dataclass(frozen=True, slots=True)
class Message:
    """A Discord message that shows a task, or is about to.

    `message_id` is None until Discord has told it. `token` is the interaction's, dead after `token_ends_at`
    (unix seconds; 15 minutes after the interaction, Discord's "Receiving and Responding to Interactions").
    `shown_version` is the task's version that the message shows, 0 while it shows none.
    `files` are the names attached, in order. A message that is `gone` was
    deleted or cannot be reached any more. `locale` is its language, None for the default one.
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


@dataclass(frozen=True, slots=True)
class Submission:
    """One interaction that asked the service for something: the journal.

    Written and committed before the request goes out. `nonce` travels with the request as `state` and comes back in
    the service's tasks and callbacks, so that a press whose answer was lost is found again. `task_id` is the task
    that the press makes; `source_task_id` the one whose button it was (None for a command). `error_code` and
    `error_params` say why it was refused; `reason` is a note of the program's own.
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


@dataclass(frozen=True, slots=True)
class UserDefaults:
    """One person's own defaults; None means the service's or the server's."""

    user_id: int
    mode: str | None = None
    bot_type: str | None = None
    aspect: str | None = None
    suffix: str = ""
    remix: bool = False
    direct: bool = False
    notify: str | None = None
