"""The journal of presses: each is journaled once, and each outcome replaces only those that it may replace."""

from __future__ import annotations

import dataclasses
from functools import partial

import pytest

from storage import (
    Action,
    FurtherTask,
    InputImage,
    NewOutcome,
    NewTask,
    Repeats,
    Request,
    StorageError,
    Store,
    Submission,
    SubmissionOutcome,
    Task,
    TaskState,
    TaskUpdate,
)
from tests.support.storing import AddTask, a_message, an_opening, opened, settled

BUTTON = "MJ::JOB::upsample::2::uuid"
PRESS = Request(Action.BUTTON, prompt="a paper boat", custom_id=BUTTON)


@pytest.fixture(autouse=True)
async def grid(add_task: AddTask) -> None:
    await add_task("grid")


async def test_a_press_is_journalled_with_its_task_and_its_message(store: Store, stranger: Store) -> None:
    made = await store.submissions.open(an_opening(parent_id="grid", request=PRESS))
    assert made is not None
    task, press = made
    for reader in (store, stranger):
        assert await reader.submissions.get(11) == press
        assert await reader.tasks.get("t1") == task
        (message,) = await reader.messages.for_task("t1")
        assert (message.user_id, message.token, message.message_id) == (7, "interaction-token", None)
    assert await store.submissions.get(12) is None
    assert await store.submissions.of_task("t1") == press


async def test_an_interaction_is_journalled_once(store: Store) -> None:
    press = await opened(store, an_opening())
    assert await store.submissions.open(an_opening(task_id="t2", nonce="other")) is None
    assert await store.submissions.get(11) == press
    assert await store.tasks.get("t2") is None


async def test_a_press_and_its_task_are_stored_together_or_not_at_all(store: Store) -> None:
    await opened(store, an_opening())
    with pytest.raises(StorageError):
        await store.submissions.open(an_opening(12, "t2", nonce="n11"))  # nonces are unique
    assert await store.tasks.get("t2") is None
    assert await store.messages.for_task("t2") == []


@pytest.mark.parametrize(
    ("ids", "custom_id", "outcome", "repeated"),
    [
        (range(9, 12), BUTTON, SubmissionOutcome.OUTCOME_UNKNOWN, True),
        (range(9, 12), BUTTON, SubmissionOutcome.ACCEPTED, True),
        (range(9, 12), BUTTON, SubmissionOutcome.REFUSED, False),
        (range(9, 12), "another", SubmissionOutcome.OUTCOME_UNKNOWN, False),
        (range(12, 15), BUTTON, SubmissionOutcome.OUTCOME_UNKNOWN, False),
        (range(9, 11), BUTTON, SubmissionOutcome.OUTCOME_UNKNOWN, False),
    ],
)
async def test_the_same_button_is_recognised_among_the_interactions_of_a_moment(
    store: Store, ids: range, custom_id: str, outcome: SubmissionOutcome, repeated: bool
) -> None:
    press = await opened(store, an_opening(parent_id="grid", request=PRESS))
    await settled(store, press, outcome)
    again = an_opening(16, "t2", parent_id="grid", request=PRESS, repeats=Repeats(ids, "grid", custom_id))
    assert (await store.submissions.open(again) is None) is repeated


async def test_a_retry_is_a_repetition_of_one_that_asks_for_the_same(store: Store, stranger: Store) -> None:
    boat, fox = Request(Action.IMAGINE, prompt="a boat"), Request(Action.IMAGINE, prompt="a fox")
    await opened(store, an_opening(10, "failed", request=boat))
    await opened(stranger, an_opening(11, "t1", request=fox))
    repeats = Repeats(range(9, 20), None, different=("failed",))

    def same(first: Request, second: Request) -> bool:
        return first.prompt == second.prompt

    assert await store.submissions.open(an_opening(12, "t2", request=fox, repeats=repeats), same) is None
    assert await store.submissions.open(an_opening(13, "t3", request=boat, repeats=repeats), same) is not None
    assert await store.submissions.open(an_opening(14, "t4", request=boat, repeats=repeats), same) is None


