"""Several tasks that the service makes of one request: each becomes one of ours, once, and no other's does."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.tasks.batch import nonce_of
from bot.tasks.callbacks import CallbackHandler
from bot.tasks.results import Accepted
from storage import Action, InputImage, Request, Task, TaskQuery, TaskState
from tests.support.machine import Machine, an_origin, running_machine
from tests.support.pictures import png
from tests.tasks.conftest import recovery_of, running, until, watcher_of

FOXES = Request(Action.IMAGINE, prompt="a {red, blue} fox --ar 3:2")


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    async with running_machine(tmp_path, profile="trueai-9") as machine:
        yield machine


async def first_of(machine: Machine, *, names_all: bool) -> Task:
    machine.images.service.options.names_all = names_all
    answer = await machine.ask(FOXES)
    assert isinstance(answer, Accepted)
    return answer.task


async def prompts(machine: Machine) -> list[str]:
    return sorted(task.request.prompt for task in await machine.store.tasks.search(TaskQuery(), limit=9))


@pytest.mark.parametrize(
    ("state", "nonce"), [("", ""), ("ab", "ab"), ("ab::1", "ab"), ("ab::12", "ab"), ("ab::x", "ab::x"), ("::2", "")]
)
def test_a_state_tells_the_request(state: str, nonce: str) -> None:
    assert nonce_of(state) == nonce


async def test_an_answer_that_names_all_makes_each_a_task_with_its_own_prompt(machine: Machine) -> None:
    await first_of(machine, names_all=True)
    assert await prompts(machine) == ["a blue fox --ar 3:2", "a red fox --ar 3:2"]


async def test_what_the_answer_does_not_name_is_told_by_callbacks_once_each(machine: Machine) -> None:
    first = await first_of(machine, names_all=False)
    hearing = CallbackHandler(machine.store, machine.engines, machine.service)
    remotes = [await machine.midjourney.fetch(upstream_id) for upstream_id in machine.images.tasks]
    for remote in (*remotes, *remotes):
        await hearing.handle(await machine.now(first), remote)
    assert await prompts(machine) == ["a blue fox --ar 3:2", FOXES.prompt]


@pytest.mark.parametrize("names_all", [True, False])
async def test_each_has_the_pictures_of_the_request_so_that_it_can_be_tried_again(
    machine: Machine, names_all: bool
) -> None:
    machine.images.service.options.names_all = names_all
    machine.images.hold()
    picture = InputImage("image/png", png("boat.png").data)
    answer = await machine.service.start(an_origin(), FOXES, [picture])
    assert isinstance(answer, Accepted)
    hearing = CallbackHandler(machine.store, machine.engines, machine.service)
    for upstream_id in machine.images.tasks:
        await hearing.handle(await machine.now(answer.task), await machine.midjourney.fetch(upstream_id))
    tasks = await machine.store.tasks.search(TaskQuery(), limit=9)
    assert [(each.input_count, len(await machine.store.tasks.inputs(each.id))) for each in tasks] == [(1, 1)] * 2


@pytest.mark.parametrize("state", ["", "another", "another::2"])
async def test_a_callback_of_somebody_elses_task_makes_none(machine: Machine, state: str) -> None:
    first = await first_of(machine, names_all=False)
    other = await machine.taken()
    assert other.upstream_id is not None
    remote = dataclasses.replace(await machine.midjourney.fetch(other.upstream_id), state=state)
    press = await machine.store.submissions.of_task(first.id)
    assert press is not None
    hearing = CallbackHandler(machine.store, machine.engines, machine.service)
    await hearing.handle(first, remote)
    # The service itself says otherwise than what calls back.
    await hearing.handle(first, dataclasses.replace(remote, id=other.upstream_id, state=f"{press.nonce}::2"))
    assert len(await prompts(machine)) == 2


async def test_what_is_listed_is_taken_up_once_and_the_first_stands_for_itself_then(machine: Machine) -> None:
    first = await first_of(machine, names_all=False)
    told: dict[str, TaskState] = {}
    machine.events.subscribe(lambda task: told.update({task.id: task.state}))
    async with running(recovery_of(machine).run()), running(watcher_of(machine).run()):
        await until(lambda: list(told.values()) == [TaskState.SUCCESS] * 2)
    assert first.id in told
    assert await prompts(machine) == ["a blue fox --ar 3:2", "a red fox --ar 3:2"]
    assert len(machine.images.submits) == 1
