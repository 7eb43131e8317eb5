"""What people attach does not stay on the disk for ever, and what is gone from there is not missed in silence."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from bot.__main__ import Exit
from playground.bot_process import BotProcess
from playground.discord import Interaction, Message, OptionValue, UploadedFile
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, captions
from tests.support.picture_host import noise
from tests.support.pictures import png

SIDE = 900
NOT_STORED = "no longer stored"
NOBODY_KNOWS = "couldn't confirm"


def megabytes(env: Environment) -> float:
    return sum(each.stat().st_size for each in env.folder.glob("atelier.db*")) / 1e6


def inputs(env: Environment) -> int:
    with closing(sqlite3.connect(f"file:{env.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM inputs").fetchone()[0])


def remove_inputs(env: Environment) -> None:
    """As if the days for which they are kept had passed."""
    with closing(sqlite3.connect(env.folder / "atelier.db", timeout=10)) as connection:
        assert connection.execute("DELETE FROM inputs").rowcount
        connection.commit()


async def shows(env: Environment, interaction: Interaction, words: str) -> Message:
    return (
        await env.until(lambda: next((each for each in interaction.messages if words in each.text), None))
        or (interaction.messages[0])
    )


async def test_refused_pictures_do_not_fill_the_disk(env: Environment) -> None:
    picture = UploadedFile("noise.png", "image/png", noise(SIDE, SIDE))
    one_request = 4 * len(picture.data) / 1e6
    assert one_request > 9
    for _ in range(5):
        env.images.fail_next("submit/imagine", "code_24")
        options: dict[str, OptionValue] = {f"image{number}": picture for number in range(1, 5)}
        assert await env.private_answer(await env.slash("imagine", {"prompt": "a fox", **options}))
        assert inputs(env) == 0
    assert megabytes(env) < 3 * one_request


@pytest.mark.parametrize(("command", "names"), [("imagine", ("image1",)), ("blend", ("image1", "image2"))])
async def test_another_try_whose_pictures_are_gone_is_refused_and_nothing_is_sent(
    make_env: MakeEnvironment, command: str, names: tuple[str, ...]
) -> None:
    env = await make_env(Scenario(profile="newapi", callbacks=False, settings={"LOST_AFTER": "0.5"}))
    env.images.fail_next(f"submit/{command}", "drop")
    pictures = {name: png(f"{name}.png") for name in names}
    asked = await env.slash(command, {**({"prompt": "a fox"} if command == "imagine" else {}), **pictures})
    lost = await shows(env, asked, NOBODY_KNOWS)
    assert captions(lost)[0] == "Try again"
    submits = len(env.images.submits)
    remove_inputs(env)
    assert NOT_STORED in await env.private_answer(await env.press(lost, "Try again", by="bob"))
    assert len(env.images.submits) == submits


async def test_another_try_sends_the_pictures_as_long_as_they_are_kept(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="newapi", callbacks=False, settings={"LOST_AFTER": "0.5"}))
    env.images.fail_next("submit/imagine", "drop")
    asked = await env.slash("imagine", {"prompt": "a fox", "image1": png("fox.png")})
    lost = await shows(env, asked, NOBODY_KNOWS)
    await env.result_of(await env.press(lost, "Try again"))
    assert len(env.images.submits[-1].body["base64Array"]) == 1
    assert inputs(env) == 1  # those of the lost task, for some days


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


async def test_what_the_bot_writes_is_for_its_user_alone_and_a_second_bot_is_turned_away(env: Environment) -> None:
    await env.stop_bot()
    settings = env.settings()
    (env.folder / "link").symlink_to(env.folder / "new")
    with umask(0):
        bot, second = [
            BotProcess({**settings, "DATABASE_URL": f"sqlite:///{env.folder}/{name}/atelier.db"}, env.folder)
            for name in ("new", "link")
        ]
        await bot.start()
        await env.discord.bot_ready(30)
        assert {each.stat().st_mode & 0o777 for each in (env.folder / "new").iterdir()} == {0o600}
        assert (env.folder / "new").stat().st_mode & 0o777 == 0o700
        await second.start()
        try:
            assert await second.wait(30) == Exit.SECOND_INSTANCE
            assert bot.running
        finally:
            await second.kill()
            await bot.stop()
