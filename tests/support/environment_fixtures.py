"""Environments with the real bot in them. Every request that the bot makes to Discord is checked against Discord's own
description, where that file is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, description_of_discord, environments_in
from tests.support.openapi import OpenApi


@pytest.fixture(scope="session")
def openapi() -> OpenApi | None:
    return description_of_discord()


@pytest.fixture
async def make_env(tmp_path: Path, openapi: OpenApi | None) -> AsyncIterator[MakeEnvironment]:
    """Makes environments with a running bot; at the end nothing that the bot sent or logged may have been wrong."""
    async with environments_in(tmp_path, openapi) as make:
        yield make


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    return await make_env(Scenario())
