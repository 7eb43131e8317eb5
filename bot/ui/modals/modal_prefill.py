"""The prompt that a window proposes."""

from __future__ import annotations

import re

from bot.midjourney import custom_id_facts
from bot.tasks.buttons import button_of
from bot.ui.components.custom_ids import ActionId, ModalKind
from storage import Task

# A window waits this long for what it is to propose, then opens without.
PREFILL_SECONDS = 1.0
_ZOOM = re.compile(r"\s*--zoom\s+\S+")
DEFAULT_ZOOM = "--zoom 1.8"


def prefill(task: Task, key: ActionId) -> str:
    """What to put into the window of a task's button, as the service would (docs/image-api.md#modal-prompt and
    #custom-zoom)."""
    prompt = task.result.final_prompt or task.prompt
    match key.modal:
        case ModalKind.ZOOM:
            return f"{_ZOOM.sub('', prompt)} {DEFAULT_ZOOM}".strip()
        case ModalKind.LINE:
            return _line(task, key)
        case _:
            return prompt


def _line(task: Task, key: ActionId) -> str:
    button = button_of(task, key.digest)
    index = custom_id_facts.parse(button.custom_id).index if button else None
    if index is None or not 1 <= index <= len(task.result.lines):
        return ""
    return task.result.lines[index - 1]
