"""Which results are grids: those from which each of four images can be picked."""

from __future__ import annotations

import pytest

from bot.engines.midjourney.buttons import buttons_of, grid_size
from storage import Action, Request, StoredButton, Task, TaskResult, TaskState
from tests.support.cards import a_task

FILE = "https://cdn.example.org/fox.png"
PICKS = tuple(StoredButton(f"MJ::JOB::upsample::{number}::u", f"U{number}") for number in range(1, 5))
VARY = tuple(StoredButton(f"MJ::JOB::variation::{number}::u", f"V{number}") for number in range(1, 5))
SINGLE = (
    StoredButton("MJ::JOB::upsample_v7_2x_subtle::1::u::SOLO", "Upscale (Subtle)"),
    StoredButton("MJ::JOB::upsample_v7_2x_creative::1::u::SOLO", "Upscale (Creative)"),
)


def task_with(buttons: tuple[StoredButton, ...], result: TaskResult, action: Action = Action.IMAGINE) -> Task:
    return a_task(TaskState.SUCCESS, request=Request(action, prompt="a fox"), result=result, buttons=buttons)


@pytest.mark.parametrize(
    ("buttons", "result", "expected"),
    [
        ((*PICKS, *VARY), TaskResult(image_url=FILE), 4),
        ((*PICKS, *VARY), TaskResult(inline=True), 4),
        ((*PICKS, *VARY), TaskResult(image_url=FILE, image_urls=(FILE,) * 4), 1),
        (SINGLE, TaskResult(image_url=FILE), 1),
        (PICKS[:2], TaskResult(image_url=FILE), 1),
        (VARY, TaskResult(image_url=FILE), 1),
        ((), TaskResult(image_url=FILE), 4),  # the buttons of the older endpoint
    ],
)
def test_a_result_is_a_grid_if_each_image_can_be_picked(
    buttons: tuple[StoredButton, ...], result: TaskResult, expected: int
) -> None:
    task = task_with(buttons, result)
    assert grid_size(task, buttons_of(task)) == expected


def test_an_edited_image_without_buttons_is_no_grid() -> None:
    task = task_with((), TaskResult(image_url=FILE), Action.VIDEO)
    assert grid_size(task, buttons_of(task)) == 1
