"""Who may see and stop which task: what one asked for, and what stands in a channel that one can read."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.tasks.actor import Access, Actor
from bot.tasks.errors import UserError
from bot.tasks.policy import Policy, may_cancel
from storage import (
    Action,
    NewMessage,
    NewSubmission,
    NewTask,
    Request,
    Route,
    Store,
    SubmissionOutcome,
    Task,
    TaskState,
    open_store,
)
from tests.support.machine import Machine

ADA, BOB = 7, 8
SERVER, OTHER_SERVER = 1, 2
OPEN, HIDDEN, MODERATED = 10, 11, 12
ADAS_DM, BOBS_DM, ELSEWHERE = 20, 21, 30

ACCESS = {OPEN: Access(view=True), MODERATED: Access(view=True, moderate=True)}


def access(channel_id: int) -> Access:
    return ACCESS.get(channel_id, Access())


def bob(guild_id: int | None = SERVER, channel_id: int | None = OPEN, *, owns_bot: bool = False) -> Actor:
    """Bob, who reads OPEN and moderates MODERATED."""
    return Actor(BOB, guild_id, channel_id, access, owns_bot)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(f"sqlite:///{tmp_path / 'atelier.db'}") as store:
        yield store


async def a_task(
    store: Store, guild_id: int | None, channel_id: int | None, *, owner: int = ADA, name: str = "fox"
) -> Task:
    new = NewTask(name, None, owner, guild_id, channel_id, Request(Action.IMAGINE, prompt="a fox"), "token")
    return await store.tasks.add(new, 1000.0)


async def shown(store: Store, task: Task, guild_id: int | None, channel_id: int, *, sent: bool = True) -> int:
    """A message that shows the task; its row."""
    new = NewMessage(Route.FOLLOWUP, BOB, 1, guild_id, channel_id, None, 0.0, 1)
    row = await store.messages.add(task.id, new)
    if sent:
        await store.messages.sent(row, message_id=900 + row, channel_id=channel_id)
    return row


@pytest.mark.parametrize(
    ("actor", "place", "sees"),
    [
        (bob(), (SERVER, OPEN), True),
        (bob(), (SERVER, MODERATED), True),
        (bob(), (SERVER, HIDDEN), False),
        (bob(SERVER, HIDDEN), (SERVER, HIDDEN), True),
        (bob(), (OTHER_SERVER, ELSEWHERE), False),
        # The same id as a channel of this server that is readable, but said to be in another.
        (bob(), (OTHER_SERVER, MODERATED), False),
        (bob(None, BOBS_DM), (SERVER, OPEN), False),
        (bob(None, BOBS_DM), (None, ADAS_DM), False),
        (bob(None, BOBS_DM), (None, None), False),
        (bob(None, None), (None, None), False),
        (bob(SERVER, None), (SERVER, None), False),
        (bob(None, ADAS_DM), (None, ADAS_DM), True),
        (bob(owns_bot=True), (SERVER, HIDDEN), True),
        (bob(None, BOBS_DM, owns_bot=True), (None, ADAS_DM), True),
        (Actor(ADA, None, None), (SERVER, HIDDEN), True),
        (Actor(BOB, SERVER, ELSEWHERE), (SERVER, OPEN), False),
    ],
)
async def test_a_task_is_seen_where_it_was_asked_for(
    store: Store, actor: Actor, place: tuple[int | None, int | None], sees: bool
) -> None:
    task = await a_task(store, *place)
    assert await Policy(store).may_see(actor, task) is sees
    if sees:
        assert await Policy(store).seen(actor, task.id) == task
    else:
        with pytest.raises(UserError, match="no_such_task"):
            await Policy(store).seen(actor, task.id)


@pytest.mark.parametrize(
    ("actor", "place", "sees"),
    [
        (bob(), (SERVER, OPEN), True),
        (bob(SERVER, MODERATED), (SERVER, OPEN), True),
        (bob(), (SERVER, HIDDEN), False),
        (bob(None, BOBS_DM), (None, BOBS_DM), True),
        (bob(None, BOBS_DM), (None, ADAS_DM), False),
        (bob(), (None, ADAS_DM), False),
        (bob(None, BOBS_DM), (SERVER, OPEN), False),
        (bob(), (OTHER_SERVER, ELSEWHERE), False),
    ],
)
async def test_a_task_is_seen_where_a_message_shows_it(
    store: Store, actor: Actor, place: tuple[int | None, int], sees: bool
) -> None:
    task = await a_task(store, None, ADAS_DM)
    assert not await Policy(store).may_see(actor, task)
    await shown(store, task, *place)
    assert await Policy(store).may_see(actor, task) is sees


async def test_a_message_that_is_gone_or_was_never_sent_shows_nothing(store: Store) -> None:
    task = await a_task(store, SERVER, HIDDEN)
    await shown(store, task, SERVER, OPEN, sent=False)
    assert not await Policy(store).may_see(bob(), task)
    row = await shown(store, task, SERVER, OPEN)
    assert await Policy(store).may_see(bob(), task)
    await store.messages.mark_unreachable(row)
    assert not await Policy(store).may_see(bob(), task)


async def test_of_many_tasks_the_visible_ones_are_found_in_their_order(store: Store) -> None:
    tasks = [
        await a_task(store, SERVER, channel, name=f"task{number}")
        for number, channel in enumerate([OPEN, HIDDEN, HIDDEN, MODERATED] * 300)
    ]
    for task in tasks[2::4]:
        await shown(store, task, SERVER, OPEN)
        await shown(store, task, SERVER, OPEN)
    visible = await Policy(store).visible(bob(), tasks)
    assert visible == [task for number, task in enumerate(tasks) if number % 4 != 1]


@pytest.mark.parametrize(
    ("actor", "place", "cancels"),
    [
        (bob(), (SERVER, OPEN), False),
        (bob(), (SERVER, MODERATED), True),
        # Moderating where the command is used is not enough.
        (bob(SERVER, MODERATED), (SERVER, OPEN), False),
        (bob(SERVER, MODERATED), (SERVER, HIDDEN), False),
        (bob(SERVER, MODERATED), (OTHER_SERVER, ELSEWHERE), False),
        (bob(None, BOBS_DM), (None, ADAS_DM), False),
        (bob(None, None), (None, None), False),
        (bob(owns_bot=True), (OTHER_SERVER, ELSEWHERE), True),
        (Actor(ADA, None, None), (SERVER, HIDDEN), True),
    ],
)
async def test_a_task_is_stopped_by_its_asker_and_by_the_moderators_of_its_channel(
    store: Store, actor: Actor, place: tuple[int | None, int | None], cancels: bool
) -> None:
    task = await a_task(store, *place)
    assert may_cancel(actor, task) is cancels


async def test_who_moderates_a_channel_but_may_not_read_it_stops_nothing(store: Store) -> None:
    task = await a_task(store, SERVER, HIDDEN)
    actor = dataclasses.replace(bob(), access=lambda _: Access(view=False, moderate=True))
    assert not may_cancel(actor, task)


@pytest.mark.parametrize(("owner", "outcome"), [(BOB, SubmissionOutcome.REFUSED), (ADA, SubmissionOutcome.ACCEPTED)])
async def test_a_job_that_is_found_again_after_a_lost_answer_is_shown_only_to_who_may_see_it(
    machine: Machine, owner: int, outcome: SubmissionOutcome
) -> None:
    drawn = await machine.taken(by=ADA)
    assert drawn.upstream_id
    new = NewTask("shown", None, owner, None, BOBS_DM, Request(Action.SHOW, job="a job"), "token")
    await machine.store.tasks.add(new, 1000.0)
    press = await machine.store.submissions.insert(NewSubmission(1, owner, "shown", None, None, "nonce"), 1000.0)
    await machine.service.adopt(press, await machine.midjourney.fetch(drawn.upstream_id))
    found = await machine.store.tasks.get("shown")
    settled = await machine.store.submissions.get(1)
    assert found is not None
    assert settled is not None
    assert settled.outcome is outcome
    assert found.upstream_id == (drawn.upstream_id if outcome is SubmissionOutcome.ACCEPTED else None)
    assert (found.state is TaskState.REFUSED) is (outcome is SubmissionOutcome.REFUSED)
