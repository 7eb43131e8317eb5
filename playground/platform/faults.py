"""Faults on request: which call goes wrong next, and how. The refusals and broken answers are in `faults.toml`."""

import asyncio
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib import resources
from typing import Any

from playground.discord.events import EventBus
from playground.platform.replies import Reply


class Fault(StrEnum):
    """What is no answer: how a stream, a result or a connection goes wrong."""

    # A stream breaks off, or holds an error behind its first parts; other answers do the nearest to that.
    CUT = "cut"
    DONE_EARLY = "done_early"
    DELTA_ERROR = "delta_error"
    ERROR_CHUNK = "error_chunk"
    ERROR_EVENT = "error_event"
    # A success that is none: a text in place of the image, a list without one, a task that fails, silence.
    REFUSED_TEXT = "refused_text"
    FAILED_TEXT = "failed_text"
    NO_RESULT = "no_result"
    TASK_FAILED = "task_failed"
    # The connection: left open behind the end of a stream, never answered, answered after some seconds, closed before
    # or after the request was read.
    LINGER = "linger"
    HANG = "hang"
    SLOW = "slow"
    CLOSE_UNREAD = "close_unread"
    CLOSE = "close"


@dataclass(frozen=True)
class Said:
    """What a model says, or hears, in place of its answer; no fault of the platform, but perhaps of the model."""

    text: str


def _answers() -> tuple[dict[str, Reply], dict[str, str]]:
    tables = tomllib.loads(resources.files(__package__).joinpath("faults.toml").read_text("utf-8"))
    rows = [(meaning, name, row) for meaning, table in tables.items() for name, row in table.items()]
    return {name: _answer(row) for _, name, row in rows}, {name: meaning for meaning, name, _ in rows}


def _answer(row: Mapping[str, Any]) -> Reply:
    if "body" in row:
        return Reply(row["status"], row["body"])
    return Reply(row["status"], row.get("text"), row.get("content_type", "text/html"))


# The answers by the names of their faults, and what each means (docs/platform-api.md#meaning-of-errors).
ANSWERS, MEANINGS = _answers()
_TEXTS = {
    Fault.REFUSED_TEXT: (
        "I can't create that image because it goes against the content policy. Would you like a different scene?"
    ),
    Fault.FAILED_TEXT: '```json\n{}\n```\n\n生成失败: timeout\nReason:\n```json\n{\n  "detail": "queue full"\n}\n```',
}


@dataclass
class Planned:
    """A fault for the next `times` calls of this path and model (any if "").

    `accepted`: the call is carried out, and only its answer goes wrong.
    """

    path: re.Pattern[str]
    model: re.Pattern[str]
    fault: Fault | Reply | Said
    times: float = 1
    accepted: bool = False
    seconds: float = 1.0
    retry_after: float | None = None

    def matches(self, path: str, model: str | None) -> bool:
        """Whether it is for a call. `model` is None before the body of a request was read."""
        if (self.fault is Fault.CLOSE_UNREAD) is not (model is None):
            return False
        return self.times > 0 and bool(self.path.search(path) and self.model.search(model or ""))

    @property
    def carries_out(self) -> bool:
        """Whether the call is carried out. CLOSE_UNREAD is no matter of calls: its request is not read."""
        return self.accepted or not isinstance(self.fault, Reply)

    @property
    def text(self) -> str:
        """What the model says in place of its answer, "" for its own."""
        if isinstance(self.fault, Said):
            return self.fault.text
        return _TEXTS.get(self.fault, "") if isinstance(self.fault, Fault) else ""

    @property
    def answer(self) -> Reply | None:
        """The answer in place of the real one, None for a fault that is none."""
        if not isinstance(self.fault, Reply):
            return None
        more = {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:g}"}
        return replace(self.fault, headers={**self.fault.headers, **more})


def fault_named(fault: Fault | Reply | str) -> Fault | Reply:
    """A fault by its name, or as it is. Raises ValueError for an unknown name."""
    if isinstance(fault, Reply):
        return fault
    return ANSWERS[fault] if fault in ANSWERS else Fault(fault)


@dataclass
class Faults:
    """The faults that are planned, and the calls that are held back. `bus` gets every change of them and of calls."""

    planned: list[Planned] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    held: list[re.Pattern[str]] = field(default_factory=list)
    bus: EventBus = field(default_factory=EventBus)

    def take(self, path: str, model: str | None) -> Planned | None:
        """The fault for this call, counted down."""
        found = next((planned for planned in self.planned if planned.matches(path, model)), None)
        if found:
            found.times -= 1
        return found

    def clear(self) -> None:
        """Forget all faults."""
        self.planned.clear()

    async def wait_held(self, path: str) -> None:
        """Waits as long as calls of this path are held back."""
        await self.bus.until(
            lambda: self.closing.is_set() or not any(pattern.search(path) for pattern in self.held), None
        )
