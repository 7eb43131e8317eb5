"""A press can be followed in few modules: the code that it runs is kept together."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
from pathlib import Path

from playground.discord import Limits, Message
from playground.driver import Environment, Scenario
from playground.images import Pace
from tests.support.environments import MakeEnvironment, colours
from tests.support.traced_bot import PROBE_FILE

MOST_FILES = 40
PRESSED = 1
UPDATES = 7
QUICK = dataclasses.replace(Pace.quick(), side=64)
# Slower than a card is updated.
SLOW = dataclasses.replace(QUICK, step=1.7, steps=UPDATES + 1)


async def files_since(env: Environment, path: Path) -> list[str]:
    """The modules whose functions have run since the last time."""
    path.unlink(missing_ok=True)
    os.kill(env.bot.pid, signal.SIGUSR1)
    await env.until(path.exists)
    return path.read_text(encoding="utf-8").split()


async def files_of_press(env: Environment, grid: Message, button: str, path: Path) -> list[str]:
    """The modules that one press runs through, from the interaction to the final card and the marked button."""
    await asyncio.sleep(1.5)  # what follows the end of the task before is not part of the press
    await files_since(env, path)
    result = await env.result_of(await env.press(grid, button), 30)
    await env.until(lambda: colours(grid)[button] == PRESSED)
    await asyncio.sleep(0.5)
    assert len(result.revisions) > UPDATES
    return await files_since(env, path)


async def test_a_press_with_seven_progress_updates_runs_through_at_most_forty_files(
    make_env: MakeEnvironment, tmp_path: Path
) -> None:
    path = tmp_path / "files"
    scenario = Scenario(
        pace=QUICK,
        limits=Limits.off(),
        callbacks=False,
        poll_interval=0.2,
        settings={PROBE_FILE: str(path)},
        program=("-m", "tests.support.traced_bot"),
    )
    env = await make_env(scenario)
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}), 30)
    env.images.pace = SLOW
    # What comes once a minute, or after a request that was answered late, is not part of every press.
    presses = [await files_of_press(env, grid, "U2", path)]
    for button in ("U3", "U4"):
        if len(presses[-1]) > MOST_FILES:
            presses.append(await files_of_press(env, grid, button, path))
    files = min(presses, key=len)
    assert {"bot/tasks/submissions.py", "bot/tasks/poller.py", "storage/sqlite/transactions.py"} <= set(files)
    assert len(files) <= MOST_FILES, "\n".join(files)
