"""A task as the service stores it."""

import time
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from playground.images.pictures import Artwork

Json = dict[str, Any]
INSTANCE = "900000000000000001"
CHANNEL = "900000000000000002"


def now_ms() -> int:
    return round(time.time() * 1000)


class Status(StrEnum):
    """What a task is doing (docs/image-api.md#status)."""

    NOT_START = "NOT_START"
    SUBMITTED = "SUBMITTED"
    MODAL = "MODAL"
    IN_PROGRESS = "IN_PROGRESS"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCEL = "CANCEL"

    @property
    def final(self) -> bool:
        return self in (Status.SUCCESS, Status.FAILURE, Status.CANCEL)


class Kind(StrEnum):
    """What a task was requested: finer than any dialect's `action`."""

    IMAGINE = "imagine"
    BLEND = "blend"
    DESCRIBE = "describe"
    SHORTEN = "shorten"
    DETAILS = "details"
    UPSCALE = "upscale"
    UPSCALE_HD = "upscale_hd"
    VARIATION = "variation"
    SUBTLE = "low_variation"
    STRONG = "high_variation"
    REROLL = "reroll"
    REGION = "region"
    ZOOM = "zoom"
    SQUARE = "square"
    CUSTOM_ZOOM = "custom_zoom"
    PAN = "pan"
    LINE = "line"
    SWAP = "swap"
    SWAP_VIDEO = "swap_video"
    ANIMATE = "animate"
    VIDEO_PICK = "video_pick"
    VIDEO_EXTEND = "video_extend"
    EDIT = "edit"
    RETEXTURE = "retexture"
    SHOW = "show"

    @property
    def is_text(self) -> bool:
        return self in (Kind.DESCRIBE, Kind.SHORTEN, Kind.DETAILS)


@dataclass(frozen=True)
class Result:
    """What a task will deliver: an artwork, or text with its numbered lines."""

    artwork: Artwork | None = None
    text: str = ""
    lines: tuple[str, ...] = ()


_REMIXABLE = frozenset((Kind.VARIATION, Kind.SUBTLE, Kind.STRONG, Kind.REROLL, Kind.PAN, Kind.ANIMATE))


@dataclass(frozen=True)
class ButtonAction:
    """A press on a button of a task. `index` counts from 1; `detail` is a direction, a factor or a strength."""

    kind: Kind
    index: int = 1
    detail: str = ""
    every_line: bool = False
    retry: bool = False
    manual: bool = False

    @property
    def remixable(self) -> bool:
        return self.kind in _REMIXABLE

    @property
    def needs_modal(self) -> bool:
        asks = self.kind in (Kind.REGION, Kind.CUSTOM_ZOOM) or self.manual
        return asks or (self.kind is Kind.LINE and not self.every_line)


@dataclass(frozen=True)
class ModalRequest:
    """A modal that waits for the user, and the action that follows it."""

    action: ButtonAction
    prefill: str
    modal_id: str


@dataclass
class Task:
    """One task. Times are milliseconds since 1970, None when unset; `progress` is in percent.

    Invariants: a final status never changes; `modal` is set exactly for tasks that started as MODAL;
    `result` is known before the task leaves NOT_START, but visible only with SUCCESS.
    """

    id: str
    kind: Kind
    prompt: str = ""
    final_prompt: str = ""
    description: str = ""
    state: str = ""
    notify_hook: str | None = None
    bot_type: str = "MID_JOURNEY"
    mode: str | None = None
    parent: str | None = None
    custom_id: str | None = None
    index: int = 1
    seed: int = 0
    job: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: Status = Status.NOT_START
    progress: int | None = None
    fail_reason: str | None = None
    submit_time: int = field(default_factory=now_ms)
    start_time: int | None = None
    finish_time: int | None = None
    result: Result = field(default_factory=Result)
    modal: ModalRequest | None = None
    planned_failure: str | None = None
    given: tuple[bytes, ...] = ()
    used: set[str] = field(default_factory=set)
    buttonless: bool = False
    gateway_spelling: bool = False
    confirmations: int = 0

    @property
    def artwork(self) -> Artwork | None:
        return self.result.artwork


class Ids:
    """Task ids as the family makes them: sixteen digits, of milliseconds and a counter, always growing."""

    _last = 0

    def next(self) -> str:
        self._last = max(self._last + 1, now_ms() * 1000)
        return str(self._last)
