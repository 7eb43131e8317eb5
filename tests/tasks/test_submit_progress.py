"""The progress of a submit whose answer is the result: published, never stored, never backwards."""

from __future__ import annotations

from bot.engines.base import Progress
from bot.tasks.submit_progress import MAX_PREVIEW_BYTES, MAX_TASKS, LivePreviews, SubmitProgress
from storage import Task, TaskState, TaskUpdate
from tests.support.machine import Machine


async def begun(machine: Machine) -> tuple[Task, list[Task], SubmitProgress, LivePreviews]:
    """A task that is generated, and what is published about it."""
    task, published, previews = await machine.taken(), list[Task](), LivePreviews()
    task = await machine.store.tasks.move(task.id, TaskUpdate(TaskState.RUNNING), machine.clock()) or task
    machine.events.subscribe(published.append)
    return task, published, SubmitProgress(machine.store, machine.events, previews, machine.clock), previews


async def test_reports_are_published_as_unstored_steps_that_only_go_forward(machine: Machine) -> None:
    task, published, progress, _ = await begun(machine)
    with progress.of(task.id) as report:
        for percent in (5, None, 40, 12, 40, 250, -3):
            await report(Progress(percent))
    assert [each.progress for each in published] == [5, 40, 100]
    assert {each.version for each in published} == {task.version}
    assert [each.step for each in published] == sorted({each.step for each in published})


async def test_a_preview_keeps_the_percentage_that_was_reported_before(machine: Machine) -> None:
    task, published, progress, previews = await begun(machine)
    with progress.of(task.id) as report:
        await report(Progress(40))
        await report(Progress(preview_url="https://images.example/half.png"))
        await report(Progress(preview=b"half an image"))
        assert previews.of(task.id) == b"half an image"
    assert [each.progress for each in published] == [40, 40, 40]
    assert published[1].result.image_url == "https://images.example/half.png"
    assert published[2].result.inline
    assert previews.of(task.id) is None


async def test_a_report_after_the_end_changes_nothing(machine: Machine) -> None:
    task, published, progress, previews = await begun(machine)
    with progress.of(task.id) as report:
        await report(Progress(40))
    await report(Progress(80, preview=b"too late"))
    assert [each.progress for each in published] == [40]
    assert previews.of(task.id) is None


async def test_a_finished_task_is_not_changed_by_a_report(machine: Machine) -> None:
    task, published, progress, _ = await begun(machine)
    with progress.of(task.id) as report:
        await machine.store.tasks.move(task.id, TaskUpdate(TaskState.CANCELLED), machine.clock())
        await report(Progress(80))
    assert published == []
    assert (await machine.now(task)).state is TaskState.CANCELLED


def test_the_number_and_the_size_of_previews_in_memory_are_limited() -> None:
    previews = LivePreviews()
    for number in range(MAX_TASKS + 1):
        assert previews.put(f"task{number}", b"image")
    assert previews.of("task0") is None
    assert previews.of("task1") == b"image"
    assert not previews.put("large", bytes(MAX_PREVIEW_BYTES + 1))
    assert previews.of("large") is None
