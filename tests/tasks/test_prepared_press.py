"""A press is prepared while it is journaled and acknowledged, and sent just as it was journaled, after both."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from bot.engines.midjourney.profiles import Quirk
from bot.engines.models import Feature
from bot.engines.registry import digest
from bot.tasks.errors import UserError
from bot.tasks.policy import InteractionContext
from bot.tasks.results import Accepted, Duplicate, NotAcknowledged, SubmitResult
from storage import Task, TaskState
from tests.support.machine import Machine, an_origin
from tests.support.storing import database_of
from tests.tasks.conftest import Reaches, running, watcher_of

PERSON = 7


@dataclass
class Acknowledgement:
    """An acknowledgment whose end a test decides. `then` is done right before it ends."""

    then: Callable[[], None] = lambda: None
    when_written: Callable[[], None] = lambda: None
    _ended: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    waited_for: asyncio.Event = field(default_factory=asyncio.Event)

    async def written(self) -> None:
        self.when_written()

    def end(self, *, well: bool = True) -> None:
        self._ended.set_result(well)

    async def succeeded(self) -> bool:
        self.waited_for.set()
        answer = await asyncio.shield(self._ended)
        self.then()
        return answer

    def call_when_done(self, work: Callable[[], None]) -> None:
        self._ended.add_done_callback(lambda _: work())


@pytest.fixture
async def grid(machine: Machine, reaches: Reaches) -> AsyncIterator[Task]:
    async with running(watcher_of(machine).run()):
        yield await reaches(await machine.taken(by=PERSON), TaskState.SUCCESS)


def press(
    machine: Machine,
    grid: Task,
    acknowledgement: Acknowledgement,
    number: int = 0,
    context: InteractionContext | None = None,
) -> asyncio.Task[SubmitResult]:
    custom_id = machine.engines.buttons(grid)[number].custom_id
    submitter, context = machine.service.submissions, context or an_origin(PERSON)
    asked = submitter.press(context, grid.id, digest(custom_id), None, acknowledgement)
    return asyncio.create_task(asked)


def states(machine: Machine) -> list[str]:
    """What the service got with each press."""
    return [submit.body["state"] for submit in machine.images.submits if submit.endpoint == "submit/action"]


async def nonce_of(machine: Machine, result: SubmitResult) -> str:
    assert isinstance(result, Accepted)
    submission = await machine.store.submissions.of_task(result.task.id)
    assert submission is not None
    return submission.nonce


async def test_it_is_sent_as_it_was_journaled_and_only_once_acknowledged(machine: Machine, grid: Task) -> None:
    acknowledgement = Acknowledgement()
    pressed = press(machine, grid, acknowledgement)
    await acknowledgement.waited_for.wait()  # the journal has been written
    assert states(machine) == []
    acknowledgement.end()
    assert [await nonce_of(machine, await pressed)] == states(machine)


async def test_an_acknowledgment_that_comes_first_sends_nothing_before_the_journal_is_written(
    machine: Machine, grid: Task
) -> None:
    acknowledgement = Acknowledgement()
    acknowledgement.end()
    assert [await nonce_of(machine, await press(machine, grid, acknowledgement))] == states(machine)


@pytest.mark.parametrize("in_memory", [True, False])
async def test_the_database_is_not_asked_before_the_acknowledgment_is_written(
    machine: Machine, grid: Task, in_memory: bool
) -> None:
    counts = database_of(machine.store).counts
    if not in_memory:
        machine.store._live.drop(grid.id)
    before, asked_before = counts.statements, []
    acknowledgement = Acknowledgement(when_written=lambda: asked_before.append(counts.statements - before))
    acknowledgement.end()
    assert isinstance(await press(machine, grid, acknowledgement), Accepted)
    assert asked_before[0] == 0
    assert len(asked_before) == (1 if in_memory else 2)


async def test_a_task_of_another_person_elsewhere_is_looked_up_after_the_acknowledgment_is_written(
    machine: Machine, grid: Task
) -> None:
    counts = database_of(machine.store).counts
    before, asked_before = counts.statements, []
    acknowledgement = Acknowledgement(when_written=lambda: asked_before.append(counts.statements - before))
    acknowledgement.end()
    elsewhere = dataclasses.replace(an_origin(PERSON + 1), channel_id=4_000)
    with pytest.raises(UserError, match="no_such_task"):
        await press(machine, grid, acknowledgement, context=elsewhere)
    assert asked_before == [0]
    assert counts.statements > before


async def test_one_that_is_journaled_again_is_sent_with_what_was_journaled_last(machine: Machine, grid: Task) -> None:
    """The second half of a double click, whose first half could not be acknowledged."""
    first, second = Acknowledgement(), Acknowledgement()
    lost = press(machine, grid, first)
    await first.waited_for.wait()
    pressed = press(machine, grid, second)
    second.end()  # so it is prepared before it is journaled for good
    first.end(well=False)
    assert isinstance(await lost, NotAcknowledged)
    assert [await nonce_of(machine, await pressed)] == states(machine)


async def test_the_second_half_of_a_double_click_sends_nothing_though_it_was_prepared(
    machine: Machine, grid: Task
) -> None:
    first, second = Acknowledgement(), Acknowledgement()
    sent, again = press(machine, grid, first), press(machine, grid, second)
    second.end()
    first.end()
    assert isinstance(await again, Duplicate)
    assert [await nonce_of(machine, await sent)] == states(machine)


async def test_what_was_learned_of_the_service_since_it_was_prepared_counts(machine: Machine, grid: Task) -> None:
    machine.images.requests.clear()
    capabilities = machine.midjourney.capabilities
    acknowledgement = Acknowledgement(then=lambda: capabilities.add_quirk(Quirk.MODE_IN_BODY))
    pressed = press(machine, grid, acknowledgement)
    await acknowledgement.waited_for.wait()
    acknowledgement.end()
    assert isinstance(await pressed, Accepted)
    assert [submit.body.get("mode") for submit in machine.images.submits] == ["FAST"]


async def test_an_endpoint_that_turned_out_to_be_missing_since_is_not_called(machine: Machine, grid: Task) -> None:
    acknowledgement = Acknowledgement(then=lambda: machine.midjourney.capabilities.switch_off(Feature.ACTION))
    pressed = press(machine, grid, acknowledgement)
    await acknowledgement.waited_for.wait()
    acknowledgement.end()
    with pytest.raises(UserError, match="not_offered"):
        await pressed
    assert states(machine) == []
