"""The custom_ids of our own components: made and read here, and nowhere else.

A key holds all that the acknowledgement of a press needs, so that reading one needs no I/O:

    mj:1:<task>:<button's digest>:<window>     one of the service's buttons, and the window that it opens
    mw:1:<task>:<button's digest>:<window>     that window
    at:1:<task>:<control>                      a control of our own card (next page, try again, …)

The digit is the version of this form. Whatever else stands on a message of ours is answered as out of date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.midjourney import custom_ids
from bot.tasks.buttons import digest

MAX_CUSTOM_ID = 100


class Window(StrEnum):
    """What a button opens before anything is sent."""

    NONE = "-"
    REMIX = "x"
    """A prompt, if the presser works in remix mode; nothing otherwise."""
    ZOOM = "z"
    REGION = "r"
    LINE = "l"
    PROMPT = "p"

    @property
    def always(self) -> bool:
        """Does it open whoever presses?"""
        return self not in (Window.NONE, Window.REMIX)


class Control(StrEnum):
    """What a control of our own card does."""

    PAGE = "page"
    HERE = "here"
    TRY_AGAIN = "retry"
    LOOK_AGAIN = "look"
    FETCH_AGAIN = "fetch"


_TASK = "(?P<task>[a-z0-9]{1,20})"
_BUTTON = f"{_TASK}:(?P<digest>[a-z2-7]{{8}}):(?P<window>{'|'.join(Window)})"

ACTION_PATTERN = re.compile(f"mj:1:{_BUTTON}")
WINDOW_PATTERN = re.compile(f"mw:1:{_BUTTON}")
CONTROL_PATTERN = re.compile(f"at:1:{_TASK}:(?P<control>{'|'.join(Control)})(?::(?P<page>[0-9]{{1,3}}))?")


def _nameless(pattern: re.Pattern[str]) -> str:
    return re.sub(r"\?P<\w+>", "", pattern.pattern)


FOREIGN_PATTERN = re.compile(rf"(?!(?:{_nameless(ACTION_PATTERN)}|{_nameless(CONTROL_PATTERN)})\Z)[\s\S]+")
"""Everything that is none of the above."""


@dataclass(frozen=True, slots=True)
class ActionKey:
    """One of the service's buttons under one task."""

    task_id: str
    digest: str
    window: Window

    @classmethod
    def of(cls, task_id: str, custom_id: str) -> ActionKey:
        """The key for a button of the service's."""
        return cls(task_id, digest(custom_id), _window_of(custom_id))

    @classmethod
    def read(cls, match: re.Match[str]) -> ActionKey:
        """The key in a custom_id that matched."""
        return cls(match["task"], match["digest"], Window(match["window"]))

    def on_button(self) -> str:
        """The custom_id of the button."""
        return f"mj:1:{self.task_id}:{self.digest}:{self.window}"

    def on_window(self) -> str:
        """The custom_id of the window that the button opens."""
        return f"mw:1:{self.task_id}:{self.digest}:{self.window}"


@dataclass(frozen=True, slots=True)
class ControlKey:
    """A control of our own card; `page` counts from 0."""

    task_id: str
    control: Control
    page: int = 0

    @classmethod
    def read(cls, match: re.Match[str]) -> ControlKey:
        """The key in a custom_id that matched."""
        return cls(match["task"], Control(match["control"]), int(match["page"] or 0))

    def on_button(self) -> str:
        """The custom_id of the control."""
        page = f":{self.page}" if self.control is Control.PAGE else ""
        return f"at:1:{self.task_id}:{self.control}{page}"


_WINDOWS = {
    custom_ids.ActionKind.CUSTOM_ZOOM: Window.ZOOM,
    custom_ids.ActionKind.REGION: Window.REGION,
    custom_ids.ActionKind.DESCRIBE_LINE: Window.LINE,
    custom_ids.ActionKind.SHORTEN_LINE: Window.LINE,
}


def _window_of(custom_id: str) -> Window:
    if custom_ids.opens_window(custom_id):
        return _WINDOWS.get(custom_ids.parse(custom_id).kind, Window.PROMPT)
    return Window.REMIX if custom_ids.remixable(custom_id) else Window.NONE
