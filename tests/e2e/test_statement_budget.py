"""A press costs few statements and one wait for the disk, however much progress it shows."""

from __future__ import annotations

import asyncio
import dataclasses
import re

import pytest

from playground.discord import Limits
from playground.driver import Environment, Scenario
from playground.images import Pace
from tests.support.environments import MakeEnvironment, colours

MOST_STATEMENTS = 20
PRESSED = 1
SHORT = dataclasses.replace(Pace.quick(), side=64)
LONG = dataclasses.replace(Pace.quick(), side=64, step=0.35, steps=9)


def statements(env: Environment) -> list[str]:
    """What the bot's database was asked since its start."""
    found = (re.search(r"storage\.statements\S*\s+(.*)", line) for line in env.bot.lines)
    return [match[1] for match in found if match]


async def until_quiet(env: Environment) -> None:
    """Waits until the bot asks its database nothing more."""
    while True:
        known = len(statements(env))
        await asyncio.sleep(1.5)  # recovery and the poller come round meanwhile
        if len(statements(env)) == known:
            return


async def measured(env: Environment, *, restart: bool = False) -> list[str]:
    """The statements of one press, from the interaction to the final card and the marked button."""
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))
    if restart:
        await env.kill_bot()
        await env.start_bot()
    await until_quiet(env)
    before = len(statements(env))
    await env.result_of(await env.press(grid, "U2"), 30)
    await env.until(lambda: colours(grid)["U2"] == PRESSED)
    await until_quiet(env)
    return statements(env)[before:]


@pytest.mark.parametrize("restart", [False, True], ids=["known-parent", "unknown-parent"])
@pytest.mark.parametrize("pace", [SHORT, LONG], ids=["short", "long"])
async def test_a_press_stays_within_its_budget(make_env: MakeEnvironment, pace: Pace, restart: bool) -> None:
    settings = {"LOG_LEVEL": "DEBUG"}
    env = await make_env(Scenario(pace=pace, limits=Limits.off(), poll_interval=0.2, settings=settings))
    asked = await measured(env, restart=restart)
    assert "INSERT INTO tasks" in " ".join(asked)
    assert len(asked) <= MOST_STATEMENTS, "\n".join(sql[:100] for sql in asked)
    durable = [sql for sql in asked if sql.endswith("(durable)")]
    assert [sql for sql in durable if sql.startswith("COMMIT")] == ["COMMIT (durable)"]
