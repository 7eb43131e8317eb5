"""The watcher brings every task to its end, asks little, and is put off by nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.engines.models import Feature
from bot.tasks.policy import Actor
from bot.tasks.poller import HEARD_INTERVALS
from playground.images.faults import Fault
from playground.images.server import LocalImages
from storage import TaskState, TaskUpdate
from tests.support.machine import Machine, running_machine
from tests.tasks.conftest import INTERVAL, Reaches, reaching, running, until, watcher_of


def asked(images: LocalImages, part: str) -> int:
    return sum(part in request.path for request in images.requests)


def without_lists(machine: Machine) -> None:
    """The service lists no tasks by their ids."""
    for feature in (Feature.LIST_BY_CONDITION, Feature.LIST_BY_IDS):
        machine.midjourney.capabilities.switch_off(feature)


@pytest.mark.parametrize("profile", ["plus", "trueai", "newapi", "novicezk"])
async def test_tasks_come_to_their_end_by_polling_alone(tmp_path: Path, profile: str) -> None:
    async with running_machine(tmp_path, profile=profile) as machine:
        reaches = reaching(machine)
        async with running(watcher_of(machine).run()):
            tasks = [await machine.taken() for _ in range(3)]
            for task in tasks:
                done = await reaches(task, TaskState.SUCCESS)
                assert done.result.image_url
                assert machine.engines.buttons(done)


async def test_many_tasks_are_one_question(machine: Machine, reaches: Reaches) -> None:
    tasks = [await machine.taken() for _ in range(10)]
    machine.images.hold()
    async with running(watcher_of(machine).run()):
        await until(lambda: asked(machine.images, "list-by-condition") >= 3)
    assert asked(machine.images, "/fetch") == 0
    assert len(tasks) == 10


async def test_nothing_is_asked_while_nothing_runs(machine: Machine, reaches: Reaches) -> None:
    async with running(watcher_of(machine).run()):
        await reaches(await machine.taken(), TaskState.SUCCESS)
        # Another task is watched again, so the watcher is at rest now and not dead.
        polls = machine.images.polls
        await reaches(await machine.taken(), TaskState.SUCCESS)
        assert machine.images.polls > polls


async def test_a_task_heard_of_lately_is_not_asked_about_until_callbacks_stop(machine: Machine) -> None:
    machine.images.hold()
    heard, silent = await machine.taken(), await machine.taken()
    without_lists(machine)
    stands = time.time()
    watcher = watcher_of(machine, clock=lambda: stands)
    watcher.heard(heard.id)
    async with running(watcher.run()):
        await until(lambda: asked(machine.images, f"{silent.upstream_id}/fetch") >= 3)
        assert asked(machine.images, f"{heard.upstream_id}/fetch") == 0
        stands += 2 * HEARD_INTERVALS * INTERVAL
        await until(lambda: asked(machine.images, f"{heard.upstream_id}/fetch") >= 1)


async def test_a_service_that_fails_for_a_while_is_asked_again(machine: Machine, reaches: Reaches) -> None:
    machine.images.fail_next("task/list-by-condition", Fault.HTML_502, times=2)
    async with running(watcher_of(machine).run()):
        await reaches(await machine.taken(), TaskState.SUCCESS)


@pytest.mark.parametrize("fault", [Fault.GARBAGE, Fault.WRONG_TYPES, Fault.EMPTY, Fault.HTML_200, Fault.HTTP_500])
async def test_odd_answers_do_not_end_the_watching(machine: Machine, reaches: Reaches, fault: Fault) -> None:
    machine.images.fail_next("task/list-by-condition", fault)
    async with running(watcher_of(machine).run()):
        await reaches(await machine.taken(), TaskState.SUCCESS)


async def test_one_task_that_cannot_be_fetched_holds_up_no_other(tmp_path: Path) -> None:
    async with running_machine(tmp_path) as machine:
        reaches = reaching(machine)
        without_lists(machine)
        odd, good = await machine.taken(), await machine.taken()
        machine.images.fail_next(f"task/{odd.upstream_id}/fetch", Fault.HTTP_500, times=10_000)
        async with running(watcher_of(machine).run()):
            await reaches(good, TaskState.SUCCESS)
        assert (await machine.now(odd)).state in (TaskState.PENDING, TaskState.RUNNING)


async def test_a_task_that_the_service_forgot_is_said_to_have_failed(machine: Machine, reaches: Reaches) -> None:
    machine.images.hold()
    task = await machine.taken()
    assert task.upstream_id
    del machine.images.tasks[task.upstream_id]
    async with running(watcher_of(machine).run()):
        done = await reaches(task, TaskState.FAILURE)
    assert done.error_code == "forgotten"


async def test_a_task_that_stands_still_is_not_waited_for_beyond_its_limit(machine: Machine, reaches: Reaches) -> None:
    machine.images.hold()
    task = await machine.taken()
    async with running(watcher_of(machine).run()):
        await until(lambda: machine.images.polls > 0)
        machine.clock.ahead = 601
        await reaches(task, TaskState.STALLED)
        machine.images.release()
        actor = Actor(task.owner_id, None, None)
        await machine.service.look_again(actor, task.id)
        await reaches(task, TaskState.SUCCESS)


async def test_what_ended_while_we_were_away_is_asked_for_before_it_is_given_up(
    machine: Machine, reaches: Reaches
) -> None:
    task = await machine.taken()
    assert task.upstream_id
    await machine.images.finished(task.upstream_id)
    machine.clock.ahead = 10 * 3600
    async with running(watcher_of(machine).run()):
        done = await reaches(task, TaskState.SUCCESS, TaskState.STALLED)
    assert done.state is TaskState.SUCCESS


async def test_nothing_is_given_up_because_the_service_is_away_when_we_come_back(
    machine: Machine, reaches: Reaches
) -> None:
    task = await machine.taken()
    machine.clock.ahead = 10 * 3600
    machine.images.fail_next("task/", Fault.HTTP_500, times=3)
    async with running(watcher_of(machine).run()):
        done = await reaches(task, TaskState.SUCCESS, TaskState.STALLED)
    assert done.state is TaskState.SUCCESS


async def test_news_of_a_finished_task_change_nothing(machine: Machine, reaches: Reaches) -> None:
    task = await machine.taken()
    async with running(watcher_of(machine).run()):
        done = await reaches(task, TaskState.SUCCESS)
    await machine.service.updates.move(task.id, TaskUpdate(TaskState.RUNNING, progress=5))
    assert await machine.now(task) == done
