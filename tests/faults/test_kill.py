"""`kill -9` at every step of a press and at random moments: nothing is lost, nothing is sent twice.

The steps are reached from outside: by holding the database, the way to the image service, its answers, or Discord's.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

import pytest

from playground.discord import Interaction, Limits, Message
from playground.driver import Environment, Scenario
from playground.images import Pace
from tests.support.environments import MakeEnvironment
from tests.support.gate import Gate
from tests.support.journal import Written, nothing_can_be_written, written

# Three profiles, each with so many presses a kill: 3 × 12 × 8 = 288.
AT_ONCE = 8
RANDOM_KILLS = 3
# Steps at which nothing is written down yet.
UNWRITTEN_STEPS = 2
CALLBACK = r"/interactions/\d+/[^/]+/callback"
LOST_AFTER = 2.0
GRIDS = 3
PEOPLE = ("ada", "bob", "owner", "mod")
NOT_RUNNING_YET = ("queued", "submitting", "waiting", "pending")
BUTTONS = ("U1", "V1", "U2", "V2", "U3", "V3", "U4", "V4", "🔄")


@dataclass
class Play:
    """An environment whose bot is killed over and over while people press buttons."""

    env: Environment
    gate: Gate
    choices: Iterator[tuple[str, Message, str]]
    pressed: list[Interaction] = field(default_factory=list)

    async def press(self, count: int = AT_ONCE) -> list[Interaction]:
        """That many presses at the same moment, none of which was made before."""
        made = []
        for name, grid, caption in itertools.islice(self.choices, count):
            person = self.env.person(name)
            made.append(await person.press(grid, grid.button(caption)["custom_id"]))
        self.pressed += made
        return made

    def journal(self) -> dict[int, Written]:
        """What is written down."""
        return written(self.env.folder)

    def is_journalled(self, presses: list[Interaction]) -> bool:
        """Are all of them?"""
        known = self.journal()
        return all(press.id in known for press in presses)

    def has_room(self) -> bool:
        """Is nothing waiting at the service? Whoever has several tasks there has to wait with the next ones."""
        return not any(press.state in NOT_RUNNING_YET for press in self.journal().values())

    def received(self) -> int:
        """Submits that the image service has got."""
        return len(self.env.images.submits)

    async def kill_and_start(self) -> None:
        """What the test is about."""
        await self.env.kill_bot()
        self.env.discord.faults.clear()
        self.gate.open()
        await self.env.start_bot()


async def while_acknowledging_before_the_journal(play: Play) -> None:
    before = play.received()
    with nothing_can_be_written(play.env.folder), play.env.discord.hold(CALLBACK, method="POST") as hold:
        presses = await play.press()
        await play.env.until(lambda: hold.waiting >= AT_ONCE)
        await play.env.kill_bot()
    assert play.received() == before
    assert not any(press.id in play.journal() for press in presses)
    await play.kill_and_start()


async def while_acknowledging_after_the_journal(play: Play) -> None:
    await _acknowledging(play, "after")


async def before_the_acknowledgement_after_the_journal(play: Play) -> None:
    await _acknowledging(play, "before")


async def _acknowledging(play: Play, when: Literal["before", "after"]) -> None:
    """Nothing is sent, though all is written down, before the acknowledgement is answered."""
    before = play.received()
    with play.env.discord.hold(CALLBACK, method="POST", when=when) as hold:
        presses = await play.press()
        await play.env.until(lambda: play.is_journalled(presses) and hold.waiting >= AT_ONCE)
        await play.env.kill_bot()
        assert play.received() == before
    await play.kill_and_start()


async def before_the_journal(play: Play) -> None:
    with nothing_can_be_written(play.env.folder):
        presses = await play.press()
        for press in presses:
            await press.answered()
        before = play.received()
        await play.env.kill_bot()
    assert play.received() == before
    assert not any(press.id in play.journal() for press in presses)
    await play.kill_and_start()


async def after_the_journal(play: Play) -> None:
    play.gate.shut()
    presses = await play.press()
    await play.env.until(lambda: play.is_journalled(presses) and play.gate.held >= AT_ONCE)
    await play.kill_and_start()


async def before_the_answer(play: Play) -> None:
    before = play.received()
    with play.env.images.hold_requests("submit/"):
        await play.press()
        await play.env.until(lambda: play.received() == before + AT_ONCE)
        await play.kill_and_start()


async def before_the_record(play: Play) -> None:
    before = play.received()
    with play.env.images.hold_requests("submit/"):
        await play.press()
        await play.env.until(lambda: play.received() == before + AT_ONCE)
        holding = nothing_can_be_written(play.env.folder)
        holding.__enter__()
    try:
        sent = [request for request in play.env.images.requests if "submit/" in request.path]
        await play.env.until(lambda: all(request.status for request in sent))
        await play.env.kill_bot()
    finally:
        holding.__exit__(None, None, None)
    await play.kill_and_start()


async def before_the_message(play: Play) -> None:
    with play.env.discord.hold("/webhooks/", method="POST", when="before") as hold:
        presses = await play.press()
        await play.env.until(lambda: play.is_journalled(presses) and hold.waiting >= AT_ONCE)
        await play.kill_and_start()


async def before_the_record_of_the_message(play: Play) -> None:
    with play.env.discord.hold("/webhooks/", method="POST", when="after") as hold:
        presses = await play.press()
        await play.env.until(lambda: play.is_journalled(presses) and hold.waiting >= AT_ONCE)
        await play.kill_and_start()


async def at_a_random_moment(play: Play) -> None:
    chance = random.Random()  # noqa: S311 - chance, no secret
    await play.press()
    await asyncio.sleep(chance.uniform(0.0, 0.6))
    await play.kill_and_start()


STEPS: list[Callable[[Play], Awaitable[None]]] = [
    while_acknowledging_before_the_journal,
    while_acknowledging_after_the_journal,
    before_the_acknowledgement_after_the_journal,
    before_the_journal,
    after_the_journal,
    before_the_answer,
    before_the_record,
    before_the_message,
    before_the_record_of_the_message,
    *[at_a_random_moment] * RANDOM_KILLS,
]


@pytest.fixture
async def gate() -> AsyncIterator[Gate]:
    async with Gate() as gate:
        yield gate


@pytest.fixture
async def play(make_env: MakeEnvironment, gate: Gate, profile: str) -> Play:
    scenario = Scenario(
        profile=profile,
        pace=dataclasses.replace(Pace.quick(), side=64),
        limits=Limits.off(),
        # The pictures are where the service itself is, behind the gate.
        settings={
            "MJ_API_URL": gate.url,
            "LOST_AFTER": str(LOST_AFTER),
            "ALLOW_PRIVATE_IMAGE_HOSTS": "true",
        },
    )
    env = await make_env(scenario)
    gate.lead_to(env.images.base_url)
    engine = env.images.service.queue
    engine.slots, engine.queue_limit = 100, 1000
    asked = [await env.slash("imagine", {"prompt": f"boat {number}"}) for number in range(GRIDS)]
    grids = [await env.result_of(each) for each in asked]
    return Play(env, gate, iter([(who, grid, what) for grid in grids for what in BUTTONS for who in PEOPLE]))


def messages_about(play: Play, task_id: str) -> list[Message]:
    """The messages that everybody sees and that name the task."""
    return [
        message
        for message in play.env.discord.messages(play.env.studio)
        if f"`{task_id}`" in message.text and not message.ephemeral and not message.deleted
    ]


def is_told(play: Play, press: Written) -> bool:
    """Does one message, and no other, say what became of the press?"""
    shown = messages_about(play, press.task_id)
    if len(shown) != 1:
        return False
    if press.state == "success":
        return bool(shown[0].attachments and shown[0].buttons)
    return press.state == "lost" and "couldn't confirm" in shown[0].text


def untold(play: Play) -> list[str]:
    """What was journalled and has not come to its end in a message, in words for a failed test."""
    return [
        f"{press} shown in {[f'{message.id} {message.text}' for message in messages_about(play, press.task_id)]}"
        for press in play.journal().values()
        if not is_told(play, press)
    ]


@pytest.mark.parametrize("profile", ["plus", "trueai", "newapi"])
async def test_a_bot_killed_at_any_moment_loses_nothing_and_sends_nothing_twice(play: Play, profile: str) -> None:
    for step in STEPS:
        if step is not at_a_random_moment:  # those may come while the service is busy
            await play.env.until(play.has_room, timeout=30)
        await step(play)
    assert len(play.pressed) == len(STEPS) * AT_ONCE
    with suppress(TimeoutError):
        await play.env.until(lambda: not untold(play), timeout=20)
    assert untold(play) == []

    journal = play.journal()
    submits = Counter((submit.state, submit.endpoint) for submit in play.env.images.submits)
    assert all(count == 1 for count in submits.values())
    nonces = {press.nonce for press in journal.values()}
    assert {state for state, _ in submits} <= nonces
    # A press that was never written down was never sent either; whoever made it was shown nothing and presses again.
    known = [press for press in play.pressed if press.id in journal]
    assert len(known) >= len(play.pressed) - (UNWRITTEN_STEPS + RANDOM_KILLS) * AT_ONCE
    received = {state for state, _ in submits}
    lost = [press for press in journal.values() if press.state == "lost"]
    if profile == "newapi":
        assert lost  # it has no list: nobody can know
    else:
        assert all(press.nonce not in received for press in lost)
    assert {press.state for press in journal.values()} <= {"success", "lost"}
