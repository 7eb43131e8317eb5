"""The owner's memory and the database: progress stays in memory, and a change of another process is kept."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from storage import (
    Ending,
    EndWishes,
    Message,
    NewOutcome,
    Request,
    Store,
    StoredButton,
    SubmissionOutcome,
    Task,
    TaskResult,
    TaskState,
    TaskUpdate,
)
from storage.live_records import LiveRecords
from storage.ports import DatabaseEngine
from tests.storage.contract.conftest import OpenEngine
from tests.support.storing import AddTask, a_message, an_opening, opened

PENDING = TaskUpdate(TaskState.PENDING, upstream_id="u1")
SUCCESS = TaskUpdate(TaskState.SUCCESS, progress=100, result=TaskResult(image_url="https://cdn.example.net/a.png"))


async def running(store: Store) -> Task:
    """A task that the service works on, with its message."""
    await opened(store, an_opening())
    await moved(store, PENDING)
    return await moved(store, TaskUpdate(TaskState.RUNNING, progress=10))


async def moved(store: Store, change: TaskUpdate) -> Task:
    task = await store.tasks.move("t1", change, 1002.0)
    assert task is not None
    return task


async def message_of(store: Store) -> Message:
    (message,) = await store.messages.for_task("t1")
    return message


async def show(store: Store, task: Task, *files: str) -> None:
    message = await message_of(store)
    await store.messages.record_shown(message, task, message_id=555, channel_id=2, files=files)


async def stored(engine: DatabaseEngine) -> tuple[Task, Message]:
    """The task and its message as the database holds them."""
    (task,) = await engine.tasks.get(["t1"])
    (message,) = await engine.messages.for_tasks(["t1"])
    return task, message


async def test_progress_is_known_to_its_owner_and_stored_nowhere(store: Store, engine: DatabaseEngine) -> None:
    task = await running(store)
    await show(store, task, "preview.jpg")
    for progress in (40, 70):
        task = await moved(store, TaskUpdate(TaskState.RUNNING, progress=progress))
        await show(store, task, f"preview-{progress}.jpg")
    assert await store.tasks.get("t1") == task
    assert (await message_of(store)).shows(task)
    row, message = await stored(engine)
    assert (row.state, row.progress, row.revision) == (TaskState.PENDING, None, (task.version, 0))
    # Its place is stored, and the version, but neither the step nor the preview.
    assert (message.message_id, message.shown_version, message.shown_step, message.files) == (555, task.version, 0, ())


async def test_what_only_the_memory_held_is_stored_with_the_next_change_that_is(
    store: Store, engine: DatabaseEngine
) -> None:
    """That change leaves the result and the buttons as they are, but the database does not have them yet."""
    await running(store)
    result, buttons = TaskResult(image_url="http://localhost/preview.png"), (StoredButton("again"),)
    await moved(store, TaskUpdate(TaskState.RUNNING, progress=40, result=result, buttons=buttons))
    (row,) = await engine.tasks.get(["t1"])
    assert (row.result, row.buttons) == (TaskResult(), ())
    stalled = await moved(store, TaskUpdate(TaskState.STALLED))
    (row,) = await engine.tasks.get(["t1"])
    assert row == stalled
    assert (row.progress, row.result, row.buttons) == (40, result, buttons)
    failed = await moved(store, TaskUpdate(TaskState.FAILURE, error_code="timeout", error_params={"reason": "late"}))
    (row,) = await engine.tasks.get(["t1"])
    assert row == failed


async def test_a_process_that_takes_over_goes_on_from_the_stored_version_and_the_end_is_still_to_be_shown(
    store: Store, open_engine: OpenEngine
) -> None:
    task = await running(store)
    for progress in (40, 70):
        task = await moved(store, TaskUpdate(TaskState.RUNNING, progress=progress))
        await show(store, task)
    await store.close()
    async with open_engine() as engine:
        later = Store(engine)
        await later.take_over()
        assert [polled.id for polled in later.tasks.polled_briefly()] == ["t1"]
        assert await later.messages.unfinished() == []
        ended = await moved(later, SUCCESS)
        assert ended.revision == (task.version + 1, 0)
        assert not (await message_of(later)).shows(ended)
        (behind,) = await later.messages.unfinished()
        await later.messages.record_shown(behind, ended, message_id=555, channel_id=2, files=("a.png",))
        assert await later.messages.unfinished() == []


async def test_an_edit_that_ends_after_the_task_has_ended_does_not_count_as_the_end(store: Store) -> None:
    task = await running(store)
    for _ in range(3):
        task = await moved(store, TaskUpdate(TaskState.RUNNING, progress=(task.progress or 0) + 10))
    store._live.drop("t1")  # and the memory has been forgotten meanwhile
    ended = await moved(store, SUCCESS)
    await show(store, task)
    assert not (await message_of(store)).shows(ended)
    assert len(await store.messages.unfinished()) == 1


async def test_a_change_of_another_process_is_read_and_not_overwritten(store: Store, stranger: Store) -> None:
    await running(store)
    await stranger.tasks.move("t1", TaskUpdate(TaskState.FAILURE, error_code="timeout"), 1003.0)
    assert await store.tasks.move("t1", SUCCESS, 1004.0) is None
    task = await store.tasks.get("t1")
    assert task is not None
    assert (task.state, task.error_code) == (TaskState.FAILURE, "timeout")


async def test_a_change_is_applied_to_what_another_process_has_left(store: Store, stranger: Store) -> None:
    await running(store)
    await stranger.tasks.move("t1", TaskUpdate(TaskState.STALLED), 1003.0)
    ended = await moved(store, SUCCESS)
    (row,) = await store._engine.tasks.get(["t1"])
    assert (row.state, row.version) == (TaskState.SUCCESS, ended.version)


async def test_of_many_changes_only_those_that_another_process_has_made_are_repeated(
    store: Store, stranger: Store, add_task: AddTask
) -> None:
    for number in range(4):
        await add_task(f"t{number}")
    await stranger.tasks.move("t2", TaskUpdate(TaskState.PENDING, upstream_id="u2"), 1001.0)
    changes = {f"t{number}": TaskUpdate(TaskState.SUCCESS) for number in range(4)}
    changed = await store.tasks.move_all(changes, 1002.0)
    assert {task.id: task.version for task in changed} == {"t0": 2, "t1": 2, "t2": 3, "t3": 2}
    for task in changed:
        assert await store._engine.tasks.get([task.id]) == [task]


async def test_of_two_processes_that_confirm_a_modal_one_may_send_it(store: Store, stranger: Store) -> None:
    press = await opened(store, an_opening())
    confirming = NewOutcome(
        11,
        SubmissionOutcome.CONFIRMING,
        1001.0,
        only_from=frozenset({SubmissionOutcome.MODAL}),
        durable=True,
    )
    await store.submissions.set_outcome(press, NewOutcome(11, SubmissionOutcome.MODAL, 1001.0))
    done = await asyncio.gather(*(each.submissions.set_outcome(press, confirming) for each in (store, stranger) * 5))
    assert sum(each is not None for each in done) == 1


async def test_an_outcome_is_recorded_with_the_task_that_another_process_has_changed(
    store: Store, stranger: Store
) -> None:
    press = await opened(store, an_opening())
    await stranger.tasks.move("t1", TaskUpdate(TaskState.RUNNING, upstream_id="u1", progress=40), 1001.0)
    taken = NewOutcome(11, SubmissionOutcome.ACCEPTED, 1002.0)
    done = await store.submissions.set_outcome(press, taken, lambda task: task.apply(PENDING, 1002.0))
    assert done is not None
    assert done.task is None  # it is further already
    task = await store.tasks.get("t1")
    assert task is not None
    assert (task.state, task.progress) == (TaskState.RUNNING, 40)


async def test_what_a_task_ends_with_is_stored_with_its_end(
    store: Store, stranger: Store, engine: DatabaseEngine
) -> None:
    await store.user_settings.change(7, direct=True, notify="always")
    await running(store)
    asked: list[tuple[EndWishes, int]] = []

    def decide(task: Task, wishes: EndWishes, shown: object) -> Ending:
        assert isinstance(shown, list)
        asked.append((wishes, len(shown)))
        return Ending(always=True, copy=dataclasses.replace(a_message(), user_id=8))

    assert await store.tasks.move("t1", SUCCESS, 1003.0, decide)
    assert await store.tasks.move("t1", SUCCESS, 1004.0, decide) is None
    assert asked == [(EndWishes("always", direct=True), 1)]
    notification = await store.notifications.of("t1")
    assert notification is not None
    assert (notification.always, notification.begun) == (True, False)
    assert await stranger.notifications.of("t1") == notification
    for reader in (store, stranger):
        assert [message.user_id for message in await reader.messages.for_task("t1")] == [7, 8]
    assert await engine.notifications.waiting(9) == ["t1"]
    await store.notifications.begin(notification)
    known = await store.notifications.of("t1")
    assert known is not None
    assert known == await stranger.notifications.of("t1")
    await store.notifications.remove("t1", "t2")
    assert await store.notifications.of("t1") is None


async def test_a_button_that_was_never_shown_counts_as_unused_and_a_pressed_one_as_used(
    store: Store, stranger: Store
) -> None:
    await running(store)
    button = StoredButton("MJ::JOB::upsample::1::x", "U1")
    ended = await moved(store, dataclasses.replace(SUCCESS, buttons=(button,)))
    row_id = (await message_of(store)).id
    assert await store.messages.with_used_buttons(row_id) == (await message_of(store), frozenset())
    await show(store, ended, "a.png")
    request = Request(an_opening().task.request.action, custom_id=button.custom_id)
    press = await opened(stranger, an_opening(12, "t2", parent_id="t1", request=request))
    await stranger.submissions.set_outcome(press, NewOutcome(12, SubmissionOutcome.ACCEPTED, 1003.0))
    found = await store.messages.with_used_buttons(row_id)
    assert found is not None
    assert found[1] == {button.custom_id}


async def test_a_press_marks_the_parents_message_with_its_token(store: Store, stranger: Store) -> None:
    ended = await running(store)
    await show(store, ended)
    other = await store.messages.add("t1", a_message())
    marked = await store.messages.mark_pressed("t1", 555, "newer", 2000.0)
    assert [(message.token, message.id == other) for message in marked] == [
        ("newer", False),
        ("interaction-token", True),
    ]
    assert [message.token for message in await store.messages.mark_pressed("t1", 555, "older", 1800.0)] == [
        "newer",
        "interaction-token",
    ]
    assert await stranger.messages.for_task("t1") == await store.messages.for_task("t1")


async def test_the_clock_and_the_owner_come_from_the_database(store: Store, engine: DatabaseEngine) -> None:
    assert engine.ownership.owner
    first, second = store.ownership.now(), store.ownership.now()
    assert 1_700_000_000 < first <= second


@pytest.mark.parametrize("most", [1, 2])
async def test_a_memory_that_is_too_small_loses_no_task(engine: DatabaseEngine, most: int) -> None:
    store = Store(engine, LiveRecords(most_live=most, most_ended=1))
    for number in range(4):
        await opened(store, an_opening(10 + number, f"t{number}"))
        await store.tasks.move(f"t{number}", TaskUpdate(TaskState.RUNNING, upstream_id=f"u{number}"), 1001.0)
    assert [polled.id for polled in store.tasks.polled_briefly()] == ["t0", "t1", "t2", "t3"]
    for number in range(4):
        assert await store.tasks.move(f"t{number}", SUCCESS, 1002.0)
        assert [each.id for each in await store.messages.for_task(f"t{number}")]
    assert store.tasks.polled_briefly() == []


async def test_text_with_zero_characters_is_stored_without_them(store: Store, stranger: Store) -> None:
    await opened(
        store, an_opening(request=dataclasses.replace(an_opening().task.request, label="a\0b", remarks="\\u0000"))
    )
    await store.key_values.put("name", "a\0b")
    assert await store.key_values.get("name") == "ab"
    (task,) = await store._engine.tasks.get(["t1"])
    assert (task.request.label, task.request.remarks) == ("ab", "\\u0000")


async def test_taking_over_again_changes_nothing_that_is_known_and_adds_what_is_not(
    store: Store, stranger: Store
) -> None:
    task = await running(store)
    known = store.tasks.polled_briefly()
    press = await opened(stranger, an_opening(12, "t2"))  # its commit was reported as failed
    await store.take_over()
    assert store.tasks.polled_briefly() == known
    assert await store.tasks.get("t1") == task
    assert store.submissions.unsettled()[-1] == press
    await stranger.submissions.set_outcome(press, NewOutcome(12, SubmissionOutcome.GIVEN_UP, 1003.0))
    await store.submissions.get(12)  # recovery looks before it acts
    assert press not in store.submissions.unsettled()
    await moved(store, SUCCESS)
    await store.take_over()
    assert store.tasks.polled_briefly() == []
