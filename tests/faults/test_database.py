"""Trouble with the database while the bot runs: told in words, nothing lost, nothing sent twice, over by itself."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from playground.discord import Message
from playground.driver import Environment
from tests.support.environments import captions

CANNOT_WRITE = "can't save data right now"


@contextmanager
def no_room_to_write(env: Environment) -> Iterator[None]:
    """No file of the bot's may grow, as on a full disk; pipes are none."""
    before = resource.prlimit(env.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(env.bot.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(env.bot.pid, resource.RLIMIT_FSIZE, before)


def outcomes(env: Environment) -> list[str]:
    """What the journal says of all presses, oldest first."""
    with closing(sqlite3.connect(f"file:{env.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute("SELECT outcome FROM presses ORDER BY created_at")]


@pytest.fixture
async def grid(env: Environment) -> Message:
    return await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))


async def test_on_a_full_disk_presses_and_commands_are_refused_in_words_until_there_is_room(
    env: Environment, grid: Message
) -> None:
    with no_room_to_write(env):
        pressed = await env.press(grid, "U1")
        asked = await env.slash("imagine", {"prompt": "a brass owl"})
        for interaction in (pressed, asked):
            assert CANNOT_WRITE in await env.private_answer(interaction)
        assert not [message for message in asked.messages if not message.ephemeral and not message.deleted]
    assert len(env.images.submits) == 1
    again = await env.result_of(await env.press(grid, "U1", by="bob"))
    assert captions(again)
    assert len(env.images.submits) == 2


async def test_an_answer_that_cannot_be_written_down_is_written_when_there_is_room_again(
    env: Environment, grid: Message
) -> None:
    with env.images.hold_requests("submit/"):
        pressed = await env.press(grid, "U1")
        asked = await env.slash("imagine", {"prompt": "a brass owl"})
        await env.until(lambda: len(env.images.submits) == 3)
        full = no_room_to_write(env)
        full.__enter__()
    try:
        assert "accepted this" in await env.private_answer(pressed)
        await env.until(lambda: "accepted this" in asked.messages[0].text)
    finally:
        full.__exit__(None, None, None)
    assert captions(await env.result_of(pressed))
    assert captions(await env.result_of(asked))
    assert outcomes(env) == ["taken"] * 3
    assert len(env.images.submits) == 3


async def test_an_answer_that_was_never_written_down_is_found_after_a_kill(env: Environment, grid: Message) -> None:
    with env.images.hold_requests("submit/"):
        pressed = await env.press(grid, "U1")
        await env.until(lambda: len(env.images.submits) == 2)
        full = no_room_to_write(env)
        full.__enter__()
    await env.private_answer(pressed)
    await env.kill_bot()
    assert outcomes(env) == ["taken", "unsettled"]
    await env.start_bot()
    assert captions(await env.result_of(pressed))
    assert len(env.images.submits) == 2


async def test_a_damaged_file_is_told_in_words_and_used_again_once_it_is_put_back(
    env: Environment, grid: Message
) -> None:
    path = env.folder / "atelier.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    good = path.read_bytes()
    path.write_bytes(b"nonsense" * (len(good) // 8))
    wal = path.with_name("atelier.db-wal")
    wal.write_bytes(b"nonsense" * 1000)
    pressed = await env.press(grid, "U1")
    assert CANNOT_WRITE in await env.private_answer(pressed) or len(env.images.submits) == 2
    path.write_bytes(good)
    wal.write_bytes(b"")
    await env.until(lambda: env.bot.running)
    again = await env.result_of(await env.press(grid, "U2", by="bob"))
    assert captions(again)
