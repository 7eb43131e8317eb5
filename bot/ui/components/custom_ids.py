"""The custom_ids of the bot's own components. Only this module builds and parses them.

A custom_id contains everything that the acknowledgement of an interaction needs, so parsing needs no I/O:

    mj:1:<task>:<button's digest>:<modal>      one of the service's buttons, and the modal that it opens
    mw:1:<task>:<button's digest>:<modal>      that modal
    at:1:<task>:<control>                      a control of a card (next page, try again, …)
    ls:1:<list>:<part>:<page>:<kind>:<words>   a control of a task list, and what the list shows after its use
    st:1:<setting>[:<value>]                   a setting of the user who uses it
    sw:1:<setting>                             the modal for the text of that setting
    dr:1:<draft>                               a refused prompt, to be edited ("list": the selected one)
    dw:1:<draft>                               the modal in which it is edited
    ew:1:<task>                                the modal in which a failed task's prompt is edited
    md:1:<part>:<page>                         a control of the list of models
    cw:1:<task>[:<image>]                      the modal in which an image is given to another engine
    wr:1:<what>:<id>                           something that a model writes from a task or a draft
    fd:1:<search>:<part>:<page>                a control of found images
    lk:1:<task>                                finds images like that of a task

The digit is the format's version. Any other custom_id on a message of the bot is answered as out of date.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from bot.engines.models import ButtonInput
from bot.engines.registry import digest
from bot.ui.components.limits import MAX_CUSTOM_ID
from storage import StoredButton


class ModalKind(StrEnum):
    """The modal that a button opens before anything is sent."""

    NONE = "-"
    REMIX = "x"
    """Opens a prompt for users in remix mode, and nothing for others."""
    ZOOM = "z"
    REGION = "r"
    AREAS = "a"
    """The region modal without the region editor: offered beside the editor's link."""
    LINE = "l"
    PROMPT = "p"
    INSTRUCTION = "i"
    RATIO = "t"

    @property
    def always(self) -> bool:
        """Whether the modal opens for every user."""
        return self not in (ModalKind.NONE, ModalKind.REMIX)


class Control(StrEnum):
    """What a control of a card does."""

    PAGE = "page"
    PAGE_LABEL = "here"
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
    CONTINUE = "go_on"
    """Gives the image to another engine."""


class ListScope(StrEnum):
    """Which task list."""

    OWN = "t"
    EVERYBODYS = "a"
    QUEUE = "q"


class ListControl(StrEnum):
    """Which control of a task list was used. Two controls may lead to the same page and still need different
    custom_ids."""

    BACK = "b"
    PAGE_LABEL = "h"
    ON = "n"
    KIND = "k"
    AGAIN = "r"


class TaskFilter(StrEnum):
    """Which tasks a list shows."""

    ANY = "any"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Setting(StrEnum):
    """One of a user's own defaults."""

    MODE = "mode"
    BOT = "bot_type"
    ASPECT = "aspect"
    SUFFIX = "suffix"
    REMIX = "remix"
    DIRECT = "direct"
    NOTIFY = "notify"
    ENGINE = "engine"


class Writing(StrEnum):
    """What a model writes, and from what."""

    DRAFT_VARIANTS = "d"
    """Variants of the prompt of a draft."""
    TASK_VARIANTS = "t"
    """Variants of the prompt of a task."""
    DESCRIPTION = "w"
    """Prompts that describe the result of a task."""


_MODAL_KINDS: dict[str, ModalKind] = {
    ButtonInput.REMIX: ModalKind.REMIX,
    ButtonInput.PROMPT: ModalKind.PROMPT,
    ButtonInput.ZOOM: ModalKind.ZOOM,
    ButtonInput.REGION: ModalKind.REGION,
    ButtonInput.LINE: ModalKind.LINE,
    ButtonInput.INSTRUCTION: ModalKind.INSTRUCTION,
    ButtonInput.RATIO: ModalKind.RATIO,
}

_TASK = "(?P<task>[a-z0-9]{1,20})"
_BUTTON = f"{_TASK}:(?P<digest>[a-z2-7]{{8}}):(?P<window>{'|'.join(ModalKind)})"

