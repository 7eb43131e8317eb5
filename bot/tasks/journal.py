"""The journal: records each submission before it is sent and again when its answer is known.

Every method is one transaction and idempotent, so a failed write can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.engines.models import SubmitTag
from bot.tasks.actor import Actor
from bot.tasks.batch import add_named
from bot.tasks.errors import UserError
from bot.tasks.results import Duplicate, InteractionContext, new_callback_token, new_nonce
from storage import (
    InputImage,
    NewSubmission,
    NewTask,
    Request,
    Store,
    Submission,
    SubmissionOutcome,
    Task,
    TaskId,
    TaskResult,
    TaskState,
    TaskUpdate,
)

# A second press of the same button by the same user within this many milliseconds is a double click.
DOUBLE_CLICK_MS = 1_500
# Discord's ids contain the milliseconds of its own clock above this many lower bits (its "Snowflakes").
SNOWFLAKE_BITS = 22
# Reason of a submission whose modal confirmation was or is being sent; the confirmation must never be sent twice.
MODAL_CONFIRMED = "window confirmed"
# Error code of a task in the bot's queue whose parent is not finished yet according to the service.
PARENT_UNREADY = "parent_unready"

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

    async def open(
        self,
        context: InteractionContext,
        request: Request,
        parent: Task | None,
        pictures: Sequence[InputImage],
        again: Task | None,
        *,
        task_id: TaskId,
        queue_ahead: int | None = None,
    ) -> JournaledSubmission | Duplicate:
        """Journals a request as the task `task_id`, unless the same submission is journaled already.

        `again` is the task that this one retries. `queue_ahead` is the number of requests ahead of it in the bot's own
        queue, or None if it is about to be sent.
        """
        now, token = self._clock(), new_callback_token()
        where = (context.user_id, context.guild_id, context.channel_id)
        new = NewTask(task_id, parent.id if parent else None, *where, request, token, pictures, queue_ahead)
        outcome = SubmissionOutcome.OUTCOME_UNKNOWN if queue_ahead is None else SubmissionOutcome.QUEUED
        async with self._store.transaction():
            if await self._is_repeated(context, new, again):
                return Duplicate()
            task = await self._store.tasks.add(new, now)
            ids = (context.interaction_id, context.user_id, task.id, task.parent_id)
            submission = NewSubmission(*ids, request.custom_id, new_nonce())
            press = await self._store.submissions.insert(submission, now, outcome)
            await self._store.messages.add(task.id, context.message())
        tag = SubmitTag(state=press.nonce, notify_hook=self._callback_url(task.id, token))
        return JournaledSubmission(task, press, tag, parent, pictures, context.actor)

    async def dequeue(self, interaction_id: int, request: Request | None = None) -> JournaledSubmission | None:
        """Takes a request out of the bot's queue before it is sent. From here on its outcome is unknown.

        `request` replaces the stored request if its links were refreshed. Returns None if the request is not waiting.
        """
        token = new_callback_token()
        async with self._store.transaction():
            press = await self._store.submissions.get(interaction_id)
            task = await self._store.tasks.get(press.task_id) if press else None
            if press is None or task is None or press.outcome is not SubmissionOutcome.QUEUED:
                return None
            await self._store.submissions.set_outcome(interaction_id, SubmissionOutcome.OUTCOME_UNKNOWN, self._clock())
            await self._store.tasks.renew_callback(task.id, token)
            if request is not None and request != task.request:
                task = await self._store.tasks.rewrite(task.id, request)
            parent = await self._store.tasks.get(task.parent_id) if task.parent_id else None
            pictures = await self._store.tasks.inputs(task.id)
        tag = SubmitTag(state=press.nonce, notify_hook=self._callback_url(task.id, token))
        return JournaledSubmission(task, press, tag, parent, pictures, waited=True)

    async def put_back(self, asked: JournaledSubmission) -> Task | None:
        """Returns a request to the queue after the service certainly did not accept it. Returns the waiting task, or
        None if the task can no longer wait."""
        async with self._store.transaction():
            task = await self._store.tasks.queue_again(asked.task.id, PARENT_UNREADY, self._clock())
            if task:
                await self._store.submissions.set_outcome(
                    asked.press.interaction_id, SubmissionOutcome.QUEUED, self._clock()
                )
            return task

    async def withdraw(self, interaction_id: int) -> Task | None:
        """Takes a request out of the bot's queue without sending it. Returns the task, or None if the request is not
        waiting."""
        async with self._store.transaction():
            press = await self._store.submissions.get(interaction_id)
            if press is None or press.outcome is not SubmissionOutcome.QUEUED:
                return None
            await self._store.submissions.set_outcome(
                interaction_id, SubmissionOutcome.REFUSED, self._clock(), "withdrawn"
            )
            return await self._store.tasks.move(press.task_id, TaskUpdate(TaskState.CANCELLED), self._clock())

    async def unsettled(self, task_id: TaskId) -> Task | None:
        """Records that the answer of a request was lost. Returns the task's current state."""
        moved = await self._store.tasks.move(task_id, TaskUpdate(TaskState.SUBMITTING), self._clock())
        return moved or await self._store.tasks.get(task_id)

    async def _is_repeated(self, context: InteractionContext, new: NewTask, again: Task | None) -> bool:
        moment = _double_click(context.interaction_id)
        if await self._store.submissions.get(context.interaction_id):
            return True
        if again:
            earlier = await self._store.tasks.requested_by(new.owner_id, moment, parent_id=new.parent_id)
            return any(task_id != again.id and self._same(request, new.request) for task_id, request in earlier)
        if new.parent_id is None or new.request.custom_id is None or new.pictures:
            return False  # a mask has its link's interaction id, so its time cannot indicate a double click
        same = await self._store.submissions.same_button(context.user_id, new.parent_id, new.request.custom_id, moment)
        return same is not None

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
        async with self._store.transaction():
            await self._store.submissions.set_outcome(
                asked.press.interaction_id, SubmissionOutcome.MODAL, self._clock()
            )
            change = TaskUpdate(TaskState.AWAITING_CONFIRMATION, upstream_id=upstream_id)
            await self._store.tasks.move(asked.task.id, change, self._clock())

    async def confirming(self, asked: JournaledSubmission) -> None:
        """Records that the modal's confirmation is about to be sent. From here on it is unknown whether the service
        received it."""
        await self._store.submissions.set_outcome(
            asked.press.interaction_id, SubmissionOutcome.CONFIRMING, self._clock(), MODAL_CONFIRMED
        )

    async def taken(
        self, asked: JournaledSubmission, upstream_ids: Sequence[str], queue_ahead: int | None
    ) -> list[Task]:
        """Records that the service accepted the request as one or more of its tasks. Returns the bot's tasks, the
        submitted one first."""
        async with self._store.transaction():
            press = await self._store.submissions.get(asked.press.interaction_id)
            known = press is not None and press.outcome is SubmissionOutcome.ACCEPTED
            await self._store.submissions.set_outcome(
                asked.press.interaction_id, SubmissionOutcome.ACCEPTED, self._clock()
            )
            more = [] if known else await add_named(self._store, asked.task, upstream_ids, self._clock())
            change = TaskUpdate(TaskState.PENDING, upstream_id=upstream_ids[0], queue_ahead=queue_ahead)
            task = await self._store.tasks.move(asked.task.id, change, self._clock())
            # A callback may have arrived before the answer; then the task has already advanced.
            task = task or await self._store.tasks.get(asked.task.id) or asked.task
        return [task, *more]

    async def made_no_task(self, asked: JournaledSubmission) -> Task | None:
        """Records that the service performed the request without creating a task. A message that already exists shows
        this."""
        change = TaskUpdate(TaskState.REFUSED)
        if asked.waited:
            change = TaskUpdate(TaskState.SUCCESS, result=TaskResult(acknowledged=True))
        async with self._store.transaction():
            await self._store.submissions.set_outcome(
                asked.press.interaction_id, SubmissionOutcome.ACCEPTED, self._clock()
            )
            return await self._without_task(asked, change)

    async def refused(self, asked: JournaledSubmission, error: UserError) -> Task | None:
        """Records that the service certainly did not accept the request. Returns the task if its state changed."""
        async with self._store.transaction():
            await self._store.submissions.refuse(asked.press.interaction_id, error.code, error.params, self._clock())
            # A task that was shown as waiting stays in task lists, and its images are kept for a retry.
            state = TaskState.FAILURE if asked.waited else TaskState.REFUSED
            change = TaskUpdate(state, error_code=error.code, error_params=error.params)
            return await self._without_task(asked, change)

    async def _without_task(self, asked: JournaledSubmission, change: TaskUpdate) -> Task | None:
        task = await self._store.tasks.move(asked.task.id, change, self._clock())
        for message in await self._store.messages.for_task(asked.task.id):
            if message.shown_version == 0 and not asked.waited:
                await self._store.messages.mark_unreachable(message.id)
        return task


def _double_click(interaction_id: int) -> range:
    """The interaction ids close enough to this one, by Discord's clock, to be a double click."""
    moment = interaction_id >> SNOWFLAKE_BITS
    first = max(0, moment - DOUBLE_CLICK_MS)
    return range(first << SNOWFLAKE_BITS, (moment + DOUBLE_CLICK_MS + 1) << SNOWFLAKE_BITS)
