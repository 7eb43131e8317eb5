"""A press can be followed in few modules: what it runs stands together, and what it does not run stands beside."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
from pathlib import Path

from playground.discord import Limits
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
    await asyncio.sleep(1.5)  # what follows the end of the first task is not part of the press
    await files_since(env, path)
    env.images.pace = SLOW
    result = await env.result_of(await env.press(grid, "U2"), 30)
    await env.until(lambda: colours(grid)["U2"] == PRESSED)
    await asyncio.sleep(0.5)
    files = await files_since(env, path)
    assert len(result.revisions) > UPDATES
    assert {"bot/tasks/submissions.py", "bot/tasks/poller.py", "storage/sqlite/transactions.py"} <= set(files)
    assert len(files) <= MOST_FILES, "\n".join(files)
