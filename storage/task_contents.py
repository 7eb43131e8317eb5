"""What a task holds: its kind, its input images, its result and its buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


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
class InputImage:
    """An image attached to a command, or the video for a face swap. `thumbnail` is a small JPEG of it.

    `url` is where the same image can be downloaded, for engines that take links. It may be a Discord link that expires.
    """

    media_type: str
    data: bytes = field(repr=False)
    thumbnail: bytes | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)


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
