"""The driver: a local Discord, a local image API and the real bot between them, played like a person would.

async with World(folder) as world:
    await world.start_bot()
    asked = await world.slash("imagine", {"prompt": "a fox"})
    grid = await world.result_of(asked)
    pressed = await world.press(grid, "U2")
    upscaled = await world.result_of(pressed)
"""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from playground.bot_process import PROGRAM, BotProcess
from playground.discord import Channel, Interaction, Limits, LocalDiscord, Message, Person
from playground.discord.modal_forms import Entered
from playground.discord.openapi import OpenApi
from playground.discord.options import OptionValue
from playground.discord.records import Json
from playground.images.pace import Pace
from playground.images.server import LocalImages
from playground.images.service_state import Options
from playground.ports import HOST, held_port

T = TypeVar("T")

START_SECONDS = 30.0
PATIENCE = 20.0
LOOK_SECONDS = 0.2
# Uploaded pictures are at a public host, as they are at Discord's for most services.
UPLOAD_BASE = "https://uploads.example.org"
# What stands on the buttons of a task that still runs.
WHILE_IT_RUNS = ("Cancel",)
# How the names of files begin that do not show a result.
PASSING = ("preview", "source")
# What stands before the label of a button that was pressed.
PRESSED = "✓ "
# The auth style that each profile's services read (image API reference, 2.1).
AUTH = {
    "plus": "secret",
    "trueai": "secret",
    "trueai-9": "secret",
    "newapi": "bearer",
    "novicezk": "secret",
    "gateway": "bearer",
}


@dataclass(frozen=True)
class Scene:
    """How a world is set up."""

    profile: str = "plus"
    pace: Pace = field(default_factory=Pace.quick)
    limits: Limits = field(default_factory=Limits)
    openapi: OpenApi | None = None
    callbacks: bool = True
    poll_interval: float = 0.2
    remix: bool = False
    partner: bool = False
    clock_ahead: float = 0.0
    echo: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    program: Sequence[str] = PROGRAM
    process: type[BotProcess] = BotProcess

    def checked_by(self, openapi: OpenApi | None) -> Scene:
        """The same, with the bot's requests checked against Discord's own description."""
        return dataclasses.replace(self, openapi=openapi)


