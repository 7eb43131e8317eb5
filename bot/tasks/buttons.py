"""A task's buttons and the digests by which a press finds its button.

The API's ids are not unique across tasks (docs/image-api.md#button-entries), so a button is identified by its task and
a digest of its customId. The digest depends on nothing else: neither on the order of the buttons nor on process state.
"""

from __future__ import annotations

import base64
import hashlib

from bot.engines.midjourney import custom_id_facts
from storage import StoredButton, Task, TaskState


def digest(custom_id: str) -> str:
    """An eight-character digest of a customId."""
    raw = hashlib.blake2s(custom_id.encode(), digest_size=5).digest()
    return base64.b32encode(raw).decode("ascii").lower()


def offered(task: Task) -> tuple[StoredButton, ...]:
    """The buttons to show under a task: the service's own, in its order and without duplicates. A finished task without
    any gets the buttons of the older `change` endpoint (docs/image-api.md#change)."""
    given: dict[str, StoredButton] = {}
    for button in task.buttons:
        if button.custom_id and not custom_id_facts.never_send(button.custom_id):
            given.setdefault(button.custom_id, button)
    if given or task.state is not TaskState.SUCCESS:
        return tuple(given.values())
    pressed = task.request.custom_id
    made_by = custom_id_facts.parse(pressed) if pressed else task.request.action.value
    return custom_id_facts.change_buttons(made_by)


def button_of(task: Task, wanted: str) -> StoredButton | None:
    """The button with this digest, or None."""
    return next((button for button in offered(task) if digest(button.custom_id) == wanted), None)
