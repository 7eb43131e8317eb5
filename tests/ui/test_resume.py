"""What a start takes up of the messages: those that are behind, and no others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground.discord import Message
from storage import TaskState, TaskUpdate
from storage.sqlite.statements import Session
from tests.support.stage import Stage, open_stage
from tests.support.storing import database_of


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, monkeypatch) as stage:
        yield stage


def shows_end(message: Message) -> bool:
    return "▰" not in message.text and "⏳" not in message.text


def wakes_nothing(stage: Stage) -> bool:
    return len(stage.background) == 0


async def test_twenty_thousand_messages_that_say_lost_or_overdue_cost_a_start_nothing(stage: Stage) -> None:
    task = await stage.task()
    row_id = await stage.row(task)
    await stage.moved(task.id, TaskUpdate(TaskState.STALLED))
    await stage.done()
    database = database_of(stage.store)
    of_task = "owner_id, action, prompt, request, result, buttons, callback_hash, created_at, progressed_at, version"
    copied = "application_id, channel_id, upload_limit, shown_version, settled"

    def copy(session: Session) -> None:
        for number in range(20_000):
            name, state = f"{number:05}", "lost" if number % 2 else "overdue"
            session.execute(
                f"INSERT INTO tasks (id, state, {of_task}) SELECT ?, ?, {of_task} FROM tasks WHERE id = ?",  # noqa: S608 - constants
                (name, state, task.id),
            )
            session.execute(
                f"INSERT INTO messages (task_id, route, user_id, token_ends_at, {copied})"  # noqa: S608 - constants
                f" SELECT ?, route, user_id, 0, {copied} FROM messages WHERE id = ?",
                (name, row_id),
            )

    await database.transaction(copy)
    await stage.delivery.resume()
    assert wakes_nothing(stage)


async def test_an_overdue_message_shows_the_end_that_comes_after_all(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    await stage.moved(task.id, TaskUpdate(TaskState.STALLED))
    await stage.done()
    await stage.moved(task.id, TaskUpdate(TaskState.SUCCESS), tell=False)  # and the bot is stopped at this moment
    await stage.delivery.resume()
    await stage.done()
    assert shows_end(message)
    assert "stopped checking" not in message.text


async def test_messages_of_running_tasks_that_are_up_to_date_cost_a_start_nothing(stage: Stage) -> None:
    task = await stage.task()
    await stage.shown(task)
    await stage.delivery.resume()
    assert wakes_nothing(stage)


async def test_a_message_that_discord_will_never_take_costs_a_start_nothing(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    stage.local.fail_next("PATCH", str(message.id), status=400, code=50035, times=100)
    await stage.success(task)
    await stage.done()
    asked = stage.asked("PATCH", str(message.id))
    await stage.delivery.resume()
    assert wakes_nothing(stage)
    assert stage.asked("PATCH", str(message.id)) == asked


async def test_a_progress_that_discord_did_not_take_is_no_reason_to_leave_the_end_out(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    stage.local.fail_next("PATCH", str(message.id), status=400, code=50035, times=2)
    running = await stage.progress(task, 50)
    await stage.done()
    (row,) = await stage.store.messages.for_task(task.id)
    assert not row.shows(running)
    await stage.success(task)
    await stage.done()
    assert shows_end(message)
