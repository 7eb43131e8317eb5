"""The mapping from messages to tasks, the journal of presses, and people's preferences."""

from __future__ import annotations

import dataclasses

import pytest

from storage import (
    NewMessage,
    NewSubmission,
    Route,
    StorageError,
    Store,
    SubmissionOutcome,
    TaskState,
    TaskUpdate,
    UserDefaults,
)
from tests.support.storing import AddTask

BUTTON = "MJ::JOB::upsample::2::uuid"


def a_message(token_ends_at: float = 1900.0, message_id: int | None = None) -> NewMessage:
    return NewMessage(
        route=Route.FOLLOWUP,
        user_id=7,
        application_id=9,
        guild_id=1,
        channel_id=2,
        token="interaction-token",
        token_ends_at=token_ends_at,
        upload_limit=10_485_760,
        locale="en-US",
        message_id=message_id,
    )


def a_press(
    interaction_id: int = 11, nonce: str = "n1", task_id: str = "t1", source_task_id: str = "grid"
) -> NewSubmission:
    return NewSubmission(interaction_id, 7, task_id, source_task_id, BUTTON, nonce)


@pytest.fixture(autouse=True)
async def two_tasks(add_task: AddTask) -> None:
    await add_task("grid")
    await add_task("t1", parent_id="grid")


async def test_a_message_is_found_by_its_task_and_by_discords_id(store: Store) -> None:
    row_id = await store.messages.add("t1", a_message())
    await store.messages.sent(row_id, message_id=555, channel_id=3)
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


async def moved(store: Store, state: TaskState) -> int:
    task = await store.tasks.move("t1", TaskUpdate(state), 1500.0)
    assert task is not None
    return task.version


async def test_a_message_is_unfinished_until_it_shows_the_end(store: Store) -> None:
    row_id = await store.messages.add("t1", a_message())
    version = await moved(store, TaskState.RUNNING)
    await store.messages.shown(row_id, version=version - 1, settled=False, files=["boat.png"])
    assert await unfinished(store) == [row_id]
    version = await moved(store, TaskState.SUCCESS)
    await store.messages.shown(row_id, version=version, settled=True, files=["boat.png"])
    assert await unfinished(store) == []
    shown = await store.messages.get(row_id)
    assert shown is not None
    assert (shown.shown_version, shown.files) == (version, ("boat.png",))


@pytest.mark.parametrize("state", [TaskState.UNKNOWN, TaskState.STALLED])
async def test_a_message_that_says_lost_or_overdue_is_finished_until_its_task_goes_on(
    store: Store, state: TaskState
) -> None:
    row_id = await store.messages.add("t1", a_message())
    version = await moved(store, state)
    await store.messages.shown(row_id, version=version, settled=True, files=[])
    assert await unfinished(store) == []
    await moved(store, TaskState.SUCCESS)
    assert await unfinished(store) == [row_id]


async def test_what_came_while_a_message_was_shown_is_not_taken_for_shown(store: Store) -> None:
    row_id = await store.messages.add("t1", a_message())
    lost = await moved(store, TaskState.UNKNOWN)
    await moved(store, TaskState.RUNNING)
    await store.messages.shown(row_id, version=lost, settled=True, files=[])
    assert await unfinished(store) == [row_id]
    await moved(store, TaskState.SUCCESS)
    assert await unfinished(store) == [row_id]


async def test_an_overdue_task_that_is_looked_for_again_has_messages_to_bring_up_to_date(store: Store) -> None:
    row_id = await store.messages.add("t1", a_message())
    await store.tasks.move("t1", TaskUpdate(TaskState.RUNNING, upstream_id="u1"), 1500.0)
    await store.messages.shown(row_id, version=await moved(store, TaskState.STALLED), settled=True, files=[])
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


async def test_an_interaction_is_claimed_once(store: Store) -> None:
    claimed = await store.submissions.insert(a_press(), 1000.0)
    assert await store.submissions.get(11) == claimed
    with pytest.raises(StorageError):
        await store.submissions.insert(a_press(nonce="n2"), 1000.0)
    assert await store.submissions.get(12) is None


