"""What cannot be done is said privately, in words, and nothing is sent."""

from __future__ import annotations

import pytest

from playground.discord.options import OptionValue
from playground.discord.records import UploadedFile
from playground.driver import World

TEXT = UploadedFile("notes.txt", "text/plain", b"no picture")
LIAR = UploadedFile("liar.png", "image/png", b"no picture either")
HUGE = UploadedFile("huge.png", "image/png", b"\x89PNG" + b"\0" * (10 * 1024 * 1024))
BOOSTED = 50 * 1024 * 1024


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"prompt": "   "}, "blanks"),
        ({"prompt": "a fox", "image1": TEXT}, "notes.txt"),
        ({"prompt": "a fox", "image2": LIAR}, "liar.png"),
        ({"prompt": "a fox", "image1": HUGE}, "too large"),
    ],
    ids=["blanks", "text file", "no picture inside", "too large"],
)
async def test_bad_input_gets_a_private_answer_and_nothing_is_sent(
    world: World, options: dict[str, OptionValue], said: str
) -> None:
    world.discord.guild("Atelier").attachment_size_limit = BOOSTED
    asked = await world.slash("imagine", options)
    assert said in await world.private_answer(asked)
    await world.until(lambda: all(message.ephemeral or message.deleted for message in asked.messages))
    assert world.images.submits == []


async def test_a_refusal_of_the_service_is_told_to_the_presser_alone(world: World) -> None:
    asked = await world.slash("imagine", {"prompt": "a forbiddenword owl"})
    assert "forbiddenword" in await world.private_answer(asked)
    assert [message for message in asked.messages if not message.ephemeral and not message.deleted] == []


async def test_a_button_of_an_unknown_task_says_so_and_what_to_do(world: World) -> None:
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}))
    await world.stop_bot()
    for file in world.folder.glob("atelier.db*"):
        file.unlink()
    await world.start_bot()
    pressed = await world.press(grid, "U1")
    assert "/imagine" in await world.private_answer(pressed)
    assert len(world.images.submits) == 1


async def test_an_unknown_task_cannot_be_shown(world: World) -> None:
    asked = await world.slash("show", {"task": "nosuchtask"})
    assert "not known" in await world.private_answer(asked)
