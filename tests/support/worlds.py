"""Types and small readings that the end-to-end tests share."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
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


def task_id_of(message: Message) -> str:
    """The id that a message says in small print."""
    return message.text.split("`")[1]


def stored_custom_ids(world: World, message: Message) -> list[str]:
    """The customIds behind a message's buttons, in order, as the bot has stored them."""
    with closing(sqlite3.connect(f"file:{world.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        (found,) = connection.execute("SELECT buttons FROM tasks WHERE id = ?", (task_id_of(message),)).fetchone()
    return [button["custom_id"] for button in json.loads(found)]


def colours(message: Message) -> dict[str, int]:
    """Each button's style by what stands on it."""
    return {button.get("label") or button["emoji"]["name"]: button["style"] for button in message.buttons}
