"""The digests by which a press finds its button.

IDs of buttons are not unique across tasks (docs/image-api.md#button-entries), so a button is identified by its task and
a digest of its ID. The digest depends on nothing else: neither on the order of the buttons nor on process state.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterable

from bot.engines.emoji import KEYCAP
from storage import StoredButton


# A card that is drawn again has the same buttons.
@functools.lru_cache(maxsize=2_000)
def digest(custom_id: str) -> str:
    """An eight-character digest of a button's ID."""
    raw = hashlib.blake2s(custom_id.encode(), digest_size=5).digest()
    return base64.b32encode(raw).decode("ascii").lower()


def button_with(buttons: Iterable[StoredButton], wanted: str) -> StoredButton | None:
    """The button with this digest, or None."""
    return next((button for button in buttons if digest(button.custom_id) == wanted), None)


def caption(button: StoredButton) -> str:
    """What users see on a button, in words: its label, or its emoji with its name. A numbered emoji needs no name."""
    if button.label:
        return button.label
    return button.emoji if button.emoji.endswith(KEYCAP) else f"{button.emoji} {button.name}".strip()
