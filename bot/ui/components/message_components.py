"""Components of a message: in the form in which they are sent, Discord's limits for them, and the custom_ids of a
card's buttons.

They are sent as they are here, without discord.py's objects for them: a card is built for each step of its task, and
those objects would cost more than everything else about it. Limits are asserted before sending: exceeding one is a
defect of the bot. Source of both: Discord's documentation, "Component Reference", and its OpenAPI description.

The custom_ids of a card's buttons (`bot.ui.components.custom_ids` has all others, and says how they are read):

    mj:1:<task>:<button's digest>:<modal>      one of the service's buttons, and the modal that it opens
    mw:1:<task>:<button's digest>:<modal>      that modal
    at:1:<task>:<control>                      a control of a card (next page, try again, …)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import discord

from bot.engines.models import ButtonInput
from bot.engines.registry import digest
from storage import StoredButton

MAX_COMPONENTS = 40
MAX_TEXT = 4_000
# Above about 10,170 bytes of text Discord answers 500 (discord-api-docs, issue 8554).
MAX_TEXT_BYTES = 10_000
MAX_CUSTOM_ID = 100
MAX_LABEL = 80
MAX_URL = 512
MAX_ROW = 5
MAX_GALLERY = 10
MAX_ALT = 1_024
# Characters of a message without Components V2 ("Create Message").
MAX_CONTENT = 2_000
# Of a select option: characters of its label, and of its description.
MAX_OPTION = 100
# Of a command: characters of a string option, number of autocomplete choices, characters of a choice's name.
MAX_COMMAND_TEXT = 6_000
MAX_CHOICES, MAX_CHOICE_NAME = 25, 100

Component = dict[str, Any]

PRIMARY = discord.ButtonStyle.primary.value
SECONDARY = discord.ButtonStyle.secondary.value
_LINK = discord.ButtonStyle.link.value
_ACTION_ROW = discord.ComponentType.action_row.value
_BUTTON = discord.ComponentType.button.value
_TEXT = discord.ComponentType.text_display.value
_GALLERY = discord.ComponentType.media_gallery.value
_FILE = discord.ComponentType.file.value
_CONTAINER = discord.ComponentType.container.value

# Of the patterns of custom_ids.
TASK_PART = "(?P<task>[a-z0-9]{1,20})"


class LimitBroken(AssertionError):
    """The bot tried to send a message that Discord would reject."""


class CheckedLayout(discord.ui.LayoutView):
    """A layout without a time limit. Its limits are checked when discord.py asks for the components that it sends:
    LimitBroken then names the exceeded limit, and nothing is sent."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    def to_components(self) -> list[dict[str, Any]]:
        """The components in the form in which they are sent. Raises LimitBroken."""
        components: list[dict[str, Any]] = super().to_components()  # type: ignore[no-untyped-call] # untyped there
        check_limits(components)
        return components


def check_limits(top: list[dict[str, Any]]) -> None:
    """Raises LimitBroken if Discord would reject a message with these components."""
    components = [*top]
    for component in components:  # also those that are added here
        components += component.get("components", ())
        check = _CHECKS.get(component["type"])
        if check:
            check(component)
    _require(len(components) <= MAX_COMPONENTS, "components")
    text = "".join([part["content"] for part in components if "content" in part])
    _require(len(text) <= MAX_TEXT, "text")
    _require(len(text.encode()) <= MAX_TEXT_BYTES, "bytes of text")
    names = [part["custom_id"] for part in components if "custom_id" in part]
    if len({*names}) < len(names):
        raise LimitBroken(f"custom_id used twice: {sorted(name for name in {*names} if names.count(name) > 1)}")


def _check_button(button: dict[str, Any]) -> None:
    label = button.get("label") or ""
    name, most = ("url", MAX_URL) if button["style"] == _LINK else ("custom_id", MAX_CUSTOM_ID)
    if not (label or button.get("emoji")):
        raise LimitBroken("a button without caption")
    if len(label) > MAX_LABEL:
        raise LimitBroken("label")
    if not 1 <= len(button[name]) <= most:
        raise LimitBroken(name)


def _check_row(row: dict[str, Any]) -> None:
    _require(1 <= len(row["components"]) <= MAX_ROW, "row")


