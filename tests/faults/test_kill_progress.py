"""`kill -9` after progress was shown: progress is not stored, and the end is shown all the same."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from playground.discord import Interaction, Limits
from playground.driver import Environment, Scenario
from playground.images import Pace
from playground.images.tasks import Status
from tests.support.environments import MakeEnvironment

# `make soak` runs a hundred.
ROUNDS = int(os.environ.get("KILL_ROUNDS", "10"))
AT_ONCE = 3
STEPS = 8
PACE = dataclasses.replace(Pace.quick(), side=64, step=0.4, steps=STEPS)

pytestmark = pytest.mark.timeout(120 + 10 * ROUNDS)


def progress_edits(asked: list[Interaction]) -> int:
    """How often the progress of these tasks was shown so far."""
    messages = [message for interaction in asked for message in interaction.messages]
    return sum("▰" in str(revision.payload) for message in messages for revision in message.revisions)


def stored(folder: Path) -> list[tuple[str, int, int, int]]:
    """State and version of every task, and what its message shows by the database."""
    with closing(sqlite3.connect(f"file:{folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(
            "SELECT state, version, shown_version, settled FROM tasks JOIN messages ON task_id = tasks.id"
        ).fetchall()


def have_ended(env: Environment, count: int) -> bool:
    """Whether the image service has finished that many tasks."""
    return count == sum(task.status is Status.SUCCESS for task in env.images.service.tasks.values())


async def killed_after_progress(env: Environment, chance: random.Random, number: int) -> list[Interaction]:
    """Asks for several pictures and kills the bot at a random moment after one of their progress edits."""
    asked = [await env.slash("imagine", {"prompt": f"boat {number} {each}"}) for each in range(AT_ONCE)]
    wanted = chance.randint(1, AT_ONCE)
    # On a busy machine some may end before an edit of their progress.
    await env.until(lambda: progress_edits(asked) >= wanted or have_ended(env, (number + 1) * AT_ONCE))
    await asyncio.sleep(chance.uniform(0.0, 0.3))
    await env.kill_bot()
    # What a progress edit showed is not stored: neither with the task nor with its message.
    assert all(shown <= version for _, version, shown, _ in stored(env.folder))
    return asked


async def test_the_end_is_shown_after_a_kill_at_any_moment_of_the_progress(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(pace=PACE, limits=Limits.off(), poll_interval=0.1))
    chance = random.Random()  # noqa: S311 - chance, no secret
    for number in range(ROUNDS):
        asked = await killed_after_progress(env, chance, number)
        if number % 2:  # every other time the tasks end while no bot runs
            await env.until(functools.partial(have_ended, env, (number + 1) * AT_ONCE))
        await env.start_bot()
        for interaction in asked:
            card = await env.result_of(interaction, 30)
            assert card.attachments
            assert [message.id for message in interaction.messages] == [card.id]
    assert len(env.images.submits) == ROUNDS * AT_ONCE
    await env.until(lambda: all(row[0] == "success" and row[1] == row[2] and row[3] for row in stored(env.folder)))