ACTION_PATTERN = re.compile(f"mj:1:{_BUTTON}")
MODAL_PATTERN = re.compile(f"mw:1:{_BUTTON}")
CONTROL_PATTERN = re.compile(f"at:1:{_TASK}:(?P<control>{'|'.join(Control)})(?::(?P<page>[0-9]{{1,3}}))?")
# Maximum characters of search words. The custom_id stays within the limit even if every character counts twice.
MAX_WORDS = 32
LIST_PATTERN = re.compile(
    f"ls:1:(?P<list>{'|'.join(ListScope)}):(?P<part>{'|'.join(ListControl)}):(?P<page>[0-9]{{1,4}}):(?P<kind>{'|'.join(TaskFilter)})"
    rf":(?P<words>[\s\S]{{0,{MAX_WORDS}}})"
)
SETTING_PATTERN = re.compile(f"st:1:(?P<setting>{'|'.join(Setting)})(?::(?P<value>on|off))?")
# Replaces the draft's id in a select of drafts.
CHOSEN_DRAFT = "list"
DRAFT_PATTERN = re.compile("dr:1:(?P<draft>[a-z0-9]{1,20})")
DRAFT_MODAL_PATTERN = re.compile("dw:1:(?P<draft>[a-z0-9]{1,20})")
EDIT_MODAL_PATTERN = re.compile(f"ew:1:{_TASK}")
MODELS_PATTERN = re.compile(f"md:1:(?P<part>{'|'.join(ListControl)}):(?P<page>[0-9]{{1,3}})")
CONTINUE_MODAL_PATTERN = re.compile(f"cw:1:{_TASK}(?::(?P<image>[1-9]))?")
WRITING_PATTERN = re.compile(f"wr:1:(?P<writing>{'|'.join(Writing)}):(?P<id>[a-z0-9]{{1,20}})")
SEARCH_PATTERN = re.compile(f"fd:1:(?P<search>[a-f0-9]{{12}}):(?P<part>{'|'.join(ListControl)}):(?P<page>[0-9]{{1,3}})")
LIKE_PATTERN = re.compile(f"lk:1:{_TASK}")
SETTING_MODAL_PATTERN = re.compile(f"sw:1:(?P<setting>{Setting.SUFFIX})")


def checked(pattern: re.Pattern[str], custom_id: str) -> str:
    """The custom_id of a button. Raises ValueError if the pattern, by which its presses are recognized, or Discord's
    limit does not allow it."""
    if len(custom_id) > MAX_CUSTOM_ID or not pattern.fullmatch(custom_id):
        raise ValueError(f"{custom_id!r} would never be dispatched")
    return custom_id


class ActionId(NamedTuple):
    """The custom_id of one of the service's buttons on a task's card."""

    task_id: str
    digest: str
    modal: ModalKind

    @classmethod
    def of(cls, task_id: str, button: StoredButton) -> ActionId:
        """The id for a button of a task."""
        return cls(task_id, digest(button.custom_id), _MODAL_KINDS.get(button.input, ModalKind.NONE))

    @classmethod
    def read(cls, match: re.Match[str]) -> ActionId:
        """Reads a match of `ACTION_PATTERN` or `MODAL_PATTERN`."""
        return cls(match["task"], match["digest"], ModalKind(match["window"]))

    def button_custom_id(self) -> str:
        """The custom_id of the button."""
        return f"mj:1:{self.task_id}:{self.digest}:{self.modal}"

    def modal_custom_id(self) -> str:
        """The custom_id of the modal that the button opens."""
        return f"mw:1:{self.task_id}:{self.digest}:{self.modal}"


class ControlId(NamedTuple):
    """The custom_id of a control of a card. `page` counts from 0."""

    task_id: str
    control: Control
    page: int = 0

    @classmethod
    def read(cls, match: re.Match[str]) -> ControlId:
        """Reads a match of `CONTROL_PATTERN`."""
        return cls(match["task"], Control(match["control"]), int(match["page"] or 0))

    def button_custom_id(self) -> str:
        """The custom_id of the control."""
        page = f":{self.page}" if self.control is Control.PAGE else ""
        return f"at:1:{self.task_id}:{self.control}{page}"