def _check_gallery(gallery: dict[str, Any]) -> None:
    _require(1 <= len(gallery["items"]) <= MAX_GALLERY, "gallery")
    _require(all(len(item.get("description") or "") <= MAX_ALT for item in gallery["items"]), "alt text")


def _check_text(text: dict[str, Any]) -> None:
    _require(bool(text["content"]), "a text without words")


_CHECKS = {
    discord.ComponentType.button.value: _check_button,
    discord.ComponentType.action_row.value: _check_row,
    discord.ComponentType.media_gallery.value: _check_gallery,
    discord.ComponentType.text_display.value: _check_text,
}


def _require(holds: bool, limit: str) -> None:
    if not holds:
        raise LimitBroken(limit)


class PayloadLayout(CheckedLayout):
    """A layout that consists of components as they are sent. discord.py sees no items in it."""

    def __init__(self, components: list[Component]) -> None:
        super().__init__()
        self._payload = components

    def has_components_v2(self) -> bool:
        """Always, as in each layout."""
        return True

    def to_components(self) -> list[Component]:
        """These components. Raises LimitBroken."""
        check_limits(self._payload)
        return self._payload


def container(components: Sequence[Component], colour: int) -> Component:
    """Components in a frame. `colour`: that of its edge, as 0xRRGGBB."""
    return {"type": _CONTAINER, "accent_color": colour, "spoiler": False, "components": components}


def text_display(content: str) -> Component:
    """A text in Markdown."""
    return {"type": _TEXT, "content": content}


def media_gallery(items: Sequence[Component]) -> Component:
    """Images and videos."""
    return {"type": _GALLERY, "items": items}


def gallery_item(name: str, alt: str | None, *, spoiler: bool) -> Component:
    """An attached image or video in a gallery, by its file name."""
    item: Component = {"media": {"url": f"attachment://{name}"}, "spoiler": spoiler}
    if alt:
        item["description"] = alt
    return item


def file(name: str, *, spoiler: bool) -> Component:
    """An attached file of another kind, by its name."""
    return {"type": _FILE, "file": {"url": f"attachment://{name}"}, "spoiler": spoiler}


def action_row(buttons: Sequence[Component]) -> Component:
    """A row of buttons."""
    return {"type": _ACTION_ROW, "components": buttons}


def button(
    custom_id: str, label: str | None, emoji: str | None = None, *, style: int = SECONDARY, disabled: bool = False
) -> Component:
    """A button with a label, an emoji of Unicode, or both."""
    made: Component = {"type": _BUTTON, "style": style, "disabled": disabled}
    if label:
        made["label"] = label
    made["custom_id"] = custom_id
    if emoji:
        made["emoji"] = {"id": None, "name": emoji}
    return made


def link_button(url: str, label: str) -> Component:
    """A button that opens a URL."""
    return {"type": _BUTTON, "style": _LINK, "disabled": False, "label": label, "url": url}


def label_of(button: Component) -> str:
    """The label of a button, or an empty string."""
    label: str = button.get("label", "")
    return label


class ModalKind(StrEnum):
    """The modal that a button opens before anything is sent."""

    NONE = "-"
    REMIX = "x"
    """Opens a prompt for users in remix mode, and nothing for others."""
    ZOOM = "z"
    REGION = "r"
    AREAS = "a"
    """The region modal without the region editor: offered together with the editor's link."""
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


_MODAL_KINDS: dict[str, ModalKind] = {
    ButtonInput.REMIX: ModalKind.REMIX,
    ButtonInput.PROMPT: ModalKind.PROMPT,
    ButtonInput.ZOOM: ModalKind.ZOOM,
    ButtonInput.REGION: ModalKind.REGION,
    ButtonInput.LINE: ModalKind.LINE,
    ButtonInput.INSTRUCTION: ModalKind.INSTRUCTION,
    ButtonInput.RATIO: ModalKind.RATIO,
}
_BUTTON_PART = f"{TASK_PART}:(?P<digest>[a-z2-7]{{8}}):(?P<window>{'|'.join(ModalKind)})"

ACTION_PATTERN = re.compile(f"mj:1:{_BUTTON_PART}")
MODAL_PATTERN = re.compile(f"mw:1:{_BUTTON_PART}")
CONTROL_PATTERN = re.compile(f"at:1:{TASK_PART}:(?P<control>{'|'.join(Control)})(?::(?P<page>[0-9]{{1,3}}))?")


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
