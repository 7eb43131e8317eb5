"""Worlds with the real bot in them. Every request that the bot makes to Discord is checked against Discord's own
description, where that file is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from playground.discord.openapi import OpenApi
from playground.driver import Scene, World
from tests.support.worlds import MakeWorld

DESCRIPTION = Path(__file__).resolve().parents[3] / "shared" / "discord-openapi.json"


@pytest.fixture(scope="session")
def openapi() -> OpenApi | None:
    return OpenApi(DESCRIPTION) if DESCRIPTION.exists() else None


@pytest.fixture
async def make_world(tmp_path: Path, openapi: OpenApi | None) -> AsyncIterator[MakeWorld]:
    """Makes worlds with a running bot; at the end nothing that the bot sent may have been wrong."""
    worlds: list[World] = []
    async with AsyncExitStack() as stack:

        async def make(scene: Scene) -> World:
            folder = tmp_path / f"world-{len(worlds)}"
            folder.mkdir()
            world = await stack.enter_async_context(World(folder, scene.checked_by(openapi)))
            worlds.append(world)
            await world.start_bot()
            return world

        yield make
        for world in worlds:
            log = "\n".join(world.bot.lines)
            assert world.discord.violations == []
            assert "Traceback" not in log, log


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    return await make_world(Scene())
