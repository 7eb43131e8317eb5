"""Discord closes the gateway for good while the bot runs: presses on their way settle, one line says why, and the exit
code is that reason's."""

from __future__ import annotations

import pytest

from bot.__main__ import Exit
from playground.discord import Message
from playground.driver import Environment
from tests.faults.test_stopping import outcomes
from tests.support.environments import captions


@pytest.fixture
async def grid(env: Environment) -> Message:
    return await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))


async def ended(env: Environment) -> int:
    """The exit code of a bot that ends by itself; its log where it does not."""
    try:
        return await env.bot.wait(60)
    except TimeoutError:
        raise TimeoutError("\n".join(env.bot.lines)) from None


async def test_a_reset_token_ends_the_bot_after_the_presses_on_their_way(env: Environment, grid: Message) -> None:
    with env.images.hold_requests("submit/"):
        pressed = await env.press(grid, "U1")
        await env.until(lambda: len(env.images.submits) == 2)
        env.discord.reset_token()
        await env.bot.logged("stopping")
    assert await ended(env) == Exit.TOKEN
    assert "Discord rejects DISCORD_TOKEN" in env.bot.lines[-1]
    assert outcomes(env) == ["taken", "taken"]
    assert len(env.images.submits) == 2
    env.bot._settings["DISCORD_TOKEN"] = env.discord.bot_token
    await env.start_bot()
    assert captions(await env.result_of(pressed))
    assert len(env.images.submits) == 2


async def test_a_window_that_was_deferred_is_answered_after_the_token_was_reset(
    env: Environment, grid: Message
) -> None:
    with env.images.hold_requests("submit/"):
        asked = await env.slash("imagine", {"prompt": "a fox"}, by="bob")
        await env.until(lambda: len(env.images.submits) == 2)
        env.discord.reset_token()
        await env.bot.logged("stopping")
    assert await ended(env) == Exit.TOKEN
    assert [message.text for message in asked.messages if message.text]


@pytest.mark.parametrize(
    ("close_code", "exit_code", "words"),
    [
        (4004, Exit.TOKEN, "DISCORD_TOKEN"),
        (4010, Exit.SHARDS, "shards"),
        (4011, Exit.SHARDS, "shards"),
        (4012, Exit.API_VERSION, "update"),
        (4013, Exit.INTENTS, "intents"),
        (4014, Exit.INTENTS, "intents"),
    ],
)
async def test_each_close_code_for_good_has_its_line_and_its_exit_code(
    env: Environment, close_code: int, exit_code: Exit, words: str
) -> None:
    # Discord does not take the bot back either; aiohttp may miss the code of a connection that is cut quickly.
    env.discord.gateway.refuse(close_code)
    env.discord.gateway.end(close_code)
    assert await ended(env) == exit_code
    assert words in env.bot.lines[-1]
    assert [line for line in env.bot.lines if "ERROR" in line] == []


@pytest.mark.parametrize("close_code", [1000, 1001, 4000, 4001, 4002, 4005, 4007, 4008, 4009, 4999])
async def test_after_any_other_close_code_the_bot_connects_again(env: Environment, close_code: int) -> None:
    env.discord.gateway.end(close_code)
    await env.until(lambda: env.discord.gateway.ready == 2, 40)
    assert (await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))).attachments
