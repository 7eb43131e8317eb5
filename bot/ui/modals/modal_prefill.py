"""The initial text of a modal's prompt field."""

from __future__ import annotations

import re

from bot.engines.midjourney import custom_id_facts
from bot.tasks.buttons import button_of
from bot.ui.components.custom_ids import ActionId, ModalKind
from storage import Task

# Seconds to wait for the initial text. After that, the modal opens without it.
PREFILL_SECONDS = 1.0
_ZOOM = re.compile(r"\s*--zoom\s+\S+")
DEFAULT_ZOOM = "--zoom 1.8"


def prefill(task: Task, key: ActionId) -> str:
    """The initial text for a button's modal, equal to the image service's own (docs/image-api.md#modal-prompt and
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
