"""Values that engines return: frozen, IDs as strings, missing values as None, "" or (), never a mixture.

The vocabulary is that of task-based services. docs/image-api.md describes the services of the midjourney-proxy family.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from bot.engines.errors import RefusalKind
from storage import InputImage, StoredButton, StoredVideo

# What can be the ID of a task: it is safe in URLs and in the database.
TASK_ID = re.compile(r"(?!\.+\Z)[\w.:~-]{1,128}", re.ASCII)


class Feature(StrEnum):
    """Features that an engine may lack. Generating an image from a prompt is not among them: every engine does that."""

    ACTION = "action"
    MODAL = "modal"
    BLEND = "blend"
    DESCRIBE = "describe"
    DESCRIBE_LINK = "describe_link"
    SHORTEN = "shorten"
    SWAP = "swap"
    SWAP_VIDEO = "swap_video"
    EDIT = "edit"
    EDIT_OLDER = "edit_older"
    RETEXTURE = "retexture"
    VIDEO = "video"
    SHOW = "show"
    CHANGE = "change"
    SIMPLE_CHANGE = "simple_change"
    UPLOAD = "upload"
    BUTTONS = "buttons"
    LIST_BY_CONDITION = "list_by_condition"
    LIST_BY_IDS = "list_by_ids"
    TASK_LIST = "task_list"
    QUERY = "query"
    QUEUE = "queue"
    CANCEL = "cancel"
    SEED = "seed"
    FETCH = "fetch"
    PROMPT_FLAGS = "prompt_flags"
    """Prompts may contain Midjourney's flags."""
    CALLBACK = "callback"


class ButtonGroup(StrEnum):
    """The kind of a button. Buttons of one kind are shown together."""

    UPSCALE = "upscale"
    VARY = "vary"
    EDIT = "edit"
    """Changes an image by an instruction, where a result has several images."""
    REGION = "region"
    """Changes a region of an image, where a result has several images."""
    ZOOM = "zoom"
    PAN = "pan"
    ANIMATE = "animate"
    FAVORITE = "favorite"
    """Has no image as its result."""
    OTHER = "other"


class ButtonInput(StrEnum):
    """What a button asks for before it is sent."""

    NONE = "none"
    REMIX = "remix"
    """A prompt, but only from users in remix mode."""
    PROMPT = "prompt"
    ZOOM = "zoom"
    """A prompt with a zoom factor."""
    REGION = "region"
    """A prompt and a region of the image."""
    INSTRUCTION = "instruction"
    """What to change, initially empty."""
    RATIO = "ratio"
    """Another aspect ratio, and no prompt."""
    LINE = "line"
    """A prompt, initially one of the lines of the task's text."""


class PressInputs(NamedTuple):
    """What a press of a button sends in addition to its prompt: image `image` of the task's result (from 1), or the
    `inputs` of the task's own request again. `link`: the image also needs a URL from which the service can download
    it."""

    image: int | None = None
    inputs: bool = False
    link: bool = False


class RemoteStatus(StrEnum):
    """The status of a task at the service. An unknown word means RUNNING (docs/image-api.md#status)."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING_USER = "waiting_user"
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether the task has ended."""
        return self in (RemoteStatus.SUCCESS, RemoteStatus.FAILURE, RemoteStatus.CANCELLED)


class ServiceLabel(NamedTuple):
    """The service behind an engine in log lines for the operator, and the settings that are about it."""

    name: str = "the image service"
    key_settings: str = "MJ_API_KEY, MJ_AUTH"
    url_setting: str = "MJ_API_URL"


_SETTINGS = "PLATFORM_API"
PLATFORM = ServiceLabel("the platform", f"{_SETTINGS}_KEY", f"{_SETTINGS}_URL")


class SubmitTag(NamedTuple):
    """Values sent with a submit to find its task again.

    The task repeats `state` (at most 255 characters). `notify_hook` is the callback URL (at most 2000 characters).
    """

    state: str
    notify_hook: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteTask:
    """A task as reported by the service (docs/image-api.md#task-object).

    `progress` is in percent and only informative: a failed task may have 100. Times are unix seconds. `state` is the
    nonce of the submit, "" as long as the service does not return it. `text` is the result of describe and shorten,
    `text_lines` are its numbered lines in order, without numbers and link targets (docs/image-api.md#results).
    `thumbnail_url` is a smaller version of the image, if the service offers one. `image_data` are images embedded in
    the task as data URLs, if the task has no image URL. Only `fail_reason` is reliable about a failure, and `fail_kind`
    if the service gives a code. `account` is
    the service's account that processes the task. `conversation` is stored with the result, for the engine's follow-up
    requests.
    """

    id: str
    status: RemoteStatus
    progress: int | None = None
    action: str = ""
    prompt: str = ""
    final_prompt: str = ""
    description: str = ""
    fail_reason: str = ""
    fail_kind: RefusalKind | None = None
    state: str = ""
    finished_at: float | None = None
    image_url: str | None = None
    image_urls: tuple[str, ...] = ()
    thumbnail_url: str | None = None
    image_data: tuple[str, ...] = field(default=(), repr=False)
    videos: tuple[StoredVideo, ...] = ()
    width: int | None = None
    height: int | None = None
    buttons: tuple[StoredButton, ...] = ()
    seed: str | None = None
    text: str | None = None
    text_lines: tuple[str, ...] = ()
    mode: str | None = None
    parent_id: str | None = None
    account: str | None = None
    conversation: str = field(default="", repr=False)


class SubmitAccepted(NamedTuple):
    """The service accepted the submit. `queue_ahead` is the number of tasks before it, if the service reported it.

    `task_ids` has several entries only if one submit starts several tasks: *Imagine all* of a description
    (docs/image-api.md#text-buttons).
    """

    task_id: str
    queue_ahead: int | None = None
    task_ids: tuple[str, ...] = ()


class ModalRequired(NamedTuple):
    """A new task waits for the confirmation of its modal with `modal`. `prompt` is the service's proposal
    (docs/image-api.md#code-21)."""

    task_id: str
    prompt: str | None = None


class AlreadyExists(NamedTuple):
    """The same task exists already (docs/image-api.md#code-21)."""

    task_id: str
    image_url: str | None = None
    status: RemoteStatus | None = None


@dataclass(frozen=True, slots=True)
class NoTask:
    """The service did what was requested, and there is no new task (a favorite)."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is the result: there is no task to poll. `images` are those without a URL, in order."""

    remote: RemoteTask
    images: tuple[InputImage, ...] = field(default=(), repr=False)


SubmitAnswer = SubmitAccepted | ModalRequired | AlreadyExists | NoTask | Finished


class UploadAccepted(NamedTuple):
    """The URLs of uploaded images, in the order of the request."""

    urls: tuple[str, ...]


Digests = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of tasks, indexed by ID.

    `tasks` are the changed tasks, `digests` their new digests, and `unchanged` the IDs of the others.
    """

    tasks: dict[str, RemoteTask] = field(default_factory=dict)
    digests: dict[str, int] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
