"""Types and small readings that the end-to-end tests share."""

from __future__ import annotations

import io
from typing import Protocol

from PIL import Image

from playground.discord.records import Message
from playground.driver import Scene, World


class MakeWorld(Protocol):
    """Makes a world with a running bot."""

    async def __call__(self, scene: Scene, /) -> World: ...


def picture_of(message: Message) -> Image.Image:
    """The picture that a message shows."""
    return Image.open(io.BytesIO(message.attachments[0].data)).convert("RGB")


def captions(message: Message) -> list[str]:
    """What stands on its buttons, in order."""
    return [button.get("label") or button["emoji"]["name"] for button in message.buttons]


def colours(message: Message) -> dict[str, int]:
    """Each button's style by what stands on it."""
    return {button.get("label") or button["emoji"]["name"]: button["style"] for button in message.buttons}
