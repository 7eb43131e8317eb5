"""Faults of the image service: one submit a press, an answer in words whatever happens, and a bot that lives on."""

from __future__ import annotations

import dataclasses

import pytest

from playground.discord import Limits, Message
from playground.driver import Environment, Scenario, is_finished, public_messages
from playground.images import Pace
from playground.images.faults import Fault
from tests.support.environments import MakeEnvironment, captions
from tests.support.journal import written

BUTTONS = ("U1", "V1", "U2", "V2", "U3", "V3", "U4", "V4", "🔄")
PEOPLE = ("ada", "bob")
# A timeout lasts as long as the bot waits for a submit, which is proved at the border itself; what is not routed is
# not asked for again (tests/e2e/test_endpoints.py), what comes too soon is (tests/e2e/test_unready_parents.py), and
# answers that are spoilt on their way are read (tests/e2e/test_http_bodies.py).
BEFORE = [fault for fault in Fault if fault not in {Fault.TIMEOUT, Fault.NOT_ROUTED, Fault.UNREADY}]
AFTER = [fault for fault in BEFORE if not fault.startswith("code_") and fault is not Fault.LIMIT]
READS = [Fault.HTTP_500, Fault.HTML_502, Fault.DROP, Fault.GARBAGE, Fault.EMPTY, Fault.WRONG_TYPES, Fault.RATE_LIMITED]
QUICK = {"LOST_AFTER": "1"}


def says_something(message: Message) -> bool:
    """Does a message show a picture, or say more than what was asked for?"""
    more = [line for line in message.text.splitlines()[1:] if line and not line.startswith("-#")]
    return bool(message.attachments or more or (message.ephemeral and message.text))


async def grid_in(env: Environment) -> Message:
    return await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))


@pytest.mark.parametrize("profile", ["plus", "newapi"])
@pytest.mark.parametrize("accepted", [False, True])
async def test_whatever_a_submit_is_answered_it_was_sent_once_and_the_presser_hears_of_it(
    make_env: MakeEnvironment, profile: str, accepted: bool
) -> None:
    pace = dataclasses.replace(Pace.quick(), side=64)
    env = await make_env(Scenario(profile=profile, pace=pace, limits=Limits.off(), settings=QUICK))
    env.images.service.queue.slots, env.images.service.queue.queue_limit = 50, 200
    grid = await grid_in(env)
    choices = [(who, what) for what in BUTTONS for who in PEOPLE]
    presses = {}
    for (who, what), fault in zip(choices, AFTER if accepted else BEFORE, strict=False):
        sent = len(env.images.submits)
        env.images.fail_next("submit/", fault, accepted=accepted, seconds=0.2)
        presses[fault] = await env.press(grid, what, by=who)
        await env.until(lambda sent=sent: len(env.images.submits) > sent)  # type: ignore[misc] # bound at once

    def told() -> bool:
        return all(
            any(message.ephemeral for message in press.messages)
            or any(is_finished(message) for message in public_messages(press))
            for press in presses.values()
        )

    await env.until(told)
    for fault, press in presses.items():
        assert all(says_something(message) for message in press.messages), fault
        assert not any("went wrong in the bot" in message.text for message in press.messages), fault
    states = [submit.state for submit in env.images.submits]
    assert len(states) == len(set(states)) == len(presses) + 1
    assert {press.outcome for press in written(env.folder).values()} <= {"taken", "refused", "lost"}
    assert captions(await env.result_of(await env.press(grid, "V4", by="mod")))


@pytest.mark.parametrize("profile", ["plus", "newapi"])
async def test_a_task_ends_well_though_every_question_about_it_fails_at_first(
    make_env: MakeEnvironment, profile: str
) -> None:
    pace = dataclasses.replace(Pace.quick(), side=64)
    env = await make_env(Scenario(profile=profile, pace=pace, callbacks=False, poll_interval=0.05))
    for fault in READS:
        env.images.fail_next("task/", fault, retry_after=0.1)
    grid = await grid_in(env)
    assert captions(grid)
    assert len(env.images.submits) == 1


async def test_a_window_whose_confirmation_is_answered_badly_is_confirmed_once(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(remix=True, limits=Limits.off(), settings=QUICK))
    grid = await grid_in(env)
    faults = [Fault.HTTP_500, Fault.DROP, Fault.GARBAGE, Fault.HTML_502]
    presses = []
    for what, fault in zip(("V1", "V2", "V3", "V4"), faults, strict=True):
        sent = len(env.images.submits)
        env.images.fail_next("submit/modal", fault, accepted=True)
        presses.append(await env.press(grid, what))
        await env.until(lambda sent=sent: len(env.images.submits) == sent + 2)  # type: ignore[misc] # as above
    for press in presses:
        assert captions(await env.result_of(press))
    modals = [submit.body.get("taskId") for submit in env.images.submits if submit.endpoint == "submit/modal"]
    assert len(modals) == len(set(modals)) == len(faults)
