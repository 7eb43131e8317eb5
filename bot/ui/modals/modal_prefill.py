"""The initial text of a modal's prompt field."""

from __future__ import annotations

import re

from bot.ui.components.message_components import ModalKind
from storage import Task

# Seconds to wait for the initial text. After that, the modal opens without it.
PREFILL_SECONDS = 1.0
# Seconds to wait for what a modal is about. It must be the first response, within three seconds.
OPEN_SECONDS = 2.0
_ZOOM = re.compile(r"\s*--zoom\s+\S+")
DEFAULT_ZOOM = "--zoom 1.8"


def prefill(task: Task, modal: ModalKind, line: int | None = None) -> str:
    """The initial text for a button's modal, equal to the image service's own (docs/image-api.md#modal-prompt and
    #custom-zoom). `line`: the number of the line of the task's text that the button stands for."""
    prompt = task.result.final_prompt or task.prompt
    match modal:
        case ModalKind.ZOOM:
            return f"{_ZOOM.sub('', prompt)} {DEFAULT_ZOOM}".strip()
        case ModalKind.LINE:
            return task.result.lines[line - 1] if line and line <= len(task.result.lines) else ""
        case ModalKind.INSTRUCTION | ModalKind.RATIO:
            return ""
        case _:
            return prompt
