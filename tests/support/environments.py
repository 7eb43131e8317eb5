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

from playground.bot_process import PROGRAM, BotProcess
from playground.discord import Message
from playground.driver import PRESSED, Environment, Scenario
from tests.support.forked import ForkedBotProcess
from tests.support.openai_requests import official_description
from tests.support.openapi import OpenApi

# Discord's own description of its HTTP API, `openapi.json` of github.com/discord/discord-api-spec, is not part of this
# repository. Requests are validated against it where it is stored next to the repository.
DESCRIPTION = Path(__file__).resolve().parents[3] / "shared" / "discord-openapi.json"
EXIT_OK = 0


class MakeEnvironment(Protocol):
    """Makes an environment with a running bot."""

    async def __call__(self, scenario: Scenario, /) -> Environment: ...


def description_of_discord() -> OpenApi | None:
    """Discord's own description of its API, where that file is there."""
    return OpenApi(DESCRIPTION) if DESCRIPTION.exists() else None


@asynccontextmanager
async def environments_in(folder: Path, openapi: OpenApi | None) -> AsyncIterator[MakeEnvironment]:
    """Makes environments with a running bot. At the end it must stop well, with nothing wrong in requests and log."""
    environments: list[Environment] = []
    official = official_description()
    async with AsyncExitStack() as stack:

        async def make(scenario: Scenario) -> Environment:
            place = folder / f"environment-{len(environments)}"
            place.mkdir()
            process = ForkedBotProcess if scenario.program == PROGRAM else BotProcess
            check_request = openapi.check_request if openapi else None
            check_platform = official.check if official else None
            checked = replace(scenario, check_request=check_request, check_platform=check_platform, process=process)
            env = await stack.enter_async_context(Environment(place, checked))
            environments.append(env)
            await env.start_bot()
            return env

        yield make
        for env in environments:
            was_running = env.bot.running
            code = await env.stop_bot()
            log = "\n".join(env.bot.lines)
            assert code == EXIT_OK or not was_running, log
            assert not env.discord.violations, env.discord.violations
            assert not env.platform.violations, env.platform.violations
            assert "Traceback" not in log, log
            assert not [kind for kind, secret in secrets_of(env) if secret in log]


def secrets_of(env: Environment) -> Iterator[tuple[str, str]]:
    """Everything that may never stand in the bot's log."""
    yield "bot token", env.token
    yield "image key", env.image_key
    yield "platform key", env.platform_key
    for interaction in env.discord.interactions:
        yield "interaction token", interaction.token
    for submit in env.images.submits:
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


def stored_custom_ids(env: Environment, message: Message) -> list[str]:
    """The customIds behind a message's buttons, in order, as the bot has stored them."""
    with closing(sqlite3.connect(f"file:{env.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        (found,) = connection.execute("SELECT buttons FROM tasks WHERE id = ?", (task_id_of(message),)).fetchone()
    return [button["custom_id"] for button in json.loads(found)]


def colours(message: Message) -> dict[str, int]:
    """Each button's style by what stands on it."""
    quirks = [button["style"] for button in message.buttons]
    return dict(zip(captions(message), quirks, strict=True))
