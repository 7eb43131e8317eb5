"""Faults of the image service: one submit a press, an answer in words whatever happens, and a bot that lives on."""

from __future__ import annotations

import dataclasses

import pytest

from playground.discord import Limits, Message
from playground.driver import Scene, World, is_finished, public_messages
from playground.images.faults import FRAMINGS, Fault
from playground.images.pace import Pace
from tests.support.journal import written
from tests.support.worlds import MakeWorld, captions

BUTTONS = ("U1", "V1", "U2", "V2", "U3", "V3", "U4", "V4", "🔄")
PEOPLE = ("ada", "bob")
# A timeout lasts as long as the bot waits for a submit, which is proved at the border itself; what is not routed is
# not asked for again (tests/e2e/test_endpoints.py), what comes too soon is (tests/e2e/test_unready_parents.py), and
# answers that are spoilt on their way are read (tests/e2e/test_http_bodies.py).
BEFORE = [fault for fault in Fault if fault not in {Fault.TIMEOUT, Fault.NOT_ROUTED, Fault.UNREADY, *FRAMINGS}]
AFTER = [fault for fault in BEFORE if not fault.startswith("code_") and fault is not Fault.LIMIT]
READS = [Fault.HTTP_500, Fault.HTML_502, Fault.DROP, Fault.GARBAGE, Fault.EMPTY, Fault.WRONG_TYPES, Fault.RATE_LIMITED]
QUICK = {"LOST_AFTER": "1"}


def says_something(message: Message) -> bool:
    """Does a message show a picture, or say more than what was asked for?"""
    more = [line for line in message.text.splitlines()[1:] if line and not line.startswith("-#")]
    return bool(message.attachments or more or (message.ephemeral and message.text))


async def grid_in(world: World) -> Message:
    return await world.result_of(await world.slash("imagine", {"prompt": "a paper boat"}))


@pytest.mark.parametrize("profile", ["plus", "newapi"])
@pytest.mark.parametrize("accepted", [False, True])
async def test_whatever_a_submit_is_answered_it_was_sent_once_and_the_presser_hears_of_it(
    make_world: MakeWorld, profile: str, accepted: bool
) -> None:
    pace = dataclasses.replace(Pace.quick(), side=64)
    world = await make_world(Scene(profile=profile, pace=pace, limits=Limits.off(), settings=QUICK))
    world.images.service.queue.slots, world.images.service.queue.queue_limit = 50, 200
    grid = await grid_in(world)
    choices = [(who, what) for what in BUTTONS for who in PEOPLE]
    presses = {}
    for (who, what), fault in zip(choices, AFTER if accepted else BEFORE, strict=False):
        sent = len(world.images.submits)
        world.images.fail_next("submit/", fault, accepted=accepted, seconds=0.2)
        presses[fault] = await world.press(grid, what, by=who)
        await world.until(lambda sent=sent: len(world.images.submits) > sent)  # type: ignore[misc] # bound at once

    def told() -> bool:
        return all(
            any(message.ephemeral for message in press.messages)
            or any(is_finished(message) for message in public_messages(press))
            for press in presses.values()
        )

    await world.until(told)
    for fault, press in presses.items():
        assert all(says_something(message) for message in press.messages), fault
        assert not any("in this bot" in message.text for message in press.messages), fault
    states = [submit.state for submit in world.images.submits]
    assert len(states) == len(set(states)) == len(presses) + 1
    assert {press.outcome for press in written(world.folder).values()} <= {"taken", "refused", "lost"}
    assert captions(await world.result_of(await world.press(grid, "V4", by="mod")))


@pytest.mark.parametrize("profile", ["plus", "newapi"])
async def test_a_task_ends_well_though_every_question_about_it_fails_at_first(
    make_world: MakeWorld, profile: str
) -> None:
    pace = dataclasses.replace(Pace.quick(), side=64)
    world = await make_world(Scene(profile=profile, pace=pace, callbacks=False, poll_interval=0.05))
    for fault in READS:
        world.images.fail_next("task/", fault, retry_after=0.1)
    grid = await grid_in(world)
    assert captions(grid)
    assert len(world.images.submits) == 1


async def test_a_window_whose_confirmation_is_answered_badly_is_confirmed_once(make_world: MakeWorld) -> None:
    world = await make_world(Scene(remix=True, limits=Limits.off(), settings=QUICK))
    grid = await grid_in(world)
    faults = [Fault.HTTP_500, Fault.DROP, Fault.GARBAGE, Fault.HTML_502]
    presses = []
    for what, fault in zip(("V1", "V2", "V3", "V4"), faults, strict=True):
        sent = len(world.images.submits)
        world.images.fail_next("submit/modal", fault, accepted=True)
        presses.append(await world.press(grid, what))
        await world.until(lambda sent=sent: len(world.images.submits) == sent + 2)  # type: ignore[misc] # as above
    for press in presses:
        assert captions(await world.result_of(press))
    windows = [submit.body.get("taskId") for submit in world.images.submits if submit.endpoint == "submit/modal"]
    assert len(windows) == len(set(windows)) == len(faults)