class ListId(NamedTuple):
    """The custom_id of a control of a task list. `page` counts from 0. `words`: words to search for in prompts."""

    scope: ListScope
    control: ListControl = ListControl.AGAIN
    page: int = 0
    kind: TaskFilter = TaskFilter.ANY
    words: str = ""

    @classmethod
    def read(cls, match: re.Match[str]) -> ListId:
        """Reads a match of `LIST_PATTERN`."""
        return cls(
            ListScope(match["list"]),
            ListControl(match["part"]),
            int(match["page"]),
            TaskFilter(match["kind"]),
            match["words"],
        )

    def custom_id(self) -> str:
        """The custom_id of the control."""
        return f"ls:1:{self.scope}:{self.control}:{self.page}:{self.kind}:{self.words}"


class DraftId(NamedTuple):
    """The custom_ids of a draft (a refused prompt)."""

    draft_id: str

    @classmethod
    def read(cls, match: re.Match[str]) -> DraftId:
        """Reads a match of `DRAFT_PATTERN`."""
        return cls(match["draft"])

    def custom_id(self) -> str:
        """The custom_id of the button or select that opens the modal."""
        return f"dr:1:{self.draft_id}"

    def modal_custom_id(self) -> str:
        """The custom_id of the modal."""
        return f"dw:1:{self.draft_id}"


class ModelsId(NamedTuple):
    """The custom_id of a control of the list of models. `page` counts from 0."""

    control: ListControl = ListControl.AGAIN
    page: int = 0

    @classmethod
    def read(cls, match: re.Match[str]) -> ModelsId:
        """Reads a match of `MODELS_PATTERN`."""
        return cls(ListControl(match["part"]), int(match["page"]))

    def custom_id(self) -> str:
        """The custom_id of the control."""
        return f"md:1:{self.control}:{self.page}"


class WritingId(NamedTuple):
    """The custom_id of a button below a task or a draft that asks a model to write something."""

    writing: Writing
    source_id: str

    @classmethod
    def read(cls, match: re.Match[str]) -> WritingId:
        """Reads a match of `WRITING_PATTERN`."""
        return cls(Writing(match["writing"]), match["id"])

    def button_custom_id(self) -> str:
        """The custom_id of the button."""
        return f"wr:1:{self.writing}:{self.source_id}"


def edit_modal(task_id: str) -> str:
    """The custom_id of the modal in which a failed task's prompt is edited."""
    return f"ew:1:{task_id}"


class SettingId(NamedTuple):
    """The custom_id of a setting's component: a select, a switch that sets `value` (on, off), or a button that opens a
    modal."""

    setting: Setting
    value: str | None = None

    @classmethod
    def read(cls, match: re.Match[str]) -> SettingId:
        """Reads a match of `SETTING_PATTERN`."""
        return cls(Setting(match["setting"]), match["value"])

    def custom_id(self) -> str:
        """The custom_id of the component."""
        return f"st:1:{self.setting}:{self.value}" if self.value else f"st:1:{self.setting}"

    def modal_custom_id(self) -> str:
        """The custom_id of the modal that the component opens."""
        return f"sw:1:{self.setting}"


class SearchId(NamedTuple):
    """The custom_id of a control of found images. `page` counts from 0. KIND is the select of what is searched."""

    search_id: str
    control: ListControl
    page: int = 0

    @classmethod
    def read(cls, match: re.Match[str]) -> SearchId:
        """Reads a match of `SEARCH_PATTERN`."""
        return cls(match["search"], ListControl(match["part"]), int(match["page"]))

    def custom_id(self) -> str:
        """The custom_id of the control."""
        return f"fd:1:{self.search_id}:{self.control}:{self.page}"


class LikeId(NamedTuple):
    """The custom_id of the button that finds images like that of a task."""

    task_id: str

    @classmethod
    def read(cls, match: re.Match[str]) -> LikeId:
        """Reads a match of `LIKE_PATTERN`."""
        return cls(match["task"])

    def custom_id(self) -> str:
        """The custom_id of the button."""
        return f"lk:1:{self.task_id}"
