"""Who may do what with which task: what one asked for, and what stands in a channel that one can read."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.tasks.errors import UserError
from bot.tasks.policy import (
    Access,
    Actor,
    InteractionContext,
    Operation,
    Policy,
    check,
    check_list,
    counts_in_queue,
    permits,
    removable,
)
from bot.tasks.service import TaskService
from storage import (
    TASK_STATES,
    Action,
    Batch,
    ChosenPicture,
    Draft,
    NewMessage,
    NewTask,
    Request,
    Route,
    Store,
    SubmissionOutcome,
    Task,
    TaskState,
    TaskUpdate,
    open_store,
)
from tests.support.machine import Machine, an_origin
from tests.support.storing import an_opening, opened

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
    """A task that waits in the bot's queue."""
    request = Request(Action.IMAGINE, prompt="a fox")
    new = NewTask(name, None, owner, guild_id, channel_id, request, "token", queue_ahead=1)
    return await store.tasks.add(new, 1000.0)


async def shown(store: Store, task: Task, guild_id: int | None, channel_id: int, *, sent: bool = True) -> int:
    """A message that shows the task; its row."""
    new = NewMessage(Route.FOLLOWUP, BOB, 1, guild_id, channel_id, None, 0.0, 1, None)
    row = await store.messages.add(task.id, new)
    if sent:
        message = await store.messages.get(row)
        assert message is not None
        await store.messages.record_shown(message, task, message_id=900 + row, channel_id=channel_id, files=())
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
        assert await Policy(store).task_for(actor, Operation.SEE, task.id) == task
    else:
        with pytest.raises(UserError, match="no_such_task"):
            await Policy(store).task_for(actor, Operation.SEE, task.id)


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
    assert permits(actor, Operation.CANCEL, task) is cancels


async def test_who_moderates_a_channel_but_may_not_read_it_stops_nothing(store: Store) -> None:
    task = await a_task(store, SERVER, HIDDEN)
    actor = bob()._replace(access=lambda _: Access(view=False, moderate=True))
    assert not permits(actor, Operation.CANCEL, task)


READ = Access(view=True)
ACTORS = {
    "asker": Actor(ADA, SERVER, OPEN),
    "reads the channel": Actor(BOB, SERVER, MODERATED, lambda _: READ),
    "does not read it": Actor(BOB, SERVER, MODERATED, lambda channel: Access() if channel == OPEN else READ),
    "moderates it": Actor(BOB, SERVER, MODERATED, lambda _: Access(view=True, moderate=True)),
    "owns the bot": Actor(BOB, None, BOBS_DM, owns_bot=True),
}
SEERS = {"asker", "reads the channel", "moderates it", "owns the bot"}
MANAGERS = {"asker", "moderates it", "owns the bot"}
# Who may do what with a finished task that was asked for in a channel of the server.
ALLOWED = {
    Operation.SEE: SEERS,
    Operation.PRESS: SEERS,
    Operation.TRY_AGAIN: SEERS,
    Operation.LOOK_AGAIN: SEERS,
    Operation.FETCH_AGAIN: SEERS,
    Operation.TURN_PAGE: SEERS,
    Operation.SHOW: SEERS,
    Operation.SEED: SEERS,
    Operation.CANCEL: MANAGERS,
    Operation.DELETE: MANAGERS,
}


def test_every_operation_has_its_row() -> None:
    assert set(ALLOWED) == set(Operation)


@pytest.mark.parametrize("who", ACTORS)
@pytest.mark.parametrize("operation", Operation)
async def test_who_may_do_what_with_a_task(store: Store, operation: Operation, who: str) -> None:
    task = await a_task(store, SERVER, OPEN)
    if operation is not Operation.CANCEL:
        await store.tasks.move(task.id, TaskUpdate(TaskState.SUCCESS, upstream_id="17"), 2000.0)
    decided = Policy(store).task_for(ACTORS[who], operation, task.id)
    if who in ALLOWED[operation]:
        assert (await decided).id == task.id
        return
    with pytest.raises(UserError) as refused:
        await decided
    seen = who in SEERS
    assert refused.value.code == (f"not_yours_to_{operation}" if seen else "no_such_task")


@pytest.mark.parametrize("operation", Operation)
async def test_nobody_does_anything_with_a_task_that_does_not_exist(store: Store, operation: Operation) -> None:
    for actor in ACTORS.values():
        with pytest.raises(UserError, match="no_such_task"):
            await Policy(store).task_for(actor, operation, "unknown")


@pytest.mark.parametrize("state", TaskState)
async def test_what_can_be_done_depends_on_how_the_task_stands(store: Store, state: TaskState) -> None:
    task = dataclasses.replace(await a_task(store, SERVER, OPEN), state=state, upstream_id="17")
    asker = ACTORS["asker"]
    done = {operation for operation in Operation if permits(asker, operation, task)}
    by_state = {Operation.CANCEL, Operation.DELETE, Operation.SEED}
    assert done >= set(Operation) - by_state
    assert (Operation.CANCEL in done) is (TASK_STATES[state].cancellable)
    assert (Operation.DELETE in done) is state.settled
    assert (Operation.SEED in done) is (state is TaskState.SUCCESS)
    deleted = dataclasses.replace(task, deleted_at=1.0)
    assert not permits(asker, Operation.SHOW, deleted)
    with pytest.raises(UserError, match="deleted_already"):
        check(asker, Operation.DELETE, deleted)


async def test_a_seed_that_is_known_is_told_however_the_task_stands(store: Store) -> None:
    task = await a_task(store, SERVER, OPEN)
    known = dataclasses.replace(task, result=dataclasses.replace(task.result, seed="4242"))
    assert permits(ACTORS["reads the channel"], Operation.SEED, known)


