"""What people attach does not stay on the disk for ever, and what is gone from there is not missed in silence."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from bot.__main__ import Exit
from playground.bot_process import BotProcess
from playground.discord import Interaction, Message, UploadedFile
from playground.discord.options import OptionValue
from playground.driver import Scene, World
from tests.support.picture_host import noise
from tests.support.pictures import png
from tests.support.worlds import MakeWorld, captions

SIDE = 900
NOT_STORED = "no longer stored"
NOBODY_KNOWS = "couldn't confirm"


def megabytes(world: World) -> float:
    return sum(each.stat().st_size for each in world.folder.glob("atelier.db*")) / 1e6


def inputs(world: World) -> int:
    with closing(sqlite3.connect(f"file:{world.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM inputs").fetchone()[0])


def remove_inputs(world: World) -> None:
    """As if the days for which they are kept had passed."""
    with closing(sqlite3.connect(world.folder / "atelier.db", timeout=10)) as connection:
        assert connection.execute("DELETE FROM inputs").rowcount
        connection.commit()


async def shows(world: World, interaction: Interaction, words: str) -> Message:
    return (
        await world.until(lambda: next((each for each in interaction.messages if words in each.text), None))
        or (interaction.messages[0])
    )


async def test_refused_pictures_do_not_fill_the_disk(world: World) -> None:
    picture = UploadedFile("noise.png", "image/png", noise(SIDE, SIDE))
    one_request = 4 * len(picture.data) / 1e6
    assert one_request > 9
    for _ in range(5):
        world.images.fail_next("submit/imagine", "code_24")
        options: dict[str, OptionValue] = {f"image{number}": picture for number in range(1, 5)}
        assert await world.private_answer(await world.slash("imagine", {"prompt": "a fox", **options}))
        assert inputs(world) == 0
    assert megabytes(world) < 3 * one_request


@pytest.mark.parametrize(("command", "names"), [("imagine", ("image1",)), ("blend", ("image1", "image2"))])
async def test_another_try_whose_pictures_are_gone_is_refused_and_nothing_is_sent(
    make_world: MakeWorld, command: str, names: tuple[str, ...]
) -> None:
    world = await make_world(Scene(profile="newapi", callbacks=False, settings={"LOST_AFTER": "0.5"}))
    world.images.fail_next(f"submit/{command}", "drop")
    pictures = {name: png(f"{name}.png") for name in names}
    asked = await world.slash(command, {**({"prompt": "a fox"} if command == "imagine" else {}), **pictures})
    lost = await shows(world, asked, NOBODY_KNOWS)
    assert captions(lost)[0] == "Try again"
    submits = len(world.images.submits)
    remove_inputs(world)
    assert NOT_STORED in await world.private_answer(await world.press(lost, "Try again", by="bob"))
    assert len(world.images.submits) == submits


async def test_another_try_sends_the_pictures_as_long_as_they_are_kept(make_world: MakeWorld) -> None:
    world = await make_world(Scene(profile="newapi", callbacks=False, settings={"LOST_AFTER": "0.5"}))
    world.images.fail_next("submit/imagine", "drop")
    asked = await world.slash("imagine", {"prompt": "a fox", "image1": png("fox.png")})
    lost = await shows(world, asked, NOBODY_KNOWS)
    await world.result_of(await world.press(lost, "Try again"))
    assert len(world.images.submits[-1].body["base64Array"]) == 1
    assert inputs(world) == 1  # those of the lost task, for some days


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


async def test_what_the_bot_writes_is_for_its_user_alone_and_a_second_bot_is_turned_away(world: World) -> None:
    await world.stop_bot()
    settings = world.settings()
    (world.folder / "link").symlink_to(world.folder / "new")
    with umask(0):
        bot, second = [
            BotProcess({**settings, "DATABASE_URL": f"sqlite:///{world.folder}/{name}/atelier.db"}, world.folder)
            for name in ("new", "link")
        ]
        await bot.start()
        await world.discord.bot_ready(30)
        assert {each.stat().st_mode & 0o777 for each in (world.folder / "new").iterdir()} == {0o600}
        assert (world.folder / "new").stat().st_mode & 0o777 == 0o700
        await second.start()
        try:
            assert await second.wait(30) == Exit.SECOND_INSTANCE
            assert bot.running
        finally:
            await second.kill()
            await bot.stop()
