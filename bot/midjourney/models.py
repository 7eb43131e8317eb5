"""What the border hands out: frozen, ids as strings, absent things as None, "" or (), never a mixture.

The family of services and its vocabulary are described in docs/image-api.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class BotType(StrEnum):
    """The `botType` of a submit (docs/image-api.md#common-fields)."""

    MIDJOURNEY = "MID_JOURNEY"
    NIJI = "NIJI_JOURNEY"


class Mode(StrEnum):
    """How fast a task is drawn; the values are those of the path prefixes (docs/image-api.md#modes)."""

    FAST = "fast"
    RELAX = "relax"
    TURBO = "turbo"


class Dimensions(StrEnum):
    """The shape of a blend: 2:3, 1:1 or 3:2 (docs/image-api.md#blend)."""

    PORTRAIT = "PORTRAIT"
    SQUARE = "SQUARE"
    LANDSCAPE = "LANDSCAPE"


class Motion(StrEnum):
    """How much moves in a video (docs/image-api.md#video)."""

    LOW = "low"
    HIGH = "high"


class ChangeAction(StrEnum):
    """What POST /mj/submit/change can do (docs/image-api.md#change)."""

    UPSCALE = "UPSCALE"
    VARIATION = "VARIATION"
    REROLL = "REROLL"


class RemoteStatus(StrEnum):
    """A task's status at the service; an unknown word means RUNNING (docs/image-api.md#status)."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING_USER = "waiting_user"
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Has the task come to its end?"""
        return self in (RemoteStatus.SUCCESS, RemoteStatus.FAILURE, RemoteStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class SubmitTag:
    """What goes with a submit so that its task can be found again.

    `state` is echoed in the task (at most 255 characters), `notify_hook` is the address to call back (at most 2000).
    """

    state: str
    notify_hook: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteButton:
    """One entry of `buttons` that has a customId, kept unchanged; `style` as in Discord
    (docs/image-api.md#button-entries)."""

    custom_id: str
    label: str = ""
    emoji: str = ""
    style: int = 2


@dataclass(frozen=True, slots=True)
class RemoteVideo:
    """One clip."""

    url: str
    thumbnail: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteTask:
    """A task as the service reports it (docs/image-api.md#task-object).

    `progress` is in percent and cosmetic: a failed task may show 100. Times are unix seconds. `state` is the nonce of
    the submit, "" where the service has not echoed it yet. `text` is what describe and shorten answer, `text_lines`
    its numbered lines in order, without number and link targets (docs/image-api.md#results). `image_data` are pictures
    that stand in the task itself, as data URLs, where it has no address of any. `fail_reason` is the only trustworthy
    word about a failure. `account` names the service's account that works on the task.
    """

    id: str
    status: RemoteStatus
    progress: int | None = None
    action: str = ""
    prompt: str = ""
    final_prompt: str = ""
    description: str = ""
    fail_reason: str = ""
    state: str = ""
    finished_at: float | None = None
    image_url: str | None = None
    image_urls: tuple[str, ...] = ()
    image_data: tuple[str, ...] = field(default=(), repr=False)
    videos: tuple[RemoteVideo, ...] = ()
    width: int | None = None
    height: int | None = None
    buttons: tuple[RemoteButton, ...] = ()
    seed: str | None = None
    text: str | None = None
    text_lines: tuple[str, ...] = ()
    mode: str | None = None
    parent_id: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitAccepted:
    """The service took the submit. `queue_ahead` counts the tasks before it, where the service said so.

    `task_ids` has more than one only where one submit starts several tasks: a description's *Imagine all*
    (docs/image-api.md#text-buttons).
    """

    task_id: str
    queue_ahead: int | None = None
    task_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModalRequired:
    """A new task waits for its window to be confirmed with `modal`; `prompt` is the service's proposal
    (docs/image-api.md#code-21)."""

    task_id: str
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class AlreadyExists:
    """The same task exists already (docs/image-api.md#code-21)."""

    task_id: str
    image_url: str | None = None
    status: RemoteStatus | None = None


SubmitAnswer = SubmitAccepted | ModalRequired | AlreadyExists


@dataclass(frozen=True, slots=True)
class UploadAccepted:
    """Where uploaded pictures now are, in the order given."""

    urls: tuple[str, ...]
