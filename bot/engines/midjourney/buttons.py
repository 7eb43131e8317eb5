"""The buttons of a task: those of the service, completed with everything that a card needs to know about them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from bot.engines.midjourney import custom_id_facts
from bot.engines.midjourney.custom_id_parser import ActionKind
from bot.engines.models import ButtonGroup, ButtonInput
from storage import StoredButton, Task, TaskState

# The images of a grid.
GRID = 4
_GROUPS = {
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
_INPUTS = {
    ActionKind.CUSTOM_ZOOM: ButtonInput.ZOOM,
    ActionKind.REGION: ButtonInput.REGION,
    ActionKind.DESCRIBE_LINE: ButtonInput.LINE,
    ActionKind.SHORTEN_LINE: ButtonInput.LINE,
}


def complete(button: StoredButton) -> StoredButton:
    """The button with its name, group, input and line, and with an emoji that Discord accepts or none."""
    if button.group:
        return button
    custom_id = button.custom_id
    parsed = custom_id_facts.parse(custom_id)
    return dataclasses.replace(
        button,
        emoji=custom_id_facts.fitting_emoji(button.emoji, custom_id) or "",
        name=custom_id_facts.default_label(custom_id),
        group=_GROUPS.get(custom_id_facts.acts_as(custom_id), ButtonGroup.OTHER),
        input=_input_of(custom_id, parsed.kind),
        line=parsed.index if parsed.kind in custom_id_facts.TEXT_LINES else None,
    )


def buttons_of(task: Task) -> tuple[StoredButton, ...]:
    """The buttons that can be sent. A finished task without any gets the buttons of the older `change` endpoint
    (docs/image-api.md#change)."""
    given: dict[str, StoredButton] = {}
    for button in task.buttons:
        if button.custom_id and not custom_id_facts.never_send(button.custom_id):
            given.setdefault(button.custom_id, complete(button))
    if given or task.state is not TaskState.SUCCESS:
        return tuple(given.values())
    pressed = task.request.custom_id
    made_by = custom_id_facts.parse(pressed) if pressed else task.request.action.value
    return tuple(map(complete, custom_id_facts.change_buttons(made_by)))


def grid_size(task: Task, buttons: Sequence[StoredButton]) -> int:
    """How many images the file of a result shows. A result with a button to enlarge each of four images is a grid,
    unless it has them as files of their own (docs/image-api.md#results)."""
    picks = [each for each in buttons if custom_id_facts.acts_as(each.custom_id) is ActionKind.UPSCALE]
    return GRID if max(task.image_count, 1) == 1 and len(picks) == GRID else 1


def _input_of(custom_id: str, kind: ActionKind) -> ButtonInput:
    if custom_id_facts.opens_modal(custom_id):
        return _INPUTS.get(kind, ButtonInput.PROMPT)
    return ButtonInput.REMIX if custom_id_facts.remixable(custom_id) else ButtonInput.NONE
