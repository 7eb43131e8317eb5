"""The journal: what is asked of the image service, written down before it goes out and when its answer is known.

Every method is one transaction, and doing it again changes nothing more, so that a write that failed can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.midjourney import SubmitTag
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

# Two presses of one button by one person within this many milliseconds are one press: a double click.
DOUBLE_CLICK_MS = 1_500
# Discord's ids hold the milliseconds of its own clock above this many lower bits (its "Snowflakes").
SNOWFLAKE_BITS = 22
# Stands with a press from the moment on when its window's confirmation goes out: a second one never may.
MODAL_CONFIRMED = "window confirmed"
# Stands with a task in the bot's queue whose parent the service does not see as finished yet.
PARENT_UNREADY = "parent_unready"

CallbackUrl = Callable[[TaskId, str], str | None]


@dataclass(frozen=True, slots=True)
class JournaledSubmission:
    """A journalled request: `parent` is the task whose button was pressed, `pictures` what came with it, `actor` who
    asks (None once that is not known any more).

    `waited`: it was shown as waiting before it was sent, so that its message says whatever follows.
    """

    task: Task
    press: Submission
    tag: SubmitTag
    parent: Task | None
    pictures: Sequence[InputImage]
    actor: Actor | None = None
    waited: bool = False


class Journal:
    """Writes the journal. Every method raises StorageError, after which nothing of it was written."""

    def __init__(
        self,
        store: Store,
        *,
        callback_url: CallbackUrl,
        clock: Callable[[], float],
        same: Callable[[Request, Request], bool],
    ) -> None:
        """`callback_url` gives a task's callback address for its id and token, or None where none is wanted.

        `same` tells whether two requests ask for the same.
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
        """Journals a request as the task `task_id`, unless this press of it was journalled already.

        `again` is the task that this one is another try of. `queue_ahead`: it waits in the bot's own queue, behind so
        many; None when it is about to be sent.
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
        """A request leaves the bot's queue and is about to be sent; from here on it is not known whether it was.

        `request` takes its place where its links had to be refreshed.
        None when it does not wait any more.
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
        """The service surely did not take the request, and it is to be sent again later; the task as it waits, or None
        when it cannot any more."""
        async with self._store.transaction():
            task = await self._store.tasks.queue_again(asked.task.id, PARENT_UNREADY, self._clock())
            if task:
                await self._store.submissions.set_outcome(
                    asked.press.interaction_id, SubmissionOutcome.QUEUED, self._clock()
                )
            return task

    async def withdraw(self, interaction_id: int) -> Task | None:
        """A request leaves the bot's queue and is never sent; the task, or None when it does not wait any more."""
        async with self._store.transaction():
            press = await self._store.submissions.get(interaction_id)
            if press is None or press.outcome is not SubmissionOutcome.QUEUED:
                return None
            await self._store.submissions.set_outcome(
                interaction_id, SubmissionOutcome.REFUSED, self._clock(), "withdrawn"
            )
            return await self._store.tasks.move(press.task_id, TaskUpdate(TaskState.CANCELLED), self._clock())

    async def unsettled(self, task_id: TaskId) -> Task | None:
        """The answer of a request was lost; the task as it stands then."""
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
            return False  # a painted region is as old as its link, and no double click of another one
        same = await self._store.submissions.same_button(context.user_id, new.parent_id, new.request.custom_id, moment)
        return same is not None

    async def waiting_modal(self, press: Submission) -> JournaledSubmission | None:
        """The request behind a window that surely was not confirmed yet; None where there is none."""
        task = await self._store.tasks.get(press.task_id)
        if task is None or press.outcome is not SubmissionOutcome.MODAL or task.upstream_id is None:
            return None
        pictures = await self._store.tasks.inputs(task.id)
        # The callback address came with the submit that opened the window; its token is not kept.
        return JournaledSubmission(task, press, SubmitTag(state=press.nonce, notify_hook=None), None, pictures)

    async def modal(self, asked: JournaledSubmission, upstream_id: str) -> None:
        """The service took the request and waits for its window to be confirmed."""
        async with self._store.transaction():
            await self._store.submissions.set_outcome(
                asked.press.interaction_id, SubmissionOutcome.MODAL, self._clock()
            )
            change = TaskUpdate(TaskState.AWAITING_CONFIRMATION, upstream_id=upstream_id)
            await self._store.tasks.move(asked.task.id, change, self._clock())

    async def confirming(self, asked: JournaledSubmission) -> None:
        """The window's confirmation is about to go out; from here on nobody knows whether it did."""
        await self._store.submissions.set_outcome(
            asked.press.interaction_id, SubmissionOutcome.CONFIRMING, self._clock(), MODAL_CONFIRMED
        )

    async def taken(
        self, asked: JournaledSubmission, upstream_ids: Sequence[str], queue_ahead: int | None
    ) -> list[Task]:
        """The service took the request as these tasks of its own, at least one; ours, the asked one first."""
        async with self._store.transaction():
            press = await self._store.submissions.get(asked.press.interaction_id)
            known = press is not None and press.outcome is SubmissionOutcome.ACCEPTED
            await self._store.submissions.set_outcome(
                asked.press.interaction_id, SubmissionOutcome.ACCEPTED, self._clock()
            )
            more = [] if known else await add_named(self._store, asked.task, upstream_ids, self._clock())
            change = TaskUpdate(TaskState.PENDING, upstream_id=upstream_ids[0], queue_ahead=queue_ahead)
            task = await self._store.tasks.move(asked.task.id, change, self._clock())
            # A callback may have been quicker than the answer; then the task already stands further on.
            task = task or await self._store.tasks.get(asked.task.id) or asked.task
        return [task, *more]

    async def made_no_task(self, asked: JournaledSubmission) -> Task | None:
        """The service did what was asked, and there is nothing more to come of it; a message of the task that stands
        already says so."""
        change = TaskUpdate(TaskState.REFUSED)
        if asked.waited:
            change = TaskUpdate(TaskState.SUCCESS, result=TaskResult(acknowledged=True))
        async with self._store.transaction():
            await self._store.submissions.set_outcome(
                asked.press.interaction_id, SubmissionOutcome.ACCEPTED, self._clock()
            )
            return await self._without_task(asked, change)

    async def refused(self, asked: JournaledSubmission, error: UserError) -> Task | None:
        """The service surely did not take the request; the task, if that was news."""
        async with self._store.transaction():
            await self._store.submissions.refuse(asked.press.interaction_id, error.code, error.params, self._clock())
            # What people have seen waiting stays in their lists, and its pictures stay for another try.
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
    """The ids of the interactions that are close enough to this one, by Discord's clock, to be a double click."""
    moment = interaction_id >> SNOWFLAKE_BITS
    first = max(0, moment - DOUBLE_CLICK_MS)
    return range(first << SNOWFLAKE_BITS, (moment + DOUBLE_CLICK_MS + 1) << SNOWFLAKE_BITS)