STRANGER = ACTORS["does not read it"]


@pytest.mark.parametrize(
    "operate",
    [
        lambda service, task: service.submissions.press(_context(STRANGER), task.id, "digest"),
        lambda service, task: service.submissions.pressable(STRANGER, task.id, "digest"),
        lambda service, task: service.try_again(_context(STRANGER), task.id),
        lambda service, task: service.try_again(_context(STRANGER), task.id, prompt="a cat"),
        lambda service, task: service.look_again(STRANGER, task.id),
        lambda service, task: service.fetch_again(STRANGER, task.id),
        lambda service, task: service.cancel(STRANGER, task.id),
        lambda service, task: service.seed(STRANGER, task.id),
    ],
    ids=["press", "modal", "try again", "edit", "look again", "fetch again", "cancel", "seed"],
)
async def test_no_operation_of_the_service_goes_round_the_policy(
    machine: Machine, operate: Callable[[TaskService, Task], Awaitable[object]]
) -> None:
    task = await a_task(machine.store, SERVER, OPEN)
    with pytest.raises(UserError, match="no_such_task"):
        await operate(machine.service, task)
    assert not machine.images.submits
    assert await machine.now(task) == task


def _context(actor: Actor) -> InteractionContext:
    return dataclasses.replace(
        an_origin(actor.user_id), guild_id=actor.guild_id, channel_id=actor.channel_id, access=actor.access
    )


@pytest.mark.parametrize("who", ACTORS)
async def test_drafts_batches_and_chosen_pictures_are_their_authors_alone(store: Store, who: str) -> None:
    request = Request(Action.IMAGINE, prompt="a {red, blue} fox")
    await store.drafts.save(Draft("draft", ADA, request, 1000.0))
    await store.batches.add(Batch(1, ADA, request, ("a red fox", "a blue fox")), 1000.0)
    await store.chosen_pictures.add(ChosenPicture(2, ADA, ("https://cdn.example/a.png",), spoiler=False), 1000.0)
    policy, actor = Policy(store), ACTORS[who]
    if who == "asker":
        assert (await policy.draft(actor, "draft")).prompt == request.prompt
        assert (await policy.batch(actor, 1)).prompts == ("a red fox", "a blue fox")
        assert (await policy.chosen_picture(actor, 2)).urls == ("https://cdn.example/a.png",)
        return
    for code, decided in (
        ("draft_gone", policy.draft(actor, "draft")),
        ("batch_forgotten", policy.batch(actor, 1)),
        ("picture_forgotten", policy.chosen_picture(actor, 2)),
    ):
        with pytest.raises(UserError, match=code):
            await decided


@pytest.mark.parametrize("who", ACTORS)
def test_everybodys_tasks_are_listed_for_the_owner_of_the_bot_alone(who: str) -> None:
    check_list(ACTORS[who], everybodys=False)
    if who == "owns the bot":
        check_list(ACTORS[who], everybodys=True)
    else:
        with pytest.raises(UserError, match="not_the_owner"):
            check_list(ACTORS[who], everybodys=True)


async def test_the_queue_counts_ones_own_tasks_and_those_of_ones_server_or_group(store: Store) -> None:
    in_server = await a_task(store, SERVER, HIDDEN)
    in_group = await a_task(store, None, ADAS_DM, name="owl")
    assert [counts_in_queue(bob(), each) for each in (in_server, in_group)] == [True, False]
    assert [counts_in_queue(bob(None, ADAS_DM), each) for each in (in_server, in_group)] == [False, True]
    assert [counts_in_queue(bob(None, None), each) for each in (in_server, in_group)] == [False, False]
    for actor in (Actor(ADA, None, None), ACTORS["owns the bot"]):
        assert counts_in_queue(actor, in_server)
        assert counts_in_queue(actor, in_group)


async def test_a_deleted_result_is_removed_by_a_moderator_only_where_they_moderate(store: Store) -> None:
    task = await a_task(store, SERVER, MODERATED)
    for channel in (OPEN, MODERATED):
        await shown(store, task, SERVER, channel)
    messages = await store.messages.for_task(task.id)
    assert [each.channel_id for each in removable(bob(), task, messages)] == [MODERATED]
    assert removable(Actor(ADA, None, None), task, messages) == messages
    assert removable(ACTORS["owns the bot"], task, messages) == messages


@pytest.mark.parametrize(("owner", "outcome"), [(BOB, SubmissionOutcome.REFUSED), (ADA, SubmissionOutcome.ACCEPTED)])
async def test_a_job_that_is_found_again_after_a_lost_answer_is_shown_only_to_who_may_see_it(
    machine: Machine, owner: int, outcome: SubmissionOutcome
) -> None:
    drawn = await machine.taken(by=ADA)
    assert drawn.upstream_id
    new = NewTask("shown", None, owner, None, BOBS_DM, Request(Action.SHOW, options={"job": "a job"}), "token")
    opening = an_opening(1, "shown", now=1000.0)._replace(task=new)
    press = await opened(machine.store, opening)
    await machine.service.recovery.adopt(press, await machine.midjourney.fetch(drawn.upstream_id))
    found = await machine.store.tasks.get("shown")
    settled = await machine.store.submissions.get(1)
    assert found is not None
    assert settled is not None
    assert settled.outcome is outcome
    assert found.upstream_id == (drawn.upstream_id if outcome is SubmissionOutcome.ACCEPTED else None)
    assert (found.state is TaskState.REFUSED) is (outcome is SubmissionOutcome.REFUSED)
