"""A machine whose clock is wrong: tokens live as long as Discord says, and times on cards are right for readers."""

from __future__ import annotations

import re

import pytest

from playground.driver import Scenario
from tests.e2e.test_commands_places import where_the_bot_is_no_member
from tests.support.environments import MakeEnvironment, captions
from tests.support.panels import panel_of

# This machine's clock is ahead of Discord's by that much, or behind it.
AHEAD = pytest.mark.parametrize("clock_ahead", [-1200.0, 1200.0, -90_000.0], ids=["ahead", "behind", "a-day-ahead"])


@AHEAD
async def test_a_token_lives_as_long_as_discord_says(make_env: MakeEnvironment, clock_ahead: float) -> None:
    env = await make_env(Scenario(clock_ahead=clock_ahead))
    where = where_the_bot_is_no_member(env)
    asked = await env.slash("imagine", {"prompt": "a fox"}, where=where)
    fox = await env.result_of(asked)
    assert fox.channel_id == where.id
    single = await env.result_of(await env.press(fox, "U1"))
    assert (single.channel_id, bool(captions(single))) == (where.id, True)
    ways = {record.route for record in env.discord.requests if record.method in ("PATCH", "POST")}
    assert "/channels/{channel_id}/messages" not in ways
    await env.bot.logged("this machine's clock is")
    assert len([line for line in env.bot.lines if "this machine's clock is" in line]) == 1


@AHEAD
async def test_times_are_shown_by_discords_clock(make_env: MakeEnvironment, clock_ahead: float) -> None:
    env = await make_env(Scenario(clock_ahead=clock_ahead))
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a fox"})
    (card,) = await env.until(lambda: [each for each in asked.messages if "<t:" in each.text])
    panels = [await panel_of(env, await env.slash(name)) for name in ("tasks", "queue")]
    told = [
        int(each) for text in (card.text, *(each.text for each in panels)) for each in re.findall(r"<t:(\d+)", text)
    ]
    now = env.discord.state.now().timestamp()
    assert len(told) >= 3
    assert all(abs(now - moment) < 60 for moment in told), (now, told)
    env.images.release()


async def test_a_right_clock_is_not_spoken_of(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario())
    await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    assert not [line for line in env.bot.lines if "clock" in line]
