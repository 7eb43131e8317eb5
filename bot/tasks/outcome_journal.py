"""The journal's records of outcomes: waiting, confirmed, refused, lost, finished.

Every method is one operation of the store and idempotent, so a failed write can be repeated.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial

from bot.engines.models import SubmitTag
from bot.tasks.errors import UserError
from bot.tasks.journal import CallbackUrl, JournaledSubmission
from bot.tasks.requests import new_callback_token
from bot.tasks.task_updates import MODAL_CONFIRMED, ending_of
from storage import (
    InputImage,
    NewOutcome,
    Request,
    Store,
    Submission,
    SubmissionOutcome,
    Task,
    TaskId,
    TaskResult,
    TaskState,
    TaskUpdate,
    ThumbnailRole,
    queued_again,
    rewritten,
)

# Error code of a task in the bot's queue whose parent is not finished yet according to the service.
PARENT_UNREADY = "parent_unready"
# Error code of a task whose result was lost with the answer to its request.
ANSWER_LOST = "answer_lost"
# Error code of a task whose answer came, and held no result.
NO_RESULT, NO_RESULT_SILENT = "no_result", "no_result_silent"


class OutcomeJournal:
    """Writes every record of the journal except the first one of a submission and its acceptance
    (`bot.tasks.journal`). Every method raises StorageError, in which case it has written nothing."""

    def __init__(self, store: Store, *, callback_url: CallbackUrl, clock: Callable[[], float]) -> None:
        """`callback_url` returns a task's callback URL for its id and token, or None if callbacks are not used."""
        self._store = store
        self._callback_url = callback_url
        self._clock = clock

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
            await self._store.thumbnails.put(asked.task.id, ThumbnailRole.IMAGE, [image.data for image in images], now)
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
