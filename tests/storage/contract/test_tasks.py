"""Tasks move forward only, and come back as they were stored."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import (
    KEEPS_INPUTS,
    Action,
    InputImage,
    PolledTaskRow,
    Request,
    Store,
    StoredButton,
    StoredVideo,
    Task,
    TaskQuery,
    TaskResult,
    TaskState,
    TaskUpdate,
)
from tests.support.storing import AddTask

BEFORE_THE_END = [state for state in TaskState if not state.final]
FINAL = [state for state in TaskState if state.final]


def a_task(state: TaskState = TaskState.SUBMITTING, progress: int | None = None) -> Task:
    return Task(
        id="t1",
        upstream_id=None,
        parent_id=None,
        owner_id=7,
        guild_id=1,
        channel_id=2,
        request=Request(Action.IMAGINE, prompt="a paper boat"),
        state=state,
        progress=progress,
        queue_ahead=None,
        result=TaskResult(),
        buttons=(),
        error_code=None,
        error_params={},
        created_at=0.0,
        progressed_at=0.0,
        finished_at=None,
        version=1,
    )


@pytest.mark.parametrize(("earlier", "later"), list(itertools.combinations(BEFORE_THE_END, 2)))
def test_a_task_goes_on_but_never_back(earlier: TaskState, later: TaskState) -> None:
    moved = a_task(earlier).apply(TaskUpdate(later), 5.0)
    assert moved is not None
    # What the service is asked about again anyway is not stored.
    stored = (earlier, later) != (TaskState.PENDING, TaskState.RUNNING)
    assert (moved.state, moved.revision, moved.progressed_at) == (later, (2, 0) if stored else (1, 1), 5.0)
    assert a_task(later).apply(TaskUpdate(earlier, progress=99), 5.0) is None


@pytest.mark.parametrize(("final", "news"), list(itertools.product(FINAL, TaskState)))
def test_nothing_moves_a_task_that_has_ended(final: TaskState, news: TaskState) -> None:
    assert a_task(final).apply(TaskUpdate(news, progress=100, error_params={"reason": "late"}), 5.0) is None


def test_progress_only_grows() -> None:
    running = a_task(TaskState.RUNNING, progress=46)
    assert running.apply(TaskUpdate(TaskState.RUNNING, progress=31), 5.0) is None
    assert running.apply(TaskUpdate(TaskState.RUNNING, progress=46), 5.0) is None
    moved = running.apply(TaskUpdate(TaskState.RUNNING, progress=62), 5.0)
    assert moved is not None
    assert (moved.progress, moved.progressed_at) == (62, 5.0)


def test_a_shorter_queue_is_news_but_no_progress() -> None:
    pending = a_task(TaskState.PENDING)
    moved = pending.apply(TaskUpdate(TaskState.PENDING, queue_ahead=3), 5.0)
    assert moved is not None
    assert (moved.queue_ahead, moved.progressed_at) == (3, 0.0)


@given(
    st.lists(st.tuples(st.sampled_from(list(TaskState)), st.one_of(st.none(), st.integers(0, 100))), max_size=30),
    st.randoms(use_true_random=False),
)
def test_in_whatever_order_news_arrive_the_end_is_kept(
    news: list[tuple[TaskState, int | None]], chance: object
) -> None:
    task, revisions = a_task(), [(1, 0)]
    for now, (state, progress) in enumerate(news):
        moved = task.apply(TaskUpdate(state, progress=progress), float(now))
        if moved:
            assert not task.state.final
            revisions.append(moved.revision)
            task = moved
    for (version, step), following in itertools.pairwise(revisions):
        assert following in ((version + 1, 0), (version, step + 1))
    ends = [state for state, _ in news if state.final]
    assert not ends or task.state == ends[0]


async def test_a_task_comes_back_as_it_was_stored(store: Store, add_task: AddTask) -> None:
    request = Request(Action.BUTTON, prompt="boat", custom_id="MJ::JOB::upsample::2::x", options={"mode": "fast"})
    await add_task("parent")
    added = await add_task("t1", parent_id="parent", request=request)
    assert await store.tasks.get("t1") == added
    change = TaskUpdate(
        TaskState.SUCCESS,
        upstream_id="1760000000000001",
        progress=100,
        result=TaskResult(
            final_prompt="boat --v 7",
            image_url="https://cdn.example.net/x.png?ex=1",
            image_urls=("a", "b"),
            videos=(StoredVideo("v.mp4", "v.webp"),),
            text="1️⃣ a boat",
            lines=("a boat",),
            seed="42",
        ),
        buttons=(StoredButton("MJ::x", "U1", "", 2), StoredButton("MJ::y", "", "🔄", 2)),
    )
    moved = await store.tasks.move("t1", change, 2000.0)
    assert moved is not None
    assert await store.tasks.get("t1") == moved
    assert (moved.buttons, moved.result, moved.finished_at) == (change.buttons, change.result, 2000.0)


async def test_pictures_are_kept_until_the_task_has_succeeded(store: Store, add_task: AddTask) -> None:
    picture = InputImage("image/png", b"\x89PNG")
    await add_task(pictures=(picture,))
    assert await store.tasks.inputs("t1") == [picture]
    await store.tasks.move("t1", TaskUpdate(TaskState.SUCCESS), 2000.0)
    assert await store.tasks.inputs("t1") == []


async def test_where_a_picture_can_be_downloaded_is_kept_with_it(store: Store, add_task: AddTask) -> None:
    picture = InputImage("image/png", b"\x89PNG", url="https://cdn.example.com/1.png")
    await add_task(pictures=(picture,))
    assert await store.tasks.inputs("t1") == [picture]


async def test_pictures_of_a_request_that_a_button_can_repeat_are_kept_for_some_days(
    store: Store, add_task: AddTask
) -> None:
    picture = InputImage("image/png", b"\x89PNG")
    await add_task(pictures=(picture,), request=Request(Action.IMAGINE, options={KEEPS_INPUTS: True}))
    await store.tasks.move("t1", TaskUpdate(TaskState.SUCCESS), 2000.0)
    assert await store.tasks.inputs("t1") == [picture]
    assert await store.tasks.remove_inputs(1_999.0, limit=10) == 0
    assert await store.tasks.remove_inputs(2_001.0, limit=10) == 1
    assert await store.tasks.inputs("t1") == []


async def test_only_tasks_at_work_are_watched(store: Store, add_task: AddTask) -> None:
    for number, state in enumerate(TaskState):
        await add_task(f"t{number}", now=1000.0 - number)
        await store.tasks.move(f"t{number}", TaskUpdate(state, upstream_id=f"u{number}"), 1001.0)
    watched = await store.tasks.polled()
    assert [task.state for task in watched] == [TaskState.RUNNING, TaskState.PENDING]
    briefly = store.tasks.polled_briefly()
    assert briefly == [
        PolledTaskRow(task.id, task.upstream_id, task.progressed_at, task.request.option("mode")) for task in watched
    ]


async def test_news_of_many_tasks_move_those_that_they_are_news_to(store: Store, add_task: AddTask) -> None:
    picture = InputImage("image/png", b"\x89PNG")
    for number in range(3):
        await add_task(f"t{number}", pictures=(picture,))
    await store.tasks.move("t2", TaskUpdate(TaskState.FAILURE), 1_500.0)
    changes = {
        "t0": TaskUpdate(TaskState.RUNNING, upstream_id="u0", progress=40),
        "t1": TaskUpdate(TaskState.SUCCESS, upstream_id="u1"),
        "t2": TaskUpdate(TaskState.SUCCESS, upstream_id="u2"),
        "unknown": TaskUpdate(TaskState.SUCCESS),
    }
    moved = await store.tasks.move_all(changes, 2_000.0)
    assert {task.id: task.state for task in moved} == {"t0": TaskState.RUNNING, "t1": TaskState.SUCCESS}
    assert moved == [await store.tasks.get(task.id) for task in moved]
    assert [len(await store.tasks.inputs(f"t{number}")) for number in range(3)] == [1, 0, 1]
    assert await store.tasks.move_all(changes, 2_001.0) == []
    assert await store.tasks.move_all({}, 2_001.0) == []


async def test_the_mode_of_a_watched_task_is_told(store: Store, add_task: AddTask) -> None:
    await add_task(request=Request(Action.IMAGINE, label="\ud800", options={"mode": "relax"}))
    await store.tasks.move("t1", TaskUpdate(TaskState.PENDING, upstream_id="u1"), 1_001.0)
    assert [task.mode for task in store.tasks.polled_briefly()] == ["relax"]


async def test_an_overdue_task_is_taken_up_again_when_asked(store: Store, add_task: AddTask) -> None:
    await add_task()
    await store.tasks.move("t1", TaskUpdate(TaskState.STALLED, upstream_id="u1"), 1500.0)
    again = await store.tasks.watch_again("t1", 1600.0)
    assert again is not None
    assert (again.state, again.progressed_at) == (TaskState.RUNNING, 1600.0)
    assert await store.tasks.watch_again("t1", 1700.0) is None


async def test_a_callback_needs_the_tasks_own_token(store: Store, add_task: AddTask) -> None:
    await add_task("t1", token="one")
    await add_task("t2", token="two")
    found = await store.tasks.by_callback("t1", "one")
    assert found is not None
    assert found.id == "t1"
    assert await store.tasks.by_callback("t1", "two") is None
    assert await store.tasks.by_callback("t3", "one") is None


async def test_tasks_are_found_by_their_owner_state_and_words(store: Store, add_task: AddTask) -> None:
    for number, words in enumerate(("a red fox", "a 100% fox", "an owl")):
        request = Request(Action.IMAGINE, prompt=words)
        await add_task(f"t{number}", now=1000.0 + number, owner_id=7 if number else 8, request=request)
        state = TaskState.SUCCESS if number else TaskState.RUNNING
        await store.tasks.move(f"t{number}", TaskUpdate(state), 2000.0)
    await add_task("t9", now=3000.0)  # on its way: not taken yet

    async def found(wanted: TaskQuery) -> list[str]:
        return [task.id for task in await store.tasks.search(wanted, limit=10)]

    assert await found(TaskQuery()) == ["t2", "t1", "t0"]
    assert await found(TaskQuery(owner_id=7)) == ["t2", "t1"]
    assert await found(TaskQuery(words="FOX")) == ["t1", "t0"]
    assert await found(TaskQuery(words="100%")) == ["t1"]
    assert await found(TaskQuery(words="%")) == ["t1"]
    assert await found(TaskQuery(states=(TaskState.RUNNING,))) == ["t0"]
    assert [task.id for task in await store.tasks.search(TaskQuery(), limit=1, offset=1)] == ["t1"]


async def test_a_tasks_children_are_known(store: Store, add_task: AddTask) -> None:
    await add_task("t1")
    await add_task("t2", parent_id="t1")
    assert [task.id for task in await store.tasks.children("t1")] == ["t2"]
