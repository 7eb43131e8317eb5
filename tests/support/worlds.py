"""Types and small readings that the end-to-end tests share."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from PIL import Image

from playground.discord.openapi import OpenApi
from playground.discord.records import Message
from playground.driver import PRESSED, Scene, World
from tests.support.forked import ForkedBotProcess

# Discord's own description of its HTTP API, `openapi.json` of github.com/discord/discord-api-spec, is not part of this
# repository. Requests are validated against it where it lies beside the repository.
DESCRIPTION = Path(__file__).resolve().parents[3] / "shared" / "discord-openapi.json"
EXIT_OK = 0


class MakeWorld(Protocol):
    """Makes a world with a running bot."""

    async def __call__(self, scene: Scene, /) -> World: ...


def description_of_discord() -> OpenApi | None:
    """Discord's own description of its API, where that file is there."""
    return OpenApi(DESCRIPTION) if DESCRIPTION.exists() else None


@asynccontextmanager
async def worlds_in(folder: Path, openapi: OpenApi | None) -> AsyncIterator[MakeWorld]:
    """Makes worlds with a running bot. At the end it stops well, and nothing that it sent or logged may be wrong."""
    worlds: list[World] = []
    async with AsyncExitStack() as stack:

        async def make(scene: Scene) -> World:
            place = folder / f"world-{len(worlds)}"
            place.mkdir()
            world = await stack.enter_async_context(
                World(place, replace(scene.checked_by(openapi), process=ForkedBotProcess))
            )
            worlds.append(world)
            await world.start_bot()
            return world

        yield make
        for world in worlds:
            was_running = world.bot.running
            code = await world.stop_bot()
            log = "\n".join(world.bot.lines)
            assert code == EXIT_OK or not was_running, log
            assert not world.discord.violations, world.discord.violations
            assert "Traceback" not in log, log
            assert not [kind for kind, secret in secrets_of(world) if secret in log]


def secrets_of(world: World) -> Iterator[tuple[str, str]]:
    """Everything that may never stand in the bot's log."""
    yield "bot token", world.token
    yield "image key", world.image_key
    for interaction in world.discord.interactions:
        yield "interaction token", interaction.token
    for submit in world.images.submits:
        hook = submit.body.get("notifyHook")
        if isinstance(hook, str):
            yield "callback token", hook.rpartition("/")[2]


def picture_of(message: Message) -> Image.Image:
    """The picture that a message shows."""
    return Image.open(io.BytesIO(message.attachments[0].data)).convert("RGB")


def captions(message: Message) -> list[str]:
    """What stands on its buttons, in order, without the mark of those that were pressed."""
    return [(button.get("label") or button["emoji"]["name"]).removeprefix(PRESSED) for button in message.buttons]


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
    quirks = [button["style"] for button in message.buttons]
    return dict(zip(captions(message), quirks, strict=True))
