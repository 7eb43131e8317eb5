"""The buttons of a task: those of the service, completed with everything that a card needs to know about them."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.engines.midjourney.custom_id_facts import (
    TEXT_LINES,
    acts_as,
    change_buttons,
    default_label,
    fitting_emoji,
    never_send,
    opens_modal,
    remixable,
)
from bot.engines.midjourney.custom_id_parser import JOB_ID_PATTERN, ActionKind, ParsedId, parse_id
from bot.engines.models import ButtonGroup, ButtonInput
from storage import StoredButton, Task, TaskState

# The images of a grid.
GRID = 4
GROUPS = {
    ActionKind.UPSCALE: ButtonGroup.UPSCALE,
    ActionKind.UPSCALE_HD: ButtonGroup.UPSCALE,
    ActionKind.VIDEO_PICK: ButtonGroup.UPSCALE,
    ActionKind.VARIATION: ButtonGroup.VARY,
    ActionKind.VARY_SUBTLE: ButtonGroup.VARY,
    ActionKind.VARY_STRONG: ButtonGroup.VARY,
    ActionKind.REGION: ButtonGroup.VARY,
    ActionKind.ZOOM: ButtonGroup.ZOOM,
    ActionKind.CUSTOM_ZOOM: ButtonGroup.ZOOM,
    ActionKind.SQUARE: ButtonGroup.ZOOM,
    ActionKind.PAN: ButtonGroup.PAN,
    ActionKind.ANIMATE: ButtonGroup.ANIMATE,
    ActionKind.VIDEO_EXTEND: ButtonGroup.ANIMATE,
    ActionKind.VIDEO_MANUAL: ButtonGroup.ANIMATE,
    ActionKind.BOOKMARK: ButtonGroup.FAVORITE,
}
INPUTS = {
    ActionKind.CUSTOM_ZOOM: ButtonInput.ZOOM,
    ActionKind.REGION: ButtonInput.REGION,
    ActionKind.DESCRIBE_LINE: ButtonInput.LINE,
    ActionKind.SHORTEN_LINE: ButtonInput.LINE,
}


# Part of an ID that names the job. The buttons of all tasks differ only in it.
_JOB_PART = re.compile(rf"(?<=::){JOB_ID_PATTERN}(?=::|\Z)")
_ANY_JOB = "00000000-0000-0000-0000-000000000000"
# The buttons of tasks that are shown or pressed at the moment, and those of all services.
_REMEMBERED_IDS, _REMEMBERED = 2_000, 500


class ButtonFacts(NamedTuple):
    """What the ID of a button says about it.

    `kind` is that of `parsed`, `acts_as` what the button does, which differs for the older `change`. `sendable`: it can
    be sent to the service. The others are the fields of `StoredButton`.
    """

    parsed: ParsedId
    kind: ActionKind
    acts_as: ActionKind
    sendable: bool
    name: str
    group: ButtonGroup
    input: ButtonInput
    line: int | None


@functools.lru_cache(maxsize=_REMEMBERED_IDS)
def facts_of(custom_id: str) -> ButtonFacts:
    """What is known of a button from its ID."""
    return _facts_of(_JOB_PART.sub(_ANY_JOB, custom_id))


@functools.lru_cache(maxsize=_REMEMBERED)
def _facts_of(custom_id: str) -> ButtonFacts:
    parsed, action = parse_id(custom_id), acts_as(custom_id)
    return ButtonFacts(
        parsed=parsed,
        kind=parsed.kind,
        acts_as=action,
        sendable=not never_send(custom_id),
        name=default_label(custom_id),
        group=GROUPS.get(action, ButtonGroup.OTHER),
        input=_input_of(custom_id, parsed.kind),
        line=parsed.index if parsed.kind in TEXT_LINES else None,
    )


def sendable_id(custom_id: str) -> str:
    """Returns the ID of a button of the service. Raises ValueError for one that it must not receive."""
    facts = facts_of(custom_id)
    if not facts.sendable or facts.kind is ActionKind.CHANGE:
        raise ValueError("is not a button of the image service")
    return custom_id


def completed(custom_id: str, label: str, emoji: str, style: int) -> StoredButton:
    """A button of the service with its name, group, input and line, and with an emoji that Discord accepts or none."""
    facts = facts_of(custom_id)
    if emoji:
        emoji = fitting_emoji(emoji, custom_id) or ""
    return StoredButton(custom_id, label, emoji, style, facts.name, facts.group, facts.input, facts.line)


def complete(button: StoredButton) -> StoredButton:
    """The button with what `completed` adds, if a row of an earlier version lacks it."""
    return button if button.group else completed(button.custom_id, button.label, button.emoji, button.style)


def buttons_of(task: Task) -> tuple[StoredButton, ...]:
    """The buttons that can be sent. A finished task without any gets the buttons of the older `change` endpoint
    (docs/image-api.md#change)."""
    given: dict[str, StoredButton] = {}
    for button in task.buttons:
        if button.custom_id not in given and facts_of(button.custom_id).sendable:
            given[button.custom_id] = button if button.group else complete(button)
    if given or task.state is not TaskState.SUCCESS:
        return tuple(given.values())
    pressed = task.request.custom_id
    made_by = facts_of(pressed).parsed if pressed else task.request.action.value
    return tuple(map(complete, change_buttons(made_by)))


def grid_size(task: Task, buttons: Sequence[StoredButton]) -> int:
    """How many images the file of a result shows. A result with a button to enlarge each of four images is a grid,
    unless it has them as files of their own (docs/image-api.md#results)."""
    if task.image_count > 1:
        return 1
    picks = sum(facts_of(button.custom_id).acts_as is ActionKind.UPSCALE for button in buttons)
    return GRID if picks == GRID else 1


def _input_of(custom_id: str, kind: ActionKind) -> ButtonInput:
    if opens_modal(custom_id):
        return INPUTS.get(kind, ButtonInput.PROMPT)
    return ButtonInput.REMIX if remixable(custom_id) else ButtonInput.NONE
