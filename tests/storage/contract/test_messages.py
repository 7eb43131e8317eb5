"""The mapping from messages to tasks."""

from __future__ import annotations

import dataclasses

import pytest

from storage import Message, Route, Store, Task, TaskState, TaskUpdate
from tests.support.storing import AddTask, a_message


@pytest.fixture(autouse=True)
async def two_tasks(add_task: AddTask) -> None:
    await add_task("grid")
    await add_task("t1", parent_id="grid")


async def test_a_message_is_found_by_its_task_and_by_discords_id(store: Store) -> None:
    row_id = await store.messages.add("t1", a_message())
    await show(store, row_id, await task_now(store), message_id=555, channel_id=3)
    found = await store.messages.by_message_id(555)
    assert found is not None
    assert (found.id, found.task_id, found.channel_id, found.route) == (row_id, "t1", 3, Route.FOLLOWUP)
    assert await store.messages.for_task("t1") == [found]
    assert await store.messages.for_task("grid") == []


async def test_a_message_keeps_its_language_wherever_it_goes(store: Store) -> None:
    row_id = await store.messages.add("t1", dataclasses.replace(a_message(), locale="pt-BR"))
    await store.messages.redirect(row_id, channel_id=9, upload_limit=1)
    await store.messages.detach(row_id)
    (found,) = await store.messages.for_task("t1")
    assert found.locale == "pt-BR"


async def unfinished(store: Store) -> list[int]:
    return [message.id for message in await store.messages.unfinished()]


async def moved(store: Store, state: TaskState) -> Task:
    task = await store.tasks.move("t1", TaskUpdate(state), 1500.0)
    assert task is not None
    return task


async def task_now(store: Store) -> Task:
    task = await store.tasks.get("t1")
    assert task is not None
    return task


async def message_now(store: Store, row_id: int) -> Message:
    message = await store.messages.get(row_id)
    assert message is not None
    return message


async def show(store: Store, row_id: int, task: Task, *files: str, message_id: int = 555, channel_id: int = 2) -> None:
    message = await message_now(store, row_id)
    await store.messages.record_shown(message, task, message_id=message_id, channel_id=channel_id, files=files)


async def test_a_message_is_unfinished_until_it_shows_the_end(store: Store) -> None:
    row_id = await store.messages.add("t1", a_message())
    await show(store, row_id, await moved(store, TaskState.PENDING))
    assert await unfinished(store) == []
    task = await moved(store, TaskState.SUCCESS)
    assert await unfinished(store) == [row_id]
    await show(store, row_id, task, "boat.png")
    assert await unfinished(store) == []
    shown = await message_now(store, row_id)
    assert (shown.shown_version, shown.files) == (task.version, ("boat.png",))


@pytest.mark.parametrize("state", [TaskState.UNKNOWN, TaskState.STALLED])
async def test_a_message_that_says_lost_or_overdue_is_finished_until_its_task_goes_on(
    store: Store, state: TaskState
) -> None:
    row_id = await store.messages.add("t1", a_message())
    await show(store, row_id, await moved(store, state))
    assert await unfinished(store) == []
    await moved(store, TaskState.SUCCESS)
    assert await unfinished(store) == [row_id]


async def test_what_came_while_a_message_was_shown_is_not_taken_for_shown(store: Store) -> None:
    row_id = await store.messages.add("t1", a_message())
    lost = await moved(store, TaskState.UNKNOWN)
    await moved(store, TaskState.RUNNING)
    await show(store, row_id, lost)
    assert await unfinished(store) == [row_id]
    await moved(store, TaskState.SUCCESS)
    assert await unfinished(store) == [row_id]


async def test_an_overdue_task_that_is_looked_for_again_has_messages_to_bring_up_to_date(store: Store) -> None:
    row_id = await store.messages.add("t1", a_message())
    await store.tasks.move("t1", TaskUpdate(TaskState.RUNNING, upstream_id="u1"), 1500.0)
    await show(store, row_id, await moved(store, TaskState.STALLED))
    assert await store.tasks.watch_again("t1", 1600.0)
    assert await unfinished(store) == [row_id]


async def test_a_message_that_was_given_up_is_not_unfinished(store: Store) -> None:
    row_id = await store.messages.add("t1", a_message())
    assert await unfinished(store) == [row_id]
    await store.messages.give_up(row_id)
    assert await unfinished(store) == []


async def test_a_lost_message_is_not_shown_to_again(store: Store) -> None:
    row_id = await store.messages.add("t1", a_message())
    await store.messages.mark_unreachable(row_id)
    assert await store.messages.for_task("t1") == []
    assert await store.messages.unfinished() == []


async def test_a_newer_interaction_lends_its_token_an_older_does_not(store: Store) -> None:
    row_id = await store.messages.add("t1", a_message(token_ends_at=1900.0))
    await store.messages.refresh_token(row_id, "older", 1800.0)
    await store.messages.refresh_token(row_id, "newer", 2000.0)
    found = await store.messages.get(row_id)
    assert found is not None
    assert (found.token, found.token_ends_at) == ("newer", 2000.0)


async def test_tokens_that_have_ended_are_wiped(store: Store) -> None:
    ended = await store.messages.add("t1", a_message(token_ends_at=1900.0))
    alive = await store.messages.add("t1", a_message(token_ends_at=2100.0))
    assert await store.messages.forget_tokens(2000.0) == 1
    tokens = {message.id: message.token for message in await store.messages.for_task("t1")}
    assert tokens == {ended: None, alive: "interaction-token"}


async def test_a_token_does_not_show_in_a_messages_repr(store: Store) -> None:
    await store.messages.add("t1", a_message())
    assert "interaction-token" not in repr(await store.messages.for_task("t1"))
