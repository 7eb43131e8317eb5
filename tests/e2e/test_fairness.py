"""Many requests of one person: they wait in the bot, visibly, and other people's do not wait for them."""

from __future__ import annotations

import dataclasses

import pytest

from bot.tasks.fair_queue import PER_PERSON
from playground.discord import Interaction, Limits, Message
from playground.driver import Environment, Scenario, public_messages
from playground.images import Pace
from tests.support.environments import MakeEnvironment, captions, colours, task_id_of
from tests.support.pictures import png

WAITS = "In the bot's queue"


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    scenario = Scenario(pace=dataclasses.replace(Pace.quick(), side=64), limits=Limits.off())
    env = await make_env(scenario)
    env.images.service.queue.queue_limit = 1_000
    return env


async def ask(env: Environment, count: int, *, by: str = "ada") -> list[Interaction]:
    return [await env.slash("imagine", {"prompt": f"{by} {number}"}, by=by) for number in range(count)]


async def fill(env: Environment) -> None:
    """As many requests of ada as may wait at the service are there."""
    before = len(env.images.submits)
    await ask(env, PER_PERSON)
    await env.until(lambda: len(env.images.submits) == before + PER_PERSON)


async def shown(env: Environment, interaction: Interaction, words: str) -> Message:
    """The message of an interaction, once it says this."""
    found = await env.until(lambda: [each for each in public_messages(interaction) if words in each.text])
    return found[0]


async def test_somebody_elses_picture_does_not_wait_for_a_hundred_of_one_person(env: Environment) -> None:
    env.images.hold()
    flood = await ask(env, 100)
    asked = await env.slash("imagine", {"prompt": "an owl"}, by="bob")
    # It is sent at once, behind the few of the flood that may wait at the service.
    await env.until(lambda: len(env.images.submits) == PER_PERSON + 1)
    assert env.images.submits[-1].body["prompt"] == "an owl"
    env.images.release()
    await env.result_of(asked)
    # And it is there when most of the flood has not even been sent.
    assert len(env.images.submits) < 50
    await env.result_of(flood[-1], 60)
    assert len(env.images.submits) == 101


async def test_a_request_that_waits_says_its_place_counts_down_and_becomes_its_picture(env: Environment) -> None:
    env.images.hold()
    *_, first, second = await ask(env, PER_PERSON + 2)
    message = await shown(env, second, "**1** of yours ahead")
    assert captions(message) == ["Cancel"]
    await shown(env, first, "your next one")
    sent = [interaction for interaction in env.discord.interactions if interaction not in (first, second)]
    assert len(env.images.submits) == PER_PERSON
    await env.press(await shown(env, sent[0], "for <@"), "Cancel")
    await env.until(lambda: len(env.images.tasks) == PER_PERSON + 1)
    assert await shown(env, second, "your next one") is message
    env.images.release()
    assert await env.result_of(second) is message


async def test_what_waits_is_listed_as_waiting(env: Environment) -> None:
    env.images.hold()
    asked = await ask(env, PER_PERSON + 1)
    await shown(env, asked[-1], WAITS)
    for sent in asked[:-1]:
        await shown(env, sent, "for <@")  # its card is there once the service has accepted it
    for command, words in (("queue", f"**{PER_PERSON + 1}** waiting"), ("tasks", "in the bot's queue")):
        assert words in await env.private_answer(await env.slash(command))
    assert "Yours is in the bot's queue" not in await env.private_answer(await env.slash("queue", by="bob"))


async def test_its_asker_or_a_moderator_stops_what_waits_and_it_is_never_sent(env: Environment) -> None:
    env.images.hold()
    *sent, first, second, third = await ask(env, PER_PERSON + 3)
    messages = [await shown(env, each, WAITS) for each in (first, second, third)]
    assert "Only the person who started this" in await env.private_answer(
        await env.press(messages[0], "Cancel", by="bob")
    )
    await env.press(messages[0], "Cancel")
    await shown(env, first, "Canceled")
    await env.press(messages[1], "Cancel", by="mod")
    await shown(env, second, "Canceled")
    asked = await env.slash("cancel", {"task": task_id_of(messages[2])})
    assert "Canceled" in await env.private_answer(asked)
    env.images.release()
    for each in sent:
        await env.result_of(each)
    assert len(env.images.submits) == PER_PERSON
    assert captions(messages[0]) == ["Try again", "Edit prompt"]
    await env.result_of(await env.press(messages[0], "Try again"))
    assert [submit.body["prompt"] for submit in env.images.submits[PER_PERSON:]] == [f"ada {PER_PERSON}"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("code_24", "doesn't allow the word “forbiddenword”"),
        ("code_23", "queue is full"),
        ("limit", "one of its limits"),
        ("http_500", "couldn't confirm"),
    ],
)
async def test_what_goes_wrong_later_is_said_on_the_card(make_env: MakeEnvironment, fault: str, words: str) -> None:
    env = await make_env(Scenario(profile="newapi", limits=Limits.off(), settings={"LOST_AFTER": "0.5"}))
    env.images.hold()
    await ask(env, PER_PERSON)
    wrong = await env.slash("imagine", {"prompt": "a boat", "image1": png("sea.png")})
    fine = await env.slash("imagine", {"prompt": "an owl"})
    messages = [await shown(env, each, WAITS) for each in (wrong, fine)]
    env.images.fail_next("submit/imagine", fault)
    env.images.release()
    assert await shown(env, wrong, words) is messages[0]
    assert captions(messages[0]) == ["Try again", "Edit prompt"]
    assert await env.result_of(fine) is messages[1]
    assert (await env.result_of(await env.press(messages[0], "Try again"))).attachments
    assert env.images.submits[-1].body["base64Array"]


async def test_a_buttons_press_waits_too_and_marks_its_button(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a boat"}))
    env.images.hold()
    await fill(env)
    pressed = await env.press(grid, "U2")
    await shown(env, pressed, WAITS)
    await env.until(lambda: colours(grid)["U2"] == 1)
    env.images.release()
    assert (await env.result_of(pressed)).attachments
    assert colours(grid)["U2"] == 1
    assert grid.button("U1")["style"] == 2


async def test_a_double_click_that_waits_is_one_request(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a boat"}))
    env.images.hold()
    await fill(env)
    first, second = await env.press(grid, "V1"), await env.press(grid, "V1")
    await shown(env, first, WAITS)
    env.images.release()
    await env.result_of(first)
    assert not public_messages(second)
    assert len(env.images.submits) == PER_PERSON + 2
