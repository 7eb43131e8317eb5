"""Faults of Discord: one submit a press, one message a task, and a bot that lives on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
import pytest

from playground.discord import InteractionFailed, Message
from playground.driver import Environment, public_messages
from tests.support.environments import captions


@pytest.fixture
async def grid(env: Environment) -> Message:
    return await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))


FOLLOW_UPS: dict[str, Callable[[Environment], None]] = {
    "server errors": lambda env: env.discord.fail_next("POST", "/webhooks/", status=502, times=2),
    "rate limits": lambda env: env.discord.fail_next("POST", "/webhooks/", status=429, times=2, retry_after=0.2),
    "a request cut off": lambda env: env.discord.lose_next("POST", "/webhooks/", when="before"),
    "an answer cut off": lambda env: env.discord.lose_next("POST", "/webhooks/", when="after"),
    "a late answer": lambda env: env.discord.delay_next("POST", "/webhooks/", 1.0),
}


@pytest.mark.parametrize("fault", FOLLOW_UPS)
async def test_a_press_leads_to_one_message_though_discord_does_not_take_it_well(
    env: Environment, grid: Message, fault: str
) -> None:
    FOLLOW_UPS[fault](env)
    pressed = await env.press(grid, "U1")
    single = await env.result_of(pressed, timeout=40)
    assert captions(single)
    task = single.text.split("`")[1]
    shown = [each for each in env.discord.messages(env.studio) if f"`{task}`" in each.text and not each.deleted]
    assert shown == [single]
    assert len(env.images.submits) == 2


@pytest.mark.parametrize("status", [429, 500])
async def test_an_acknowledgement_that_discord_refuses_at_first_is_given_all_the_same(
    env: Environment, grid: Message, status: int
) -> None:
    env.discord.fail_next("POST", "/interactions/", status=status, retry_after=0.2)
    await env.result_of(await env.press(grid, "U1"))
    assert len(env.images.submits) == 2


async def test_an_acknowledgement_that_comes_too_late_sends_nothing(env: Environment, grid: Message) -> None:
    env.discord.delay_next("POST", "/interactions/", 3.5, when="before")
    with pytest.raises(InteractionFailed):
        await env.press(grid, "U1")
    await env.bot.logged("was not acknowledged in time")
    assert len(env.images.submits) == 1
    await env.result_of(await env.press(grid, "U1"))


GATEWAY: dict[str, Callable[[Environment], None]] = {
    "cut off, to be resumed": lambda env: env.discord.gateway.drop(resumable=True),
    "cut off for good": lambda env: env.discord.gateway.drop(resumable=False),
    "asked to reconnect": lambda env: env.discord.gateway.request_reconnect(),
    "told that the session is invalid": lambda env: env.discord.gateway.invalidate(),
}


@pytest.mark.parametrize("fault", GATEWAY)
async def test_a_task_comes_to_its_end_and_buttons_work_though_the_gateway_breaks(
    env: Environment, grid: Message, fault: str
) -> None:
    env.images.hold()
    pressed = await env.press(grid, "U1")
    await env.until(lambda: public_messages(pressed))
    sessions = env.discord.gateway.ready + env.discord.gateway.resumed
    GATEWAY[fault](env)
    env.images.release()
    single = await env.result_of(pressed)
    await env.until(lambda: env.discord.gateway.ready + env.discord.gateway.resumed > sessions, timeout=30)
    assert captions(await env.result_of(await env.press(single, "Zoom Out 2x")))
    assert len(env.images.submits) == 3


async def test_a_bot_gets_the_first_press_though_the_connection_of_the_stopped_bot_is_still_open(
    env: Environment, grid: Message
) -> None:
    await env.stop_bot()
    gateway = env.discord.gateway
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{gateway.url}?v=10&encoding=json") as stopped:
        identify = {"token": env.token, "intents": 0, "properties": {}}
        await stopped.send_json({"op": 2, "d": identify})
        await env.until(lambda: gateway.connected)
        gateway.ready_delay = 0.3
        await env.start_bot()
        await env.result_of(await env.press(grid, "U1"))


async def test_a_late_ready_keeps_nothing_from_being_finished(env: Environment, grid: Message) -> None:
    env.images.hold()
    pressed = await env.press(grid, "U1")
    await env.until(lambda: public_messages(pressed))
    await env.kill_bot()
    env.discord.gateway.ready_delay = 3.0
    env.images.release()
    starting = asyncio.create_task(env.start_bot())
    assert captions(await env.result_of(pressed))
    await starting
    assert len(env.images.submits) == 2
