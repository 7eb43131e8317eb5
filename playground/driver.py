"""The driver: a local Discord, a local image API and the real bot between them, used as a person would.

async with Environment(folder) as env:
    await env.start_bot()
    used = await env.slash("imagine", {"prompt": "a fox"})
    grid = await env.result_of(used)
    pressed = await env.press(grid, "U2")
    upscaled = await env.result_of(pressed)
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TypeVar

from playground.bot_process import PROGRAM, BotProcess
from playground.discord import Channel, Interaction, Json, Limits, LocalDiscord, Message
from playground.discord.client_input import FieldValue, OptionValue
from playground.discord.server import RequestCheck
from playground.images import Pace
from playground.images.server import LocalImages
from playground.images.service_state import Options
from playground.local_service import HOST, held_port
from playground.platform import LocalPlatform
from playground.platform import Pace as PlatformPace
from playground.platform.server import RequestCheck as PlatformCheck

T = TypeVar("T")

START_SECONDS = 30.0
TIMEOUT = 20.0
POLL_SECONDS = 0.2
# Uploaded images are at a public host, as most services have them at Discord's.
UPLOAD_BASE = "https://uploads.example.org"
# The labels of buttons that a running task has.
RUNNING_BUTTONS = ("Cancel",)
# The prefixes of the names of files that are no result.
INTERIM = ("preview", "source")
# The mark before the label of a button that was pressed.
PRESSED = "✓ "
# The profiles whose services read another auth style than "secret" (docs/image-api.md#authentication).
AUTH = {"newapi": "bearer", "gateway": "bearer"}


@dataclass(frozen=True)
class Scenario:
    """How an environment is set up: the image service, the limits, the bot and further settings of it.

    `platform` is the profile of the platform that the bot knows; with None it knows none.
    """

    profile: str = "plus"
    pace: Pace = field(default_factory=Pace.quick)
    limits: Limits = field(default_factory=Limits)
    check_request: RequestCheck | None = None
    check_platform: PlatformCheck | None = None
    platform: str | None = None
    platform_pace: PlatformPace = field(default_factory=PlatformPace.quick)
    callbacks: bool = True
    poll_interval: float = 0.2
    remix: bool = False
    partner: bool = False
    clock_ahead: float = 0.0
    echo: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    program: Sequence[str] = PROGRAM
    process: type[BotProcess] = BotProcess


class Environment:
    """A local Discord, a local image API and the bot, which `start_bot` starts, again after it was stopped."""

    bot: BotProcess

    def __init__(self, folder: Path, scenario: Scenario | None = None) -> None:
        """`folder` holds the bot's database."""
        self.scenario = scenario or Scenario()
        self.token = f"local-{secrets.token_hex(12)}"
        self.image_key = f"key-{secrets.token_hex(8)}"
        self.platform_key = f"sk-{secrets.token_hex(12)}"
        self.web_port = 0
        self.discord = LocalDiscord(
            bot_token=self.token,
            limits=self.scenario.limits,
            check_request=self.scenario.check_request,
            clock_ahead=self.scenario.clock_ahead,
            bot_name="Atelier",
            guild_name="Atelier",
        )
        self.images = LocalImages(
            profile=self.scenario.profile,
            key=self.image_key,
            pace=self.scenario.pace,
            options=Options(remix=self.scenario.remix, partner=self.scenario.partner, upload_base=UPLOAD_BASE),
        )
        self.platform = LocalPlatform(
            self.scenario.platform or "clean",
            key=self.platform_key,
            pace=self.scenario.platform_pace,
            check_request=self.scenario.check_platform,
        )
        # A person at their Discord client: owner, mod, ada or bob; eve on the other server.
        self.person = self.discord.person
        self.folder = folder
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.web_port = self._stack.enter_context(held_port())
        await self._stack.enter_async_context(self.discord)
        await self._stack.enter_async_context(self.images)
        await self._stack.enter_async_context(self.platform)
        self._stack.push_async_callback(self.stop_bot)
        scenario = self.scenario
        self.bot = scenario.process(self.settings(), self.folder, echo=scenario.echo, program=scenario.program)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    def settings(self) -> dict[str, str]:
        """The settings that the bot is started with."""
        settings = {
            "DISCORD_TOKEN": self.token,
            "DISCORD_API_URL": self.discord.api_url,
            "MJ_API_URL": self.images.base_url,
            "MJ_API_KEY": self.image_key,
            "MJ_AUTH": AUTH.get(self.scenario.profile, "secret"),
            "PLATFORM_API_URL": self.platform.base_url if self.scenario.platform else "",
            "PLATFORM_API_KEY": self.platform_key if self.scenario.platform else "",
            "DATABASE_URL": f"sqlite:///{self.folder / 'atelier.db'}",
            "WEB_PORT": str(self.web_port),
            "POLL_INTERVAL": str(self.scenario.poll_interval),
            "LOG_LEVEL": "INFO",
        }
        if self.scenario.callbacks:
            settings["PUBLIC_URL"] = f"http://{HOST}:{self.web_port}"
        return {**settings, **self.scenario.settings}

    # the bot

    async def start_bot(self) -> None:
        """Starts the bot and waits until it is connected. Raises RuntimeError with its log if it does not connect."""
        gateway = self.discord.gateway
        # The connection of the stopped bot may still be open here. Until READY, events are sent only to that one.
        before = gateway.ready
        await self.bot.start()
        try:
            await self.discord.until(lambda: gateway.ready > before, START_SECONDS)
        except TimeoutError:
            raise RuntimeError("the bot did not connect:\n" + "\n".join(self.bot.lines[-40:])) from None

    async def stop_bot(self) -> int:
        """Stops the bot as a service manager would. Returns its exit code."""
        return await self.bot.stop()

    async def kill_bot(self) -> None:
        """`kill -9`."""
        await self.bot.kill()

    # people

    @property
    def studio(self) -> Channel:
        """The channel in which commands are used unless another is given."""
        return self.discord.channel("studio")

    async def slash(
        self,
        command: str,
        options: Mapping[str, OptionValue] | None = None,
        *,
        by: str = "ada",
        where: Channel | None = None,
    ) -> Interaction:
        """Uses a command and waits for the acknowledgement."""
        used = await self.person(by).slash(where or self.studio, command, options)
        return await used.answered()

    async def press(self, message: Message, caption: str, *, by: str = "ada") -> Interaction:
        """Presses the button of this caption (see `button_of`) and waits for the acknowledgement."""
        pressed = await self.person(by).press(message, button_of(message, caption)["custom_id"])
        return await pressed.answered()

    async def submit_modal(self, opened_by: Interaction, values: Mapping[str, FieldValue]) -> Interaction:
        """Submits the modal that an interaction opened, as the same person, and waits for the acknowledgement."""
        submitted = await self.person(opened_by.user.name).submit_modal(opened_by, values)
        return await submitted.answered()

    # waiting and reading

    async def until(self, condition: Callable[[], T], timeout: float = TIMEOUT) -> T:
        """The function's first true value; it is called after every change. TimeoutError with all conversations."""
        try:
            # Changes of the local Discord are seen at once, those of the image API at the next poll.
            return await self.discord.until(condition, timeout, poll=POLL_SECONDS)
        except TimeoutError as error:
            log = "\n".join(self.bot.lines[-40:])
            raise TimeoutError(f"{error}\n\nthe bot's log:\n{log}") from None

    async def result_of(self, interaction: Interaction, timeout: float = TIMEOUT) -> Message:
        """The message that an interaction created, when its task has ended."""
        finished = await self.until(lambda: list(filter(is_finished, public_messages(interaction))), timeout)
        return finished[0]

    async def private_answer(self, interaction: Interaction, timeout: float = TIMEOUT) -> str:
        """The text of its ephemeral messages, when there is one."""
        return await self.until(lambda: private_text(interaction), timeout)


def button_of(message: Message, caption: str) -> Json:
    """The button of this caption: its label, with or without the mark of a pressed one, or its emoji. Else KeyError."""
    try:
        return message.button(caption)
    except KeyError:
        return message.button(f"{PRESSED}{caption}")


def public_messages(interaction: Interaction) -> list[Message]:
    """The messages for all that an interaction created and that are not deleted."""
    return [message for message in interaction.messages if not message.ephemeral and not message.deleted]


def is_finished(message: Message) -> bool:
    """Whether the message shows the end of its task: an image that is no preview, or buttons."""
    names = [attachment.filename for attachment in message.attachments]
    ends = [button for button in message.buttons if button.get("label") not in RUNNING_BUTTONS]
    return any(not name.startswith(INTERIM) for name in names) or bool(ends)


def private_text(interaction: Interaction) -> str:
    """The text of the ephemeral messages that an interaction created."""
    return "\n".join(message.text for message in interaction.messages if message.ephemeral)
