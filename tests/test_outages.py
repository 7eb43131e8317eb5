"""While Discord is away the bot waits: one line when that begins, one when it is over, and a stop ends it at once."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Protocol

import aiohttp
import pytest

from playground.bot_process import BotProcess
from playground.discord import LocalDiscord
from playground.driver import Environment, Scenario
from playground.local_service import HOST, held_port
from tests.support.forked import ForkedBotProcess

PAGE = "<html><head><title>Access denied</title></head><body>error code: 1015</body></html>"
BEGINS, IS_OVER = "the bot keeps trying", "connected to Discord again"
Break = Callable[[LocalDiscord], None]


class MakeBot(Protocol):
    def __call__(self, api_url: str, **settings: str) -> BotProcess: ...


@pytest.fixture
async def make_bot(tmp_path: Path) -> AsyncIterator[MakeBot]:
    """Makes bots that are not started yet; they are killed at the end."""
    async with AsyncExitStack() as stack:

        def make(api_url: str, **settings: str) -> BotProcess:
            base = {"DISCORD_TOKEN": "local", "MJ_API_URL": "http://127.0.0.1:9", "WEB_PORT": "0"}
            bot = ForkedBotProcess({**base, "DISCORD_API_URL": api_url, **settings}, tmp_path)
            stack.push_async_callback(bot.kill)
            return bot

        yield make


@pytest.fixture
async def discord() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord(bot_token="local") as local:
        yield local


def lines_with(bot: BotProcess, words: str) -> list[str]:
    return [line for line in bot.lines if words in line]


async def assert_one_line_each(bot: BotProcess, words: Sequence[str]) -> None:
    """The outage was told once, with these words, its end once, and nothing else was said of it."""
    await bot.logged(IS_OVER)
    (begun,) = lines_with(bot, BEGINS)
    assert all(word in begun for word in words), begun
    assert len(lines_with(bot, IS_OVER)) == 1
    assert not lines_with(bot, "Traceback")
    assert not lines_with(bot, "ERROR")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        pytest.param(
            lambda d: d.fail_next("GET", "/users/@me", status=429, page=PAGE, headers={"Retry-After": "1"}),
            ["blocks this machine's IP address", "429"],
            id="cloudflare-1015",
        ),
        pytest.param(
            lambda d: d.fail_next("GET", "/users/@me", status=403, page=PAGE, headers={"Retry-After": "1"}),
            ["blocks this machine's IP address", "403"],
            id="cloudflare-403",
        ),
        pytest.param(
            lambda d: d.fail_next("GET", "/applications/@me", status=503, page=PAGE, times=2),
            ["unavailable", "503"],
            id="page-503-after-the-first-answer",
        ),
        pytest.param(
            lambda d: d.fail_next("GET", "/gateway/bot", status=503), ["unavailable", "503"], id="gateway-bot-503"
        ),
        pytest.param(lambda d: d.fail_next("PUT", "/commands", status=503), ["unavailable", "503"], id="commands-503"),
        pytest.param(
            lambda d: d.lose_next("GET", "/users/@me", times=4), ["the connection to Discord was lost"], id="cut-off"
        ),
        pytest.param(
            lambda d: d.fail_next("GET", "/users/@me", status=200, page=PAGE),
            ["something other than Discord answers"],
            id="sign-in",
        ),
    ],
)
async def test_an_outage_at_the_start_is_waited_out(
    make_bot: MakeBot, discord: LocalDiscord, how: Break, words: list[str]
) -> None:
    how(discord)
    bot = make_bot(discord.api_url)
    await bot.start()
    await discord.bot_ready()
    await bot.logged("ready as")
    await assert_one_line_each(bot, words)


async def test_discords_own_tries_may_all_fail(make_bot: MakeBot, discord: LocalDiscord) -> None:
    discord.fail_next("GET", "/users/@me", status=502, page=PAGE, times=6)
    bot = make_bot(discord.api_url)
    await bot.start()
    await bot.logged("Discord does not answer", BEGINS)
    await bot.logged("unavailable", "502")
    await discord.bot_ready(60)
    await bot.logged(IS_OVER)
    assert len(lines_with(bot, IS_OVER)) == 1
    assert not lines_with(bot, "Traceback")


async def test_a_network_that_comes_later_is_waited_for(make_bot: MakeBot) -> None:
    with held_port() as port:
        bot = make_bot(f"http://{HOST}:{port}/api/v10")
        await bot.start()
        await bot.logged("cannot be reached", BEGINS)
        async with LocalDiscord(port=port, bot_token="local") as discord:
            await discord.bot_ready()
            await bot.logged("ready as")
            await assert_one_line_each(bot, ["cannot be reached"])
            assert await bot.stop() == 0


async def test_a_name_that_cannot_be_resolved_is_waited_for(make_bot: MakeBot) -> None:
    bot = make_bot("http://discord.invalid/api/v10")
    await bot.start()
    await bot.logged("cannot be resolved", BEGINS)
    await stopped_at_once(bot)
    assert len(lines_with(bot, BEGINS)) == 1


async def test_a_gateway_that_is_not_there_yet_is_waited_for(make_bot: MakeBot, discord: LocalDiscord) -> None:
    with held_port() as port:
        right, discord.gateway.url = discord.gateway.url, f"ws://{HOST}:{port}/gateway/"
        bot = make_bot(discord.api_url)
        await bot.start()
        await bot.logged("cannot be reached", BEGINS)
        async with LocalDiscord(port=port, bot_token="local") as gateway:
            await gateway.bot_ready()
            await bot.logged("ready as")
            await assert_one_line_each(bot, ["cannot be reached"])
            assert right != gateway.gateway.url


async def test_a_connection_that_is_lost_while_running_is_told_once(make_bot: MakeBot) -> None:
    with held_port() as port:
        async with LocalDiscord(port=port, bot_token="local") as discord:
            bot = make_bot(discord.api_url)
            await bot.start()
            await discord.bot_ready()
            await bot.logged("ready as")
        await bot.logged("cannot be reached", BEGINS)
        async with LocalDiscord(port=port, bot_token="local") as discord:
            await bot.logged(IS_OVER, timeout=60)
            await assert_one_line_each(bot, ["cannot be reached"])


async def stopped_at_once(bot: BotProcess) -> None:
    began = time.monotonic()
    assert await bot.stop() == 0
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(lambda d: d.fail_next("GET", "/users/@me", status=429, page=PAGE), id="in-a-long-pause"),
        pytest.param(lambda d: setattr(d.account, "remaining", 0), id="without-session-starts"),
        pytest.param(lambda d: d.gateway.refuse(4000), id="before-the-gateway"),
        pytest.param(lambda d: d.delay_next("GET", "/users/@me", 60.0, when="before"), id="without-an-answer"),
    ],
)
async def test_a_stop_ends_the_waiting_at_once(make_bot: MakeBot, discord: LocalDiscord, how: Break) -> None:
    how(discord)
    bot = make_bot(discord.api_url)
    await bot.start()
    await discord.until(lambda: discord.requests, 30)
    await bot.logged("web server on")
    await asyncio.sleep(0.5)
    await stopped_at_once(bot)


async def test_a_stop_ends_the_beginning_of_another_session_at_once(make_bot: MakeBot, discord: LocalDiscord) -> None:
    bot = make_bot(discord.api_url)
    await bot.start()
    await bot.logged("ready as")
    discord.gateway.invalidate()
    await bot.logged("session has been invalidated")
    await stopped_at_once(bot)


async def test_cloudflare_is_not_asked_again_soon(make_bot: MakeBot, discord: LocalDiscord) -> None:
    discord.fail_next("GET", "/users/@me", status=429, page=PAGE, times=10)
    bot = make_bot(discord.api_url)
    await bot.start()
    await bot.logged("blocks this machine's IP address", BEGINS)
    await asyncio.sleep(3)
    assert len(discord.requests) == 1


async def test_no_session_is_started_while_none_is_left(make_bot: MakeBot, discord: LocalDiscord) -> None:
    discord.account.remaining, discord.account.reset_after_ms = 0, 500
    bot = make_bot(discord.api_url)
    await bot.start()
    line = await bot.logged("no session starts left")
    assert "0 of 1000" in line
    await asyncio.sleep(1)
    assert discord.gateway.identified == 0
    discord.account.remaining = 1000
    await discord.bot_ready()
    await bot.logged("session starts are available again")
    assert len(lines_with(bot, "no session starts left")) == 1
    assert discord.bot_token == "local"


async def test_a_lost_session_is_not_begun_again_while_no_start_is_left(
    make_bot: MakeBot, discord: LocalDiscord
) -> None:
    bot = make_bot(discord.api_url)
    await bot.start()
    await bot.logged("ready as")
    discord.account.remaining = 0
    discord.gateway.invalidate()
    await bot.logged("no session starts left", BEGINS)
    assert (discord.gateway.identified, discord.bot_token) == (1, "local")
    discord.account.remaining = 10
    await discord.until(lambda: discord.gateway.identified == 2, 60)
    await bot.logged(IS_OVER)
    await assert_one_line_each(bot, ["no session starts left"])


@pytest.mark.parametrize(("left", "warned"), [(49, True), (50, False), (1, True)])
async def test_few_session_starts_are_warned_of(
    make_bot: MakeBot, discord: LocalDiscord, left: int, warned: bool
) -> None:
    discord.account.remaining = left
    bot = make_bot(discord.api_url)
    await bot.start()
    await bot.logged("ready as")
    assert bool(lines_with(bot, f"only {left} of 1000 session starts")) is warned


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(Scenario(process=ForkedBotProcess, poll_interval=300.0), id="by-callback"),
        pytest.param(Scenario(process=ForkedBotProcess, callbacks=False), id="by-polling"),
    ],
)
async def test_tasks_are_followed_while_the_bot_waits_for_discord(tmp_path: Path, scenario: Scenario) -> None:
    async with Environment(tmp_path, scenario) as env:
        await env.start_bot()
        env.images.hold()
        asked = await env.slash("imagine", {"prompt": "a fox"})
        await env.until(lambda: states(env) == ["PENDING"])
        await env.kill_bot()
        env.discord.fail_next("GET", "/users/@me", status=503, times=10_000)
        await env.bot.start()
        await env.bot.logged(BEGINS)
        await env.bot.logged("web server on")
        assert await health(env) == (503, {"discord": False, "store": True})
        env.images.release()
        await env.until(lambda: states(env) == ["SUCCESS"])
        assert not [record for record in env.discord.requests if record.status == 401]
        env.discord.faults.clear()
        assert (await env.result_of(asked)).attachments
        assert await env.stop_bot() == 0
        assert "Traceback" not in "\n".join(env.bot.lines)


def states(env: Environment) -> list[str]:
    with closing(sqlite3.connect(f"file:{env.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return [row[0].upper() for row in connection.execute("SELECT state FROM tasks")]


async def health(env: Environment) -> tuple[int, object]:
    async with aiohttp.ClientSession() as session, session.get(f"http://{HOST}:{env.web_port}/healthz") as answer:
        return answer.status, await answer.json()
