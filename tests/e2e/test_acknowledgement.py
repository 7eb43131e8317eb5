"""The acknowledgement waits for nothing: not for the database, not for the image service."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest

from playground.discord import Message
from playground.driver import Environment
from tests.support.environments import captions

HELD_SECONDS = 5.0
AT_ONCE = 1.0
# A window may wait one second for the prompt that it proposes.
MODAL = AT_ONCE + 1.0


@asynccontextmanager
async def database_and_image_service_held(env: Environment) -> AsyncIterator[None]:
    """Nobody can write to the database, and no request to the image service is answered, for five seconds."""
    with closing(sqlite3.connect(env.folder / "atelier.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with env.images.hold_requests(".*"):
            try:
                yield
                await asyncio.sleep(HELD_SECONDS)
            finally:
                connection.execute("ROLLBACK")


@pytest.fixture
async def single(env: Environment) -> Message:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot"}))
    return await env.result_of(await env.press(grid, "U1"))


async def test_presses_and_commands_are_acknowledged_at_once_while_everything_hangs(
    env: Environment, single: Message
) -> None:
    async with database_and_image_service_held(env):
        pressed = await env.press(single, "Zoom Out 2x")
        asked = await env.slash("imagine", {"prompt": "a second robot"})
        modal = await env.press(single, "Custom Zoom", by="bob")
    assert pressed.acknowledged_at is not None
    assert pressed.acknowledged_at < AT_ONCE
    assert asked.acknowledged_at is not None
    assert asked.acknowledged_at < AT_ONCE
    assert modal.modal is not None
    assert modal.acknowledged_at is not None
    assert modal.acknowledged_at < MODAL
    # Nothing of it is lost once both answer again.
    assert captions(await env.result_of(pressed))[0] == "U1"
    assert captions(await env.result_of(asked))[0] == "U1"
    assert [submit.endpoint for submit in env.images.submits].count("submit/action") == 2
