"""Many requests of one person: they wait in the bot, visibly, and other people's do not wait for them."""

from __future__ import annotations

import dataclasses

import pytest

from bot.tasks.fair_queue import PER_PERSON
from playground.discord import Interaction, Limits, Message
from playground.driver import Scene, World, public_messages
from playground.images.pace import Pace
from tests.support.pictures import png
from tests.support.worlds import MakeWorld, captions, colours, task_id_of

WAITS = "In this bot's queue"


@pytest.fixture
async def world(make_world: MakeWorld) -> World:
    scene = Scene(pace=dataclasses.replace(Pace.quick(), side=64), limits=Limits.off())
    world = await make_world(scene)
    world.images.service.queue.queue_limit = 1_000
    return world


async def ask(world: World, count: int, *, by: str = "ada") -> list[Interaction]:
    return [await world.slash("imagine", {"prompt": f"{by} {number}"}, by=by) for number in range(count)]


async def shown(world: World, interaction: Interaction, words: str) -> Message:
    """The message of an interaction, once it says this."""
    found = await world.until(lambda: [each for each in public_messages(interaction) if words in each.text])
    return found[0]


async def test_somebody_elses_picture_does_not_wait_for_a_hundred_of_one_person(world: World) -> None:
    world.images.hold()
    flood = await ask(world, 100)
    asked = await world.slash("imagine", {"prompt": "an owl"}, by="bob")
    # It is sent at once, behind the few of the flood that may wait at the service.
    await world.until(lambda: len(world.images.submits) == PER_PERSON + 1)
    assert world.images.submits[-1].body["prompt"] == "an owl"
    world.images.release()
    await world.result_of(asked)
    # And it is there when most of the flood has not even been sent.
    assert len(world.images.submits) < 50
    await world.result_of(flood[-1], 60)
    assert len(world.images.submits) == 101


async def test_a_request_that_waits_says_its_place_counts_down_and_becomes_its_picture(world: World) -> None:
    world.images.hold()
    *_, first, second = await ask(world, PER_PERSON + 2)
    message = await shown(world, second, "**1** of yours ahead")
    assert captions(message) == ["Cancel"]
    await shown(world, first, "next of yours")
    sent = [interaction for interaction in world.discord.interactions if interaction not in (first, second)]
    assert len(world.images.submits) == PER_PERSON
    await world.press(await shown(world, sent[0], "asked"), "Cancel")
    await world.until(lambda: len(world.images.tasks) == PER_PERSON + 1)
    assert await shown(world, second, "next of yours") is message
    world.images.release()
    assert await world.result_of(second) is message


async def test_what_waits_is_listed_as_waiting(world: World) -> None:
    world.images.hold()
    asked = await ask(world, PER_PERSON + 1)
    await shown(world, asked[-1], WAITS)
    for command, words in (("queue", f"**{PER_PERSON + 1}** waiting"), ("tasks", "waiting in this bot's queue")):
        assert words in await world.private_answer(await world.slash(command))
    assert "waits in this bot's queue" not in await world.private_answer(await world.slash("queue", by="bob"))


async def test_its_asker_or_a_moderator_stops_what_waits_and_it_is_never_sent(world: World) -> None:
    world.images.hold()
    *sent, first, second, third = await ask(world, PER_PERSON + 3)
    messages = [await shown(world, each, WAITS) for each in (first, second, third)]
    assert "Only whoever asked" in await world.private_answer(await world.press(messages[0], "Cancel", by="bob"))
    await world.press(messages[0], "Cancel")
    await shown(world, first, "Cancelled")
    await world.press(messages[1], "Cancel", by="mod")
    await shown(world, second, "Cancelled")
    asked = await world.slash("cancel", {"task": task_id_of(messages[2])})
    assert "Stopped" in await world.private_answer(asked)
    world.images.release()
    for each in sent:
        await world.result_of(each)
    assert len(world.images.submits) == PER_PERSON
    assert captions(messages[0]) == ["Try again", "Edit prompt"]
    await world.result_of(await world.press(messages[0], "Try again"))
    assert [submit.body["prompt"] for submit in world.images.submits[PER_PERSON:]] == [f"ada {PER_PERSON}"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("code_24", "bans the word “forbiddenword”"),
        ("code_23", "queue is full"),
        ("limit", "limit of its own"),
        ("http_500", "Nobody knows"),
    ],
)
async def test_what_goes_wrong_later_is_said_on_the_card(make_world: MakeWorld, fault: str, words: str) -> None:
    world = await make_world(Scene(profile="newapi", limits=Limits.off(), settings={"LOST_AFTER": "0.5"}))
    world.images.hold()
    await ask(world, PER_PERSON)
    wrong = await world.slash("imagine", {"prompt": "a boat", "image1": png("sea.png")})
    fine = await world.slash("imagine", {"prompt": "an owl"})
    messages = [await shown(world, each, WAITS) for each in (wrong, fine)]
    world.images.fail_next("submit/imagine", fault)
    world.images.release()
    assert await shown(world, wrong, words) is messages[0]
    assert captions(messages[0]) == ["Try again", "Edit prompt"]
    assert await world.result_of(fine) is messages[1]
    assert (await world.result_of(await world.press(messages[0], "Try again"))).attachments
    assert world.images.submits[-1].body["base64Array"]


async def test_a_buttons_press_waits_too_and_marks_its_button(world: World) -> None:
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a boat"}))
    world.images.hold()
    await ask(world, PER_PERSON)
    pressed = await world.press(grid, "U2")
    await shown(world, pressed, WAITS)
    await world.until(lambda: colours(grid)["U2"] == 1)
    world.images.release()
    assert (await world.result_of(pressed)).attachments
    assert colours(grid)["U2"] == 1
    assert grid.button("U1")["style"] == 2


async def test_a_double_click_that_waits_is_one_request(world: World) -> None:
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a boat"}))
    world.images.hold()
    await ask(world, PER_PERSON)
    first, second = await world.press(grid, "V1"), await world.press(grid, "V1")
    await shown(world, first, WAITS)
    world.images.release()
    await world.result_of(first)
    assert not public_messages(second)
    assert len(world.images.submits) == PER_PERSON + 2