async def test_a_press_is_open_until_it_is_settled(store: Store) -> None:
    press = await opened(store, an_opening())
    for outcome in (SubmissionOutcome.OUTCOME_UNKNOWN, SubmissionOutcome.MODAL, SubmissionOutcome.CONFIRMING):
        assert await settled(store, press, outcome)
        assert [press.outcome for press in store.submissions.unsettled()] == [outcome]
        assert [task.id for task in await store.tasks.on_their_way()] == ["t1"]
    refusal = NewOutcome(
        11, SubmissionOutcome.REFUSED, 1002.0, error_code="link_ended", error_params={"reason": "a link"}
    )
    assert await store.submissions.set_outcome(press, refusal)
    assert store.submissions.unsettled() == []
    stored = await store.submissions.get(11)
    assert stored is not None
    assert stored.outcome is SubmissionOutcome.REFUSED
    assert (stored.error_code, stored.error_params) == ("link_ended", {"reason": "a link"})


async def test_a_press_that_waits_in_the_bot_is_not_open_and_comes_in_the_order_of_its_interaction(
    store: Store,
) -> None:
    await opened(
        store,
        an_opening(12, "t2", parent_id="grid", request=PRESS, outcome=SubmissionOutcome.QUEUED),
    )
    first = await opened(
        store,
        an_opening(11, "t1", parent_id="grid", request=PRESS, outcome=SubmissionOutcome.QUEUED, now=2000.0),
    )
    assert store.submissions.unsettled() == []
    assert [press.interaction_id for press in await store.submissions.queued()] == [11, 12]
    assert [task.id for task in await store.tasks.queued()] == ["t1", "t2"]
    assert await store.submissions.used_buttons("grid") == {BUTTON}
    assert await settled(store, first, SubmissionOutcome.OUTCOME_UNKNOWN)
    assert [press.interaction_id for press in store.submissions.unsettled()] == [11]
    assert [press.interaction_id for press in await store.submissions.queued()] == [12]


async def test_a_request_leaves_the_queue_once_with_a_new_callback_address(store: Store, stranger: Store) -> None:
    press = await opened(store, an_opening(outcome=SubmissionOutcome.QUEUED))
    leaving = NewOutcome(
        11,
        SubmissionOutcome.OUTCOME_UNKNOWN,
        1001.0,
        only_from=frozenset({SubmissionOutcome.QUEUED}),
        callback_token="new",
        durable=True,
    )
    assert await store.submissions.set_outcome(press, leaving, lambda task: task)
    assert await stranger.submissions.set_outcome(press, leaving, lambda task: task) is None
    for reader in (store, stranger):
        assert await reader.tasks.by_callback("t1", "new")
        assert await reader.tasks.by_callback("t1", "secret") is None


async def test_a_button_counts_as_used_when_the_service_took_the_press(store: Store) -> None:
    press = await opened(store, an_opening(parent_id="grid", request=PRESS))
    row_id = await store.messages.add("grid", a_message())
    assert await store.submissions.used_buttons("grid") == frozenset()
    await settled(store, press, SubmissionOutcome.ACCEPTED)
    assert await store.submissions.used_buttons("grid") == {BUTTON}
    found = await store.messages.with_used_buttons(row_id)
    assert found is not None
    assert (found[0].id, found[1]) == (row_id, frozenset({BUTTON}))


async def test_a_new_message_knows_the_parents_newest_message_in_its_channel(store: Store) -> None:
    for number, channel_id in enumerate((2, 2, 3)):
        row_id = await store.messages.add("grid", a_message())
        message, task = await store.messages.get(row_id), await store.tasks.get("grid")
        assert message is not None
        assert task is not None
        await store.messages.record_shown(message, task, message_id=500 + number, channel_id=channel_id, files=())
    await opened(store, an_opening(parent_id="grid", request=PRESS))
    (shown,) = await store.messages.for_task("t1")
    assert shown.reply_to == 501