async def test_a_press_is_open_until_it_is_settled(store: Store) -> None:
    await store.submissions.insert(a_press(), 1000.0)
    for outcome in (SubmissionOutcome.OUTCOME_UNKNOWN, SubmissionOutcome.MODAL, SubmissionOutcome.CONFIRMING):
        await store.submissions.set_outcome(11, outcome, 1001.0)
        assert [press.outcome for press in await store.submissions.open()] == [outcome]
    await store.submissions.refuse(11, "link_ended", {"reason": "a link"}, 1002.0)
    assert await store.submissions.open() == []
    settled = await store.submissions.by_nonce("n1")
    assert settled is not None
    assert settled.outcome is SubmissionOutcome.REFUSED
    assert (settled.error_code, settled.error_params) == ("link_ended", {"reason": "a link"})


async def test_the_same_button_is_recognised_among_the_interactions_of_a_moment(store: Store) -> None:
    await store.submissions.insert(a_press(), 1000.0)
    assert await store.submissions.same_button(7, "grid", BUTTON, range(9, 12)) is not None
    assert await store.submissions.same_button(7, "grid", BUTTON, range(12, 15)) is None
    assert await store.submissions.same_button(7, "grid", BUTTON, range(9, 11)) is None
    assert await store.submissions.same_button(8, "grid", BUTTON, range(9, 12)) is None
    await store.submissions.set_outcome(11, SubmissionOutcome.REFUSED, 1000.5)
    assert await store.submissions.same_button(7, "grid", BUTTON, range(9, 12)) is None


async def test_a_press_that_waits_in_the_bot_is_not_open_and_comes_in_the_order_of_its_interaction(
    store: Store, add_task: AddTask
) -> None:
    await add_task("t2", parent_id="grid")
    await store.submissions.insert(a_press(12, "n2", "t2"), 1000.0, SubmissionOutcome.QUEUED)
    await store.submissions.insert(a_press(11, "n1", "t1"), 2000.0, SubmissionOutcome.QUEUED)
    assert await store.submissions.open() == []
    assert [press.interaction_id for press in await store.submissions.queued()] == [11, 12]
    assert [task.id for task in await store.tasks.queued()] == ["t1", "t2"]
    assert await store.submissions.used_buttons("grid") == {BUTTON}
    await store.submissions.set_outcome(11, SubmissionOutcome.OUTCOME_UNKNOWN, 2001.0)
    assert [press.interaction_id for press in await store.submissions.open()] == [11]
    assert [press.interaction_id for press in await store.submissions.queued()] == [12]


async def test_a_button_counts_as_used_when_the_service_took_the_press(store: Store, add_task: AddTask) -> None:
    await store.submissions.insert(a_press(), 1000.0)
    assert await store.submissions.used_buttons("grid") == frozenset()
    await store.submissions.set_outcome(11, SubmissionOutcome.ACCEPTED, 1001.0)
    assert await store.submissions.used_buttons("grid") == {BUTTON}
    made = await store.submissions.of_task("t1")
    assert made is not None
    assert made.interaction_id == 11


async def test_a_press_and_its_task_are_stored_together_or_not_at_all(store: Store) -> None:
    await store.submissions.insert(a_press(), 1000.0)
    with pytest.raises(StorageError):
        async with store.transaction():
            await store.tasks.move("t1", TaskUpdate(TaskState.PENDING), 1001.0)
            await store.submissions.insert(a_press(), 1001.0)
    task = await store.tasks.get("t1")
    assert task is not None
    assert task.state is TaskState.SUBMITTING


async def test_preferences_are_kept_a_person(store: Store) -> None:
    assert await store.user_settings.of(7) == UserDefaults(7)
    chosen = UserDefaults(7, mode="relax", bot_type="NIJI_JOURNEY", aspect="16:9", suffix="--s 50", remix=True)
    await store.user_settings.save(chosen)
    assert await store.user_settings.of(7) == chosen
    assert await store.user_settings.of(8) == UserDefaults(8)
