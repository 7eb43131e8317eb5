"""Worlds with the real bot in them. Every request that the bot makes to Discord is checked against Discord's own
description, where that file is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground.discord.openapi import OpenApi
from playground.driver import Scene, World
from tests.support.worlds import MakeWorld, description_of_discord, worlds_in


@pytest.fixture(scope="session")
def openapi() -> OpenApi | None:
    return description_of_discord()


@pytest.fixture
async def make_world(tmp_path: Path, openapi: OpenApi | None) -> AsyncIterator[MakeWorld]:
    """Makes worlds with a running bot; at the end nothing that the bot sent or logged may have been wrong."""
    async with worlds_in(tmp_path, openapi) as make:
        yield make


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    return await make_world(Scene())
