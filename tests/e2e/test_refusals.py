"""What cannot be done is said privately, in words, and nothing is sent."""

from __future__ import annotations

import pytest

from playground.discord.options import OptionValue
from playground.discord.records import UploadedFile
from playground.driver import Scene, World, public_messages
from playground.ports import HOST, held_port
from tests.support.panels import panel_of
from tests.support.worlds import MakeWorld, captions

TEXT = UploadedFile("notes.txt", "text/plain", b"no picture")
LIAR = UploadedFile("liar.png", "image/png", b"no picture either")
HUGE = UploadedFile("huge.png", "image/png", b"\x89PNG" + b"\0" * (32 * 1024 * 1024))
SLOTS_AND_PLACES = 3 + 10
BOOSTED = 50 * 1024 * 1024


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"prompt": "   "}, "Your prompt is empty"),
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
    assert "can't find that task" in await world.private_answer(asked)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("code_24", "doesn't allow"),
        ("code_23", "queue is full"),
        ("code_9", "failed"),
        ("code_3", "no account available"),
        ("code_4", "rejected this"),
        ("limit", "limit"),
        ("rate_limited", "overloaded"),
    ],
)
async def test_each_refusal_of_the_service_is_told_in_words_to_the_presser_alone(
    world: World, fault: str, said: str
) -> None:
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}))
    world.images.fail_next("submit/action", fault)
    pressed = await world.press(grid, "U1", by="bob")
    answer = await world.private_answer(pressed)
    assert said in answer
    assert len([word for word in ("try", "Try", "Change", "Check") if word in answer]) > 0
    assert public_messages(pressed) == []
    # The button still works.
    await world.result_of(await world.press(grid, "U1", by="bob"))


@pytest.mark.parametrize("profile", ["trueai", "plus"])
async def test_a_full_queue_is_said_so_by_whatever_code_it_comes(make_world: MakeWorld, profile: str) -> None:
    world = await make_world(Scene(profile=profile))
    world.images.hold()
    # No one person fills the service's queue: the bot holds back what they ask beyond a few.
    people = ("ada", "bob", "owner", "mod")
    for number in range(SLOTS_AND_PLACES):
        await world.slash("imagine", {"prompt": f"fox {number}"}, by=people[number % len(people)])
    await world.until(lambda: len(world.images.tasks) == SLOTS_AND_PLACES)
    asked = await world.slash("imagine", {"prompt": "one fox too many"}, by="mod")
    assert "queue is full" in await world.private_answer(asked)


async def test_a_picture_that_the_service_has_forgotten_is_said_to_be_unknown(world: World) -> None:
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}))
    world.images.tasks.clear()
    assert "no longer has this image" in await world.private_answer(await world.press(grid, "U1"))


async def test_a_wrong_key_is_told_to_the_presser_and_logged_once(make_world: MakeWorld) -> None:
    world = await make_world(Scene(settings={"MJ_API_KEY": "not-the-key"}))
    for number in range(3):
        asked = await world.slash("imagine", {"prompt": f"a fox {number}"})
        assert "doesn't accept the bot's key" in await world.private_answer(asked)
    logged = [line for line in world.bot.lines if "ERROR" in line and "key" in line]
    assert len(logged) == 1
    assert "not-the-key" not in "\n".join(world.bot.lines)


async def test_a_service_that_is_down_is_told_and_logged_once_and_over_when_it_is_back(make_world: MakeWorld) -> None:
    with held_port() as nobody_listens:
        world = await make_world(Scene(settings={"MJ_API_URL": f"http://{HOST}:{nobody_listens}"}))
        for number in range(2):
            refused = await panel_of(world, await world.slash("imagine", {"prompt": f"a fox {number}"}))
            assert "can't be reached" in refused.text
            assert f"a fox {number}" in refused.text
            assert "Edit and send again" in captions(refused)
    assert len([line for line in world.bot.lines if "the image service is unavailable" in line]) == 1


async def test_a_button_that_the_service_turns_out_not_to_take_says_so_and_goes(make_world: MakeWorld) -> None:
    world = await make_world(Scene(settings={"MJ_PROFILE": "unknown"}))
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}))
    single = await world.result_of(await world.press(grid, "U1"))
    assert "doesn't support this button" in await world.private_answer(await world.press(single, "❤️"))
    await world.until(lambda: "Favorite" not in captions(single))
    info = await panel_of(world, await world.person("ada").context_menu(single, "Task info"))
    assert "Derived images" not in info.text
