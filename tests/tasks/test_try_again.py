"""Another try goes out with all that came with the first, or not at all."""

from __future__ import annotations

import pytest

from bot.tasks.errors import UserError
from bot.tasks.results import Accepted
from storage import Action, InputImage, Request, TaskState, TaskUpdate
from tests.support.machine import PAPER_BOAT, Machine, an_origin
from tests.support.pictures import png_bytes
from tests.support.storing import database_of, task_adder

PICTURE = InputImage("image/png", png_bytes())
BLEND = Request(Action.BLEND)
PAINTED = Request(Action.BUTTON, custom_id="MJ::Inpaint::1::uuid::SOLO", window_prompt="a boat")


async def ended(machine: Machine, request: Request, pictures: int, state: TaskState) -> str:
    await task_adder(machine.store)("t1", request=request, pictures=(PICTURE,) * pictures)
    await machine.store.tasks.move("t1", TaskUpdate(state), 2000.0)
    return "t1"


@pytest.mark.parametrize(
    ("request_", "pictures", "code"),
    [
        (PAPER_BOAT, 1, "pictures_removed"),
        (BLEND, 2, "pictures_removed"),
        (PAINTED, 1, "mask_removed"),
    ],
)
async def test_a_refused_task_is_not_tried_again_without_its_pictures(
    machine: Machine, request_: Request, pictures: int, code: str
) -> None:
    task_id = await ended(machine, request_, pictures, TaskState.REFUSED)
    with pytest.raises(UserError, match=code):
        await machine.service.try_again(an_origin(), task_id)
    assert not machine.images.submits


async def test_a_refused_task_that_had_no_pictures_is_tried_again(machine: Machine) -> None:
    task_id = await ended(machine, PAPER_BOAT, 0, TaskState.REFUSED)
    assert isinstance(await machine.service.try_again(an_origin(), task_id), Accepted)


async def test_pictures_that_are_gone_for_a_part_are_not_sent_for_a_part(machine: Machine) -> None:
    task_id = await ended(machine, BLEND, 2, TaskState.FAILURE)
    await database_of(machine.store).write("DELETE FROM inputs WHERE position = 1")
    with pytest.raises(UserError, match="pictures_removed"):
        await machine.service.try_again(an_origin(), task_id)
    assert not machine.images.submits


async def test_another_try_has_pictures_of_its_own(machine: Machine) -> None:
    task_id = await ended(machine, BLEND, 2, TaskState.FAILURE)
    answer = await machine.service.try_again(an_origin(), task_id)
    assert isinstance(answer, Accepted)
    assert answer.task.input_count == 2
