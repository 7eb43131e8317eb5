"""Discord closes the gateway for good while the bot runs: presses on their way settle, one line says why, and the exit
code is that reason's."""

from __future__ import annotations

import pytest

from bot.__main__ import Exit
from playground.discord import Message
from playground.driver import World
from tests.faults.test_stopping import outcomes
from tests.support.worlds import captions


@pytest.fixture
async def grid(world: World) -> Message:
    return await world.result_of(await world.slash("imagine", {"prompt": "a paper boat"}))


async def ended(world: World) -> int:
    """The exit code of a bot that ends by itself; its log where it does not."""
    try:
        return await world.bot.wait(60)
    except TimeoutError:
        raise TimeoutError("\n".join(world.bot.lines)) from None


async def test_a_reset_token_ends_the_bot_after_the_presses_on_their_way(world: World, grid: Message) -> None:
    with world.images.hold_requests("submit/"):
        pressed = await world.press(grid, "U1")
        await world.until(lambda: len(world.images.submits) == 2)
        world.discord.reset_token()
        await world.until(lambda: any("stopping" in line for line in world.bot.lines))
    assert await ended(world) == Exit.TOKEN
    assert "Discord rejects DISCORD_TOKEN" in world.bot.lines[-1]
    assert outcomes(world) == ["taken", "taken"]
    assert len(world.images.submits) == 2
    world.bot._settings["DISCORD_TOKEN"] = world.discord.bot_token
    await world.start_bot()
    assert captions(await world.result_of(pressed))
    assert len(world.images.submits) == 2


async def test_a_window_that_was_deferred_is_answered_after_the_token_was_reset(world: World, grid: Message) -> None:
    with world.images.hold_requests("submit/"):
        asked = await world.slash("imagine", {"prompt": "a fox"}, by="bob")
        await world.until(lambda: len(world.images.submits) == 2)
        world.discord.reset_token()
        await world.until(lambda: any("stopping" in line for line in world.bot.lines))
    assert await ended(world) == Exit.TOKEN
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
    world: World, close_code: int, exit_code: Exit, words: str
) -> None:
    # Discord does not take the bot back either; aiohttp may miss the code of a connection that is cut quickly.
    world.discord.refuse_gateway(close_code)
    world.discord.close_gateway(close_code)
    assert await ended(world) == exit_code
    assert words in world.bot.lines[-1]
    assert [line for line in world.bot.lines if "ERROR" in line] == []


@pytest.mark.parametrize("close_code", [1000, 1001, 4000, 4001, 4002, 4005, 4007, 4008, 4009, 4999])
async def test_after_any_other_close_code_the_bot_connects_again(world: World, close_code: int) -> None:
    world.discord.close_gateway(close_code)
    await world.until(lambda: world.discord.identified == 2, 40)
    await world.until(lambda: world.discord.connected)
    assert (await world.result_of(await world.slash("imagine", {"prompt": "a paper boat"}))).attachments