async def test_further_tasks_of_an_answer_come_with_it(store: Store, stranger: Store) -> None:
    picture = InputImage("image/png", b"\x89PNG")
    press = await opened(store, an_opening(pictures=(picture,)))
    new = NewTask("t2", None, 7, 1, 2, PRESS, "token", (picture,), upstream_id="u2")
    further = (FurtherTask(new, a_message(), 1001.0),)
    outcome = NewOutcome(11, SubmissionOutcome.ACCEPTED, 1001.0, further=further)
    update = TaskUpdate(TaskState.PENDING, upstream_id="u1")
    done = await store.submissions.set_outcome(press, outcome, lambda task: task.apply(update, 1001.0))
    assert done is not None
    assert done.task == await stranger.tasks.get("t1")
    added = await stranger.tasks.get("t2")
    assert added is not None
    assert (added.state, added.upstream_id) == (TaskState.PENDING, "u2")
    assert await stranger.tasks.inputs("t2") == [picture]
    assert len(await stranger.messages.for_task("t2")) == 1


async def test_tasks_that_are_found_are_stored_once_and_leave_the_first_what_is_its_own(
    store: Store, stranger: Store
) -> None:
    await opened(store, an_opening())
    first = await store.tasks.move("t1", TaskUpdate(TaskState.PENDING, upstream_id="u1"), 1001.0)
    assert first is not None

    def found(name: str) -> tuple[FurtherTask, ...]:
        new = NewTask(name, None, 7, 1, 2, PRESS, "token", upstream_id="u2")
        return (FurtherTask(new, None, 1001.0, once=True),)

    own = dataclasses.replace(first.request, prompt="a boat")
    assert [task.id for task in await store.tasks.add_further(first, found("t2"), own)] == ["t2", "t1"]
    assert await stranger.tasks.add_further(first, found("t3")) == []
    rewritten = await stranger.tasks.get("t1")
    assert rewritten is not None
    assert (rewritten.request.prompt, rewritten.prompt, rewritten.version) == ("a boat", "a boat", first.version + 1)
    assert [task.id for task in await stranger.tasks.by_upstream("u2")] == ["t2"]


async def test_a_modal_that_turns_up_late_is_expected_unless_it_was_confirmed(store: Store) -> None:
    press = await opened(store, an_opening())
    assert await store.submissions.expect_modal("t1", "confirmed") is None
    await settled(store, press, SubmissionOutcome.ACCEPTED)
    changed = await store.submissions.expect_modal("t1", "confirmed")
    assert changed is not None
    assert store.submissions.unsettled() == [changed] == [await store.submissions.get(11)]
    for outcome in (SubmissionOutcome.CONFIRMING, SubmissionOutcome.ACCEPTED):
        assert await store.submissions.set_outcome(changed, NewOutcome(11, outcome, 1001.0, reason="confirmed"))
    assert await store.submissions.expect_modal("t1", "confirmed") is None


async def test_a_refused_press_takes_back_a_message_that_was_not_sent(store: Store, stranger: Store) -> None:
    press = await opened(store, an_opening())
    refusal = NewOutcome(11, SubmissionOutcome.REFUSED, 1001.0, drop_unshown=True)
    update = TaskUpdate(TaskState.REFUSED)
    assert await store.submissions.set_outcome(press, refusal, lambda task: task.apply(update, 1001.0))
    for reader in (store, stranger):
        assert await reader.messages.for_task("t1") == []
    assert await store.messages.unfinished() == []


async def test_prompts_that_may_become_several_tasks_are_known_while_they_may(store: Store) -> None:
    asked: list[Submission] = []
    for number, prompt in enumerate(("a {red, blue} fox", "a fox --repeat 2", "a fox")):
        opening = an_opening(10 + number, f"t{number}", request=Request(Action.IMAGINE, prompt=prompt))
        asked.append(press := await opened(store, opening))
        update = TaskUpdate(TaskState.PENDING, upstream_id=f"u{number}")
        taken = NewOutcome(press.interaction_id, SubmissionOutcome.ACCEPTED, 1001.0)
        await store.submissions.set_outcome(press, taken, partial(Task.apply, change=update, now=1001.0))
    restarted = Store(store._engine)
    await restarted.take_over()
    for reader in (store, restarted):
        assert [press.interaction_id for press, _ in reader.submissions.drawing(2000.0)] == [10, 11]
        await reader.tasks.move("t0", TaskUpdate(TaskState.SUCCESS), 1002.0)
    assert [press.interaction_id for press, _ in store.submissions.drawing(2000.0)] == [11]
