"""The custom_ids of our own components: made and read here, and nowhere else.

A key holds all that the acknowledgement of a press needs, so that reading one needs no I/O:

    mj:1:<task>:<button's digest>:<window>     one of the service's buttons, and the window that it opens
    mw:1:<task>:<button's digest>:<window>     that window
    at:1:<task>:<control>                      a control of our own card (next page, try again, …)
    ls:1:<list>:<part>:<page>:<kind>:<words>   a part of a list of tasks, and what the list shows once it is used
    st:1:<setting>[:<value>]                   a setting of whoever uses it
    sw:1:<setting>                             the window in which that setting is written
    dr:1:<draft>                               a refused prompt, to be edited ("list": the one that was chosen)
    dw:1:<draft>                               the window in which it is edited
    ew:1:<task>                                the window in which a failed task's prompt is edited

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
    AREAS = "a"
    """A region too, but chosen in Discord's window: what the painter's invitation offers beside its link."""
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
    CANCEL = "cancel"
    SHOW = "show"
    SEED = "seed"
    DELETE = "delete"
    DELETE_NOW = "delete_now"
    START_ALL = "start_all"
    START_ONE = "start_one"
    EDIT = "edit"
    POST = "post"


class Listed(StrEnum):
    """Which list of tasks."""

    OWN = "t"
    EVERYBODYS = "a"
    QUEUE = "q"


class Part(StrEnum):
    """Which part of a list was used; two parts may lead to the same page and still need names of their own."""

    BACK = "b"
    HERE = "h"
    ON = "n"
    KIND = "k"
    AGAIN = "r"


class Kind(StrEnum):
    """Which tasks a list shows."""

    ANY = "any"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Setting(StrEnum):
    """One of a person's own defaults."""

    MODE = "mode"
    BOT = "bot_type"
    ASPECT = "aspect"
    SUFFIX = "suffix"
    REMIX = "remix"
    DIRECT = "direct"
    NOTIFY = "notify"


_TASK = "(?P<task>[a-z0-9]{1,20})"
_BUTTON = f"{_TASK}:(?P<digest>[a-z2-7]{{8}}):(?P<window>{'|'.join(Window)})"

ACTION_PATTERN = re.compile(f"mj:1:{_BUTTON}")
WINDOW_PATTERN = re.compile(f"mw:1:{_BUTTON}")
CONTROL_PATTERN = re.compile(f"at:1:{_TASK}:(?P<control>{'|'.join(Control)})(?::(?P<page>[0-9]{{1,3}}))?")
# So many words that a key stays below the limit even if each of their characters counted twice.
MAX_WORDS = 32
LIST_PATTERN = re.compile(
    f"ls:1:(?P<list>{'|'.join(Listed)}):(?P<part>{'|'.join(Part)}):(?P<page>[0-9]{{1,4}}):(?P<kind>{'|'.join(Kind)})"
    rf":(?P<words>[\s\S]{{0,{MAX_WORDS}}})"
)
SETTING_PATTERN = re.compile(f"st:1:(?P<setting>{'|'.join(Setting)})(?::(?P<value>on|off))?")
# What stands in place of a draft's id in a select of drafts.
CHOSEN_DRAFT = "list"
DRAFT_PATTERN = re.compile("dr:1:(?P<draft>[a-z0-9]{1,20})")
DRAFT_WINDOW_PATTERN = re.compile("dw:1:(?P<draft>[a-z0-9]{1,20})")
EDIT_WINDOW_PATTERN = re.compile(f"ew:1:{_TASK}")
SETTING_WINDOW_PATTERN = re.compile(f"sw:1:(?P<setting>{Setting.SUFFIX})")


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


@dataclass(frozen=True, slots=True)
class ListKey:
    """A part of a list of tasks; `page` counts from 0, `words` are those that the prompts hold."""

    listed: Listed
    part: Part = Part.AGAIN
    page: int = 0
    kind: Kind = Kind.ANY
    words: str = ""

    @classmethod
    def read(cls, match: re.Match[str]) -> ListKey:
        """The key in a custom_id that matched."""
        return cls(Listed(match["list"]), Part(match["part"]), int(match["page"]), Kind(match["kind"]), match["words"])

    def custom_id(self) -> str:
        """The custom_id of that part."""
        return f"ls:1:{self.listed}:{self.part}:{self.page}:{self.kind}:{self.words}"


@dataclass(frozen=True, slots=True)
class DraftKey:
    """A refused prompt, by its draft."""

    draft_id: str

    @classmethod
    def read(cls, match: re.Match[str]) -> DraftKey:
        """The key in a custom_id that matched."""
        return cls(match["draft"])

    def custom_id(self) -> str:
        """The custom_id of the button, or of the select, that opens the window."""
        return f"dr:1:{self.draft_id}"

    def on_window(self) -> str:
        """The custom_id of that window."""
        return f"dw:1:{self.draft_id}"


def edit_window(task_id: str) -> str:
    """The custom_id of the window in which a failed task's prompt is edited."""
    return f"ew:1:{task_id}"


@dataclass(frozen=True, slots=True)
class SettingKey:
    """A setting's component: a select, a switch that sets `value` (on, off), or a button that opens a window."""

    setting: Setting
    value: str | None = None

    @classmethod
    def read(cls, match: re.Match[str]) -> SettingKey:
        """The key in a custom_id that matched."""
        return cls(Setting(match["setting"]), match["value"])

    def custom_id(self) -> str:
        """The custom_id of the component."""
        return f"st:1:{self.setting}:{self.value}" if self.value else f"st:1:{self.setting}"

    def on_window(self) -> str:
        """The custom_id of the window that the component opens."""
        return f"sw:1:{self.setting}"


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
