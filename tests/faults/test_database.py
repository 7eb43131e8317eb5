"""Trouble with the database while the bot runs: told in words, nothing lost, nothing sent twice, over by itself."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from playground.discord import Message
from playground.driver import World
from tests.support.worlds import captions

CANNOT_WRITE = "can't save data right now"


@contextmanager
def no_room_to_write(world: World) -> Iterator[None]:
    """No file of the bot's may grow, as on a full disk; pipes are none."""
    before = resource.prlimit(world.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(world.bot.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(world.bot.pid, resource.RLIMIT_FSIZE, before)


def outcomes(world: World) -> list[str]:
    """What the journal says of all presses, oldest first."""
    with closing(sqlite3.connect(f"file:{world.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute("SELECT outcome FROM presses ORDER BY created_at")]


@pytest.fixture
async def grid(world: World) -> Message:
    return await world.result_of(await world.slash("imagine", {"prompt": "a paper boat"}))


async def test_on_a_full_disk_presses_and_commands_are_refused_in_words_until_there_is_room(
    world: World, grid: Message
) -> None:
    with no_room_to_write(world):
        pressed = await world.press(grid, "U1")
        asked = await world.slash("imagine", {"prompt": "a brass owl"})
        for interaction in (pressed, asked):
            assert CANNOT_WRITE in await world.private_answer(interaction)
        assert not [message for message in asked.messages if not message.ephemeral and not message.deleted]
    assert len(world.images.submits) == 1
    again = await world.result_of(await world.press(grid, "U1", by="bob"))
    assert captions(again)
    assert len(world.images.submits) == 2


async def test_an_answer_that_cannot_be_written_down_is_written_when_there_is_room_again(
    world: World, grid: Message
) -> None:
    with world.images.hold_requests("submit/"):
        pressed = await world.press(grid, "U1")
        asked = await world.slash("imagine", {"prompt": "a brass owl"})
        await world.until(lambda: len(world.images.submits) == 3)
        full = no_room_to_write(world)
        full.__enter__()
    try:
        assert "accepted this" in await world.private_answer(pressed)
        await world.until(lambda: "accepted this" in asked.messages[0].text)
    finally:
        full.__exit__(None, None, None)
    assert captions(await world.result_of(pressed))
    assert captions(await world.result_of(asked))
    assert outcomes(world) == ["taken"] * 3
    assert len(world.images.submits) == 3


async def test_an_answer_that_was_never_written_down_is_found_after_a_kill(world: World, grid: Message) -> None:
    with world.images.hold_requests("submit/"):
        pressed = await world.press(grid, "U1")
        await world.until(lambda: len(world.images.submits) == 2)
        full = no_room_to_write(world)
        full.__enter__()
    await world.private_answer(pressed)
    await world.kill_bot()
    assert outcomes(world) == ["taken", "unsettled"]
    await world.start_bot()
    assert captions(await world.result_of(pressed))
    assert len(world.images.submits) == 2


async def test_a_damaged_file_is_told_in_words_and_used_again_once_it_is_put_back(world: World, grid: Message) -> None:
    path = world.folder / "atelier.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    good = path.read_bytes()
    path.write_bytes(b"nonsense" * (len(good) // 8))
    wal = path.with_name("atelier.db-wal")
    wal.write_bytes(b"nonsense" * 1000)
    pressed = await world.press(grid, "U1")
    assert CANNOT_WRITE in await world.private_answer(pressed) or len(world.images.submits) == 2
    path.write_bytes(good)
    wal.write_bytes(b"")
    await world.until(lambda: world.bot.running)
    again = await world.result_of(await world.press(grid, "U2", by="bob"))
    assert captions(again)
