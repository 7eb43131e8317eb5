"""A press whose answer was lost is looked for, found or given up in words, and never sent again."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from bot.tasks.callbacks import CallbackHandler
from bot.tasks.results import OutcomeUnknown
from playground.images.faults import Fault
from storage import SubmissionOutcome, TaskState
from tests.support.machine import Machine, running_machine
from tests.tasks.conftest import Reaches, reaching, recovery_of, running, watcher_of


async def lost(machine: Machine, *, accepted: bool) -> OutcomeUnknown:
    """A press whose answer never came; with `accepted` the service took it all the same."""
    machine.images.fail_next("submit/imagine", Fault.DROP, accepted=accepted)
    answer = await machine.ask()
    assert isinstance(answer, OutcomeUnknown)
    return answer


async def outcome(machine: Machine, answer: OutcomeUnknown) -> SubmissionOutcome:
    press = await machine.store.submissions.of_task(answer.task.id)
    assert press
    return press.outcome


@pytest.mark.parametrize("profile", ["plus", "trueai"])
async def test_a_press_that_was_taken_is_found_again_by_its_nonce(tmp_path: Path, profile: str) -> None:
    async with running_machine(tmp_path, profile=profile) as machine:
        reaches = reaching(machine)
        answer = await lost(machine, accepted=True)
        async with running(recovery_of(machine).run()), running(watcher_of(machine).run()):
            await reaches(answer.task, TaskState.SUCCESS)
        assert await outcome(machine, answer) is SubmissionOutcome.ACCEPTED
        assert len(machine.images.submits) == 1


async def test_a_press_that_was_not_taken_is_given_up_after_the_limit_and_not_sent_again(
    machine: Machine, reaches: Reaches
) -> None:
    answer = await lost(machine, accepted=False)
    async with running(recovery_of(machine, search_seconds=0.1).run()):
        await reaches(answer.task, TaskState.UNKNOWN)
    assert await outcome(machine, answer) is SubmissionOutcome.GIVEN_UP
    assert len(machine.images.submits) == 1


async def test_what_cannot_be_listed_for_a_while_is_looked_for_again(machine: Machine, reaches: Reaches) -> None:
    answer = await lost(machine, accepted=True)
    machine.images.fail_next("task/(list|query)$", Fault.HTTP_500, times=3)
    async with running(recovery_of(machine).run()), running(watcher_of(machine).run()):
        await reaches(answer.task, TaskState.SUCCESS)


async def test_a_press_is_not_given_up_while_the_service_cannot_be_asked(machine: Machine, reaches: Reaches) -> None:
    answer = await lost(machine, accepted=True)
    machine.images.fail_next("task/(list|query)$", Fault.HTTP_500, times=3)  # a round each
    seconds = itertools.count()  # each look at the clock is a second: the limit is over in the second round
    recovery = recovery_of(machine, search_seconds=2, clock=lambda: float(next(seconds)))
    async with running(recovery.run()), running(watcher_of(machine).run()):
        await reaches(answer.task, TaskState.SUCCESS)
    assert await outcome(machine, answer) is SubmissionOutcome.ACCEPTED


async def test_a_callback_finds_a_press_again_where_nothing_can_be_listed(machine: Machine, reaches: Reaches) -> None:
    answer = await lost(machine, accepted=True)
    (upstream_id,) = machine.images.tasks
    hearing = CallbackHandler(machine.store, machine.engines, machine.service)
    await hearing.handle(answer.task, await machine.midjourney.fetch(upstream_id))
    async with running(watcher_of(machine).run()):
        await reaches(answer.task, TaskState.SUCCESS)
    assert await outcome(machine, answer) is SubmissionOutcome.ACCEPTED


async def test_a_press_that_was_given_up_is_shown_if_it_turns_up(machine: Machine, reaches: Reaches) -> None:
    answer = await lost(machine, accepted=True)
    press = await machine.store.submissions.of_task(answer.task.id)
    assert press
    await machine.service.recovery.give_up(press)
    hearing = CallbackHandler(machine.store, machine.engines, machine.service)
    (upstream_id,) = machine.images.tasks
    await hearing.handle(await machine.now(answer.task), await machine.midjourney.fetch(upstream_id))
    async with running(watcher_of(machine).run()):
        await reaches(answer.task, TaskState.SUCCESS)


async def test_a_callback_with_another_presss_nonce_finds_nothing(machine: Machine) -> None:
    other = await machine.taken()
    assert other.upstream_id
    answer = await lost(machine, accepted=False)
    hearing = CallbackHandler(machine.store, machine.engines, machine.service)
    await hearing.handle(answer.task, await machine.midjourney.fetch(other.upstream_id))
    assert await outcome(machine, answer) is SubmissionOutcome.OUTCOME_UNKNOWN
    assert (await machine.now(answer.task)).upstream_id is None


async def test_one_press_that_cannot_be_looked_after_holds_up_no_other(machine: Machine, reaches: Reaches) -> None:
    first, second = await lost(machine, accepted=False), await lost(machine, accepted=True)
    async with running(recovery_of(machine, search_seconds=0.2).run()), running(watcher_of(machine).run()):
        await reaches(second.task, TaskState.SUCCESS)
        await reaches(first.task, TaskState.UNKNOWN)
    assert len(machine.images.submits) == 2
