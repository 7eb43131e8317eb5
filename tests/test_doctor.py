"""`doctor` tries everything that the settings name, says a line of each, and fails when one does."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from playground.bot_process import ROOT
from playground.driver import World
from playground.ports import HOST, held_port

# Stands for an address at which nobody answers.
DEAD = "dead"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Everything but the bot."""
    async with World(tmp_path) as world:
        yield world


async def doctor(folder: Path, settings: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    """The exit code, and what was said of each thing."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "doctor",
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LOG_LEVEL": "ERROR", **settings},
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    lines = [line.split(": ", 1) for line in printed.decode().splitlines()]
    return process.returncode or 0, dict(lines)


async def test_everything_that_works_is_said_to(world: World) -> None:
    code, said = await doctor(world.folder, world.settings())
    assert list(said) == ["ok    settings", "ok    Discord", "ok    database", "ok    image API", "ok    callbacks"]
    assert code == 0
    assert world.images.tasks == {}


@pytest.mark.parametrize(
    ("broken", "name", "words"),
    [
        ({"DISCORD_TOKEN": "wrong"}, "Discord", "DISCORD_TOKEN"),
        ({"DISCORD_API_URL": DEAD}, "Discord", "DISCORD_API_URL"),
        ({"MJ_API_URL": DEAD}, "image API", "MJ_API_URL"),
        ({"MJ_API_KEY": "wrong"}, "image API", "MJ_API_KEY"),
        ({"DATABASE_URL": "sqlite:////proc/no/such/place.db"}, "database", "DATABASE_URL"),
        ({"PUBLIC_URL": DEAD}, "callbacks", "PUBLIC_URL"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
async def test_what_does_not_work_is_named_and_the_rest_is_still_tried(
    world: World, broken: dict[str, str], name: str, words: str
) -> None:
    with held_port() as port:
        settings = {variable: f"http://{HOST}:{port}" if value == DEAD else value for variable, value in broken.items()}
        code, said = await doctor(world.folder, {**world.settings(), **settings})
    assert code == 1
    assert words in said[f"FAIL  {name}"]
    assert len(said) == 5
    assert [line for line in said if line.startswith("FAIL")] == [f"FAIL  {name}"]


async def test_beside_a_running_bot_the_callbacks_are_looked_at_through_it(world: World) -> None:
    await world.start_bot()
    code, said = await doctor(world.folder, world.settings())
    assert (code, "running bot" in said["ok    database"], "ok    callbacks" in said) == (0, True, True)
