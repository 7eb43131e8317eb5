"""The journal: records each submission before it is sent and again when its answer is known.

Every method is one operation of the store and idempotent, so a failed write can be repeated.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple
from weakref import WeakValueDictionary

from bot.engines.models import SubmitTag
from bot.tasks.batch import Split, named
from bot.tasks.errors import UserError
from bot.tasks.events import ending_of
from bot.tasks.policy import Actor
from bot.tasks.results import Duplicate, InteractionContext, new_callback_token, new_nonce
from storage import (
    PREDECESSORS,
    InputImage,
    NewOutcome,
    NewSubmission,
    NewTask,
    Opening,
    Repeats,
    Request,
    Role,
    Store,
    Submission,
    SubmissionOutcome,
    Task,
    TaskId,
    TaskResult,
    TaskState,
    TaskUpdate,
    queued_again,
    rewritten,
)

# A second press of the same button by the same user within this many milliseconds is a double click.
DOUBLE_CLICK_MS = 1_500
# Discord's ids contain the milliseconds of its own clock above this many lower bits (its "Snowflakes").
SNOWFLAKE_BITS = 22
# Reason of a submission whose modal confirmation was or is being sent; the confirmation must never be sent twice.
MODAL_CONFIRMED = "window confirmed"
# Error code of a task in the bot's queue whose parent is not finished yet according to the service.
PARENT_UNREADY = "parent_unready"
# Error code of a task whose result was lost with the answer to its request.
ANSWER_LOST = "answer_lost"
# Error code of a task whose answer came, and held no result.
NO_RESULT, NO_RESULT_SILENT = "no_result", "no_result_silent"

CallbackUrl = Callable[[TaskId, str], str | None]


@dataclass(frozen=True, slots=True)
class JournaledSubmission:
    """A journaled request. `parent` is the task whose button was pressed, `pictures` are the images of the request,
    `actor` is the user (None once unknown).

    `waited`: its message showed it as waiting before it was sent, so that message also has to show the outcome.
    """

    task: Task
    press: Submission
    tag: SubmitTag
    parent: Task | None
    pictures: Sequence[InputImage]
    actor: Actor | None = None
    waited: bool = False


class NewSecrets(NamedTuple):
    """What identifies a submission that is not journaled yet: the id of its task, the secret part of the callback URL,
    and what the service gets of both."""

    task_id: TaskId
    callback_token: str
    tag: SubmitTag


class Journal:
    """Writes the journal. Every method raises StorageError, in which case it has written nothing."""

    def __init__(
        self,
        store: Store,
        *,
        callback_url: CallbackUrl,
        clock: Callable[[], float],
        same: Callable[[Request, Request], bool],
    ) -> None:
        """`callback_url` returns a task's callback URL for its id and token, or None if callbacks are not used.

        `same` returns whether two requests are equal.
        """
        self._store = store
        self._same = same
        self._callback_url = callback_url
        self._clock = clock
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def secrets_for(self, task_id: TaskId) -> NewSecrets:
        """New random values for a submission as the task `task_id`."""
        token = new_callback_token()
        return NewSecrets(task_id, token, SubmitTag(state=new_nonce(), notify_hook=self._callback_url(task_id, token)))

    async def open(
        self,
        context: InteractionContext,
        request: Request,
        parent: Task | None,
        pictures: Sequence[InputImage],
        again: Task | None,
        *,
        secrets: NewSecrets,
        queue_ahead: int | None = None,
    ) -> JournaledSubmission | Duplicate:
        """Journals a request as a new task, unless the same submission is journaled already.

        `again` is the task that this one retries. `queue_ahead` is the number of requests ahead of it in the bot's own
        queue, or None if it is about to be sent.
        """
        task_id, parent_id = secrets.task_id, parent.id if parent else None
        where = (context.user_id, context.guild_id, context.channel_id)
        new = NewTask(task_id, parent_id, *where, request, secrets.callback_token, pictures, queue_ahead)
        ids = (context.interaction_id, context.user_id, task_id, parent_id)
        opening = Opening(
            new,
            NewSubmission(*ids, request.custom_id, secrets.tag.state),
            context.message(),
            SubmissionOutcome.OUTCOME_UNKNOWN if queue_ahead is None else SubmissionOutcome.QUEUED,
            self._clock(),
            _repeats(context, new, again),
        )
        # Requests that share a commit are sent at the same moment and may arrive in another order. Those of one user do
        # not share one.
        async with self._turns.setdefault(context.user_id, asyncio.Lock()):
            opened = await self._store.submissions.open(opening, self._same if again else None)
        if opened is None:
            return Duplicate()
        return JournaledSubmission(*opened, secrets.tag, parent, pictures, context.actor)

    async def dequeue(self, interaction_id: int, request: Request | None = None) -> JournaledSubmission | None:
        """Takes a request out of the bot's queue before it is sent. From here on its outcome is unknown.

        `request` replaces the stored request if its links were refreshed. Returns None if the request is not waiting.
        """
        press = await self._store.submissions.get(interaction_id)
        task = await self._store.tasks.get(press.task_id) if press else None
        if press is None or task is None or press.outcome is not SubmissionOutcome.QUEUED:
            return None
        parent = await self._store.tasks.get(task.parent_id) if task.parent_id else None
        pictures, token = await self._store.tasks.inputs(task.id), new_callback_token()
        new = NewOutcome(
            interaction_id,
            SubmissionOutcome.OUTCOME_UNKNOWN,
            self._clock(),
            only_from=frozenset({SubmissionOutcome.QUEUED}),
            callback_token=token,
            durable=True,
        )

        def change(waiting: Task) -> Task:
            return waiting if request is None or request == waiting.request else rewritten(waiting, request)

        settled = await self._store.submissions.set_outcome(press, new, change)
        if settled is None:
            return None
        tag = SubmitTag(state=press.nonce, notify_hook=self._callback_url(task.id, token))
        return JournaledSubmission(settled.task or task, press, tag, parent, pictures, waited=True)

    async def put_back(self, asked: JournaledSubmission) -> Task | None:
        """Returns a request to the queue after the service certainly did not accept it. Returns the waiting task, or
        None if the task can no longer wait."""
        now = self._clock()
        task = await self._store.tasks.get(asked.task.id)
        if task is None or task.state not in (TaskState.QUEUED, TaskState.SUBMITTING):
            return None
        new = NewOutcome(asked.press.interaction_id, SubmissionOutcome.QUEUED, now)
        settled = await self._store.submissions.set_outcome(
            asked.press, new, partial(queued_again, error_code=PARENT_UNREADY, now=now)
        )
        return (settled.task or task) if settled else None

    async def withdraw(self, interaction_id: int) -> Task | None:
        """Takes a request out of the bot's queue without sending it. Returns the task, or None if the request is not
        waiting."""
        press = await self._store.submissions.get(interaction_id)
        if press is None or press.outcome is not SubmissionOutcome.QUEUED:
            return None
        new = NewOutcome(
            interaction_id,
            SubmissionOutcome.REFUSED,
            self._clock(),
            reason="withdrawn",
            only_from=frozenset({SubmissionOutcome.QUEUED}),
        )
        return await self._settled(press, new, TaskUpdate(TaskState.CANCELLED))

    async def unsettled(self, task_id: TaskId) -> Task | None:
        """Records that the answer of a request was lost. Returns the task's current state."""
        moved = await self._store.tasks.move(task_id, TaskUpdate(TaskState.SUBMITTING), self._clock())
        return moved or await self._store.tasks.get(task_id)

    async def waiting_modal(self, press: Submission) -> JournaledSubmission | None:
        """The request behind a modal that certainly was not confirmed yet; None if there is none."""
        task = await self._store.tasks.get(press.task_id)
        if task is None or press.outcome is not SubmissionOutcome.MODAL or task.upstream_id is None:
            return None
        pictures = await self._store.tasks.inputs(task.id)
        # The callback URL was sent with the submit that opened the modal; its token is not stored.
        return JournaledSubmission(task, press, SubmitTag(state=press.nonce, notify_hook=None), None, pictures)

    async def modal(self, asked: JournaledSubmission, upstream_id: str) -> None:
        """Records that the service accepted the request and waits for its modal to be confirmed."""
        new = NewOutcome(asked.press.interaction_id, SubmissionOutcome.MODAL, self._clock())
        change = TaskUpdate(TaskState.AWAITING_CONFIRMATION, upstream_id=upstream_id)
        await self._settled(asked.press, new, change)

    async def confirming(self, asked: JournaledSubmission) -> bool:
        """Records that the modal's confirmation is about to be sent. From here on it is unknown whether the service
        received it. Returns False if it must not be sent, because it may have been sent already."""
        new = NewOutcome(
            asked.press.interaction_id,
            SubmissionOutcome.CONFIRMING,
            self._clock(),
            reason=MODAL_CONFIRMED,
            only_from=frozenset({SubmissionOutcome.MODAL}),
            durable=True,
        )
        return await self._store.submissions.set_outcome(asked.press, new) is not None

    async def taken(
        self, asked: JournaledSubmission, upstream_ids: Sequence[str], queue_ahead: int | None
    ) -> list[Task]:
        """Records that the service accepted the request as one or more of its tasks. Returns the bot's tasks, the
        submitted one first."""
        now = self._clock()
        split = await named(self._store, asked.task, upstream_ids, now) if len(upstream_ids) > 1 else Split()
        # The call of an engine whose answer may be the result is running already.
        state = TaskState.RUNNING if asked.task.state is TaskState.RUNNING else TaskState.PENDING
        update = TaskUpdate(state, upstream_id=upstream_ids[0], queue_ahead=queue_ahead)
        new = NewOutcome(
            asked.press.interaction_id,
            SubmissionOutcome.ACCEPTED,
            now,
            only_from=PREDECESSORS[SubmissionOutcome.ACCEPTED] - {SubmissionOutcome.ACCEPTED},
            further=split.further,
        )
        settled = await self._store.submissions.set_outcome(
            asked.press, new, lambda task: _taken(task, update, split.request, now)
        )
        moved, more = settled.task if settled else None, []
        if settled:
            found = [await self._store.tasks.get(added.task.id) for added in split.further]
            more = [task for task in found if task]
        else:
            # A callback arrived before the answer.
            press = await self._store.submissions.get(asked.press.interaction_id)
            if press and press.outcome is SubmissionOutcome.ACCEPTED:
                moved = await self._store.tasks.move(asked.task.id, update, now)
        task = moved or await self._store.tasks.get(asked.task.id) or asked.task
        return [task, *more]

    async def started(self, asked: JournaledSubmission) -> JournaledSubmission:
        """Records that the request is about to be sent to an engine whose answer is the result."""
        task = await self._store.tasks.move(asked.task.id, TaskUpdate(TaskState.RUNNING), self._clock())
        return dataclasses.replace(asked, task=task or asked.task)

    async def finished(self, asked: JournaledSubmission, change: TaskUpdate, images: Sequence[InputImage]) -> Task:
        """Records that the answer is the result: the task has ended. Its images are stored until they are shown and
        for a time after that."""
        now = self._clock()
        # The images first, and the outcome last: whatever is recorded in between, a restart finds the result.
        if images:
            await self._store.thumbnails.put(asked.task.id, Role.IMAGE, [image.data for image in images], now)
        await self._store.tasks.move_all({asked.task.id: change}, now, ending_of)
        new = NewOutcome(asked.press.interaction_id, SubmissionOutcome.ACCEPTED, now)
        await self._store.submissions.set_outcome(asked.press, new)
        return await self._store.tasks.get(asked.task.id) or asked.task

    async def lost(
        self, press: Submission, engine: str, code: str = ANSWER_LOST, reason: str | None = None
    ) -> Task | None:
        """Records that the answer was lost, and with it a result that cannot be fetched. Returns the task if its state
        changed. A task whose result was recorded before keeps it. `code` and `reason` say what is known about it."""
        task = await self._store.tasks.get(press.task_id)
        found = task is not None and task.state is TaskState.SUCCESS
        outcome = SubmissionOutcome.ACCEPTED if found else SubmissionOutcome.GIVEN_UP
        new = NewOutcome(press.interaction_id, outcome, self._clock())
        # A preview is no result.
        params = {"engine": engine, **({"reason": reason} if reason else {})}
        change = TaskUpdate(TaskState.FAILURE, result=TaskResult(), error_code=code, error_params=params)
        return await self._settled(press, new, change)

    async def made_no_task(self, asked: JournaledSubmission) -> Task | None:
        """Records that the service performed the request without creating a task. A message that already exists shows
        this."""
        change = TaskUpdate(TaskState.REFUSED)
        if asked.waited:
            change = TaskUpdate(TaskState.SUCCESS, result=TaskResult(acknowledged=True))
        new = NewOutcome(asked.press.interaction_id, SubmissionOutcome.ACCEPTED, self._clock())
        return await self._without_task(asked, new, change)

    async def not_acknowledged(self, asked: JournaledSubmission) -> None:
        """Records that the request is not sent, because its interaction could not be acknowledged."""
        new = NewOutcome(
            asked.press.interaction_id, SubmissionOutcome.REFUSED, self._clock(), reason="not acknowledged"
        )
        await self._without_task(asked, new, TaskUpdate(TaskState.REFUSED))

    async def refused(self, asked: JournaledSubmission, error: UserError) -> Task | None:
        """Records that the service certainly did not accept the request. Returns the task if its state changed."""
        # A task that was shown as waiting stays in task lists, and its images are kept for a retry.
        state = TaskState.FAILURE if asked.waited else TaskState.REFUSED
        change = TaskUpdate(state, error_code=error.code, error_params=error.params)
        new = NewOutcome(
            asked.press.interaction_id,
            SubmissionOutcome.REFUSED,
            self._clock(),
            error_code=error.code,
            error_params=error.params,
        )
        return await self._without_task(asked, new, change)

    async def _without_task(self, asked: JournaledSubmission, new: NewOutcome, change: TaskUpdate) -> Task | None:
        new = dataclasses.replace(new, drop_unshown=not asked.waited)
        return await self._settled(asked.press, new, change)

    async def _settled(self, press: Submission, new: NewOutcome, change: TaskUpdate) -> Task | None:
        settled = await self._store.submissions.set_outcome(press, new, lambda task: task.apply(change, new.now))
        return settled.task if settled else None


def _repeats(context: InteractionContext, new: NewTask, again: Task | None) -> Repeats | None:
    """The earlier submissions of which this one may be a repetition."""
    moment = _double_click(context.interaction_id)
    if again:
        return Repeats(moment, new.parent_id, different=(again.id,))
    if new.parent_id is None or new.request.custom_id is None:
        return None
    if new.pictures and new.request.window_prompt is not None:
        return None  # a mask has its link's interaction id, so its time cannot indicate a double click
    return Repeats(moment, new.parent_id, new.request.custom_id)


def _double_click(interaction_id: int) -> range:
    """The interaction ids close enough to this one, by Discord's clock, to be a double click."""
    moment = interaction_id >> SNOWFLAKE_BITS
    first = max(0, moment - DOUBLE_CLICK_MS)
    return range(first << SNOWFLAKE_BITS, (moment + DOUBLE_CLICK_MS + 1) << SNOWFLAKE_BITS)


def _taken(task: Task, update: TaskUpdate, request: Request | None, now: float) -> Task | None:
    """The accepted task, with its own part of a request that became several tasks."""
    moved = task.apply(update, now)
    if request is None:
        return moved
    return dataclasses.replace(moved, request=request) if moved else rewritten(task, request)