class World:
    """Everything that a conversation needs. The bot is started by `start_bot`, as often as it is to be restarted."""

    def __init__(self, folder: Path, scene: Scene | None = None) -> None:
        """`folder` holds the bot's database."""
        self.scene = scene or Scene()
        self.token = f"local-{secrets.token_hex(12)}"
        self.image_key = f"key-{secrets.token_hex(8)}"
        self.web_port = 0
        self.discord = LocalDiscord(
            bot_token=self.token,
            limits=self.scene.limits,
            openapi=self.scene.openapi,
            clock_ahead=self.scene.clock_ahead,
        )
        self.images = LocalImages(
            profile=self.scene.profile,
            key=self.image_key,
            pace=self.scene.pace,
            options=Options(remix=self.scene.remix, partner=self.scene.partner, upload_base=UPLOAD_BASE),
        )
        self.folder = folder
        self._stack = AsyncExitStack()
        self._bot: BotProcess | None = None

    async def __aenter__(self) -> Self:
        self.web_port = self._stack.enter_context(held_port())
        await self._stack.enter_async_context(self.discord)
        await self._stack.enter_async_context(self.images)
        self._stack.push_async_callback(self.stop_bot)
        self._bot = self.scene.process(self.settings(), self.folder, echo=self.scene.echo, program=self.scene.program)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def settings(self) -> dict[str, str]:
        """The settings that the bot is started with."""
        web = f"http://{HOST}:{self.web_port}"
        settings = {
            "DISCORD_TOKEN": self.token,
            "DISCORD_API_URL": self.discord.api_url,
            "MJ_API_URL": self.images.base_url,
            "MJ_API_KEY": self.image_key,
            "MJ_AUTH": AUTH[self.scene.profile],
            "DATABASE_URL": f"sqlite:///{self.folder / 'atelier.db'}",
            "WEB_PORT": str(self.web_port),
            "POLL_INTERVAL": str(self.scene.poll_interval),
            "LOG_LEVEL": "INFO",
        }
        if self.scene.callbacks:
            settings["PUBLIC_URL"] = web
        return {**settings, **self.scene.settings}

    # the bot

    @property
    def bot(self) -> BotProcess:
        """The bot's process."""
        if self._bot is None:
            raise RuntimeError("the world is not open")
        return self._bot

    async def start_bot(self) -> None:
        """Starts the bot and waits until Discord knows it. Raises RuntimeError with its log when it does not come."""
        await self.bot.start()
        try:
            await self.discord.bot_ready(START_SECONDS)
        except TimeoutError:
            raise RuntimeError("the bot did not come:\n" + "\n".join(self.bot.lines[-40:])) from None

    async def stop_bot(self) -> int:
        """Stops the bot as a service manager would; its exit code."""
        return await self.bot.stop()

    async def kill_bot(self) -> None:
        """`kill -9`."""
        await self.bot.kill()

    # people

    def person(self, name: str) -> Person:
        """Somebody at their Discord client: owner, mod, ada or bob; eve on the other server."""
        return self.discord.person(name)

    @property
    def studio(self) -> Channel:
        """The channel in which things happen."""
        return self.discord.channel("studio")

    async def slash(
        self,
        command: str,
        options: Mapping[str, OptionValue] | None = None,
        *,
        by: str = "ada",
        where: Channel | None = None,
    ) -> Interaction:
        """Uses a command and waits until the bot has acknowledged."""
        used = await self.person(by).slash(where or self.studio, command, options)
        return await used.answered()

    async def press(self, message: Message, caption: str, *, by: str = "ada") -> Interaction:
        """Presses the button of this caption (its label with or without the mark of a pressed one, or its emoji) and
        waits for the acknowledgement."""
        pressed = await self.person(by).press(message, button_of(message, caption)["custom_id"])
        return await pressed.answered()

    async def submit_modal(self, opened_by: Interaction, values: Mapping[str, Entered]) -> Interaction:
        """Fills in and submits the window that an interaction opened, as the person who opened it."""
        submitted = await self.person(opened_by.user.name).submit_modal(opened_by, values)
        return await submitted.answered()

    # looking

    async def until(self, seen: Callable[[], T], timeout: float = PATIENCE) -> T:
        """Waits until something is so, looking again at every change of the world."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                # Discord's news wake it at once; what happens elsewhere (at the image API) is looked at now and then.
                return await self.discord.until(seen, LOOK_SECONDS)
            except TimeoutError as error:
                if time.monotonic() > deadline:
                    log = "\n".join(self.bot.lines[-40:])
                    raise TimeoutError(f"{error}\n\nthe bot's log:\n{log}") from None

    async def result_of(self, interaction: Interaction, timeout: float = PATIENCE) -> Message:
        """The message that an interaction led to, once its picture or its end is there."""
        finished = await self.until(lambda: list(filter(is_finished, public_messages(interaction))), timeout)
        return finished[0]

    async def private_answer(self, interaction: Interaction, timeout: float = PATIENCE) -> str:
        """What only the presser was told."""
        return await self.until(lambda: _private_text(interaction), timeout)


def button_of(message: Message, caption: str) -> Json:
    """The button of this caption. KeyError when there is none."""
    try:
        return message.button(caption)
    except KeyError:
        return message.button(f"{PRESSED}{caption}")


def public_messages(interaction: Interaction) -> list[Message]:
    """The messages for everybody that an interaction led to, and that stand."""
    return [message for message in interaction.messages if not message.ephemeral and not message.deleted]


def is_finished(message: Message) -> bool:
    """Does the message show the end of its task: a picture that is no preview, or buttons?"""
    names = [attachment.filename for attachment in message.attachments]
    ends = [button for button in message.buttons if button.get("label") not in WHILE_IT_RUNS]
    return any(not name.startswith(PASSING) for name in names) or bool(ends)


def _private_text(interaction: Interaction) -> str:
    return "\n".join(message.text for message in interaction.messages if message.ephemeral)
