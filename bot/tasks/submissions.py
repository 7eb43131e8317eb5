"""Submissions: from a request to the journal, to the image service, and back to the journal.

A request is prepared, journaled and committed first, then sent at most once, and its answer settles the journal. If its
user has enough tasks waiting at the service, it waits in the bot's queue first (`bot.tasks.held_requests`); links that
expire meanwhile are refreshed again. If no answer arrives, the journal records that (OUTCOME_UNKNOWN, or CONFIRMING for
a modal) and `bot.tasks.recovery` continues. An answer that cannot be saved is kept in memory and saved as soon as
possible.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import NoReturn

from bot.engines.base import ImageEngine, ReportProgress
from bot.engines.errors import AnswerLost, EngineError
from bot.engines.models import (
    AlreadyExists,
    ButtonInput,
    Feature,
    Finished,
    ModalRequired,
    NoTask,
    SubmitAccepted,
    SubmitAnswer,
)
from bot.engines.registry import EngineRegistry, OutageLog
from bot.platform.errors import NoResult
from bot.runtime.byte_budget import ByteBudget
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.attachment_links import AttachmentLinks, DiscordUnreachable
from bot.tasks.engine_calls import MAX_REASON, engine_of, refusal_of
from bot.tasks.errors import UserError, with_refusal
from bot.tasks.events import TaskEvents
from bot.tasks.held_requests import HeldRequests
from bot.tasks.in_flight import Opened, Preparation, SubmissionsInFlight, UnacknowledgedRequests
from bot.tasks.journal import ANSWER_LOST, NO_RESULT, NO_RESULT_SILENT, CallbackUrl, Journal, JournaledSubmission
from bot.tasks.policy import Actor, Policy
from bot.tasks.prompt import clean
from bot.tasks.request_preparation import check_suitable, settled_prompt
from bot.tasks.results import (
    ACKNOWLEDGED_BEFORE,
    Accepted,
    Acknowledged,
    Acknowledgement,
    Duplicate,
    InteractionContext,
    NotAcknowledged,
    NotPersisted,
    OutcomeUnknown,
    SubmitResult,
    new_task_id,
)
from bot.tasks.submit_progress import LivePreviews, SubmitProgress
from bot.tasks.task_mapping import to_update
from bot.tasks.unready_parents import UnreadyParents
from storage import KEEPS_INPUTS, Action, InputImage, Request, StorageError, Store, Submission, Task, TaskId

log = logging.getLogger(__name__)

_Request = tuple[InteractionContext, Request, Task | None, Sequence[InputImage], Task | None]


class Submitter:
    """Sends requests to the image service; journals each one before and settles it after."""

    def __init__(
        self,
        store: Store,
        engines: EngineRegistry,
        events: TaskEvents,
        background: TaskSupervisor,
        *,
        outage_log: OutageLog,
        links: AttachmentLinks,
        callback_url: CallbackUrl,
        budget: ByteBudget,
        previews: LivePreviews,
        clock: Callable[[], float],
    ) -> None:
        """`callback_url` returns a task's callback URL, None without callbacks. `previews` keeps unfinished images."""
        self._journal = Journal(store, callback_url=callback_url, clock=clock, same=links.same)
        self._store = store
        self._policy = Policy(store)
        self._engines = engines
        self._events = events
        self._background = background
        self._in_flight = SubmissionsInFlight(background)
        self._progress = SubmitProgress(store, events, previews, clock)
        self._outage_log = outage_log
        self._links = links
        self._unacknowledged = UnacknowledgedRequests(self._withdraw)
        self._closed = False
        sends, refuses = self._send_held, self._not_taken
        self.held = HeldRequests(
            store, self._journal, events, background, budget, links=links, send=sends, refuse=refuses, clock=clock
        )
        self._queue = self.held.queue
        self._unready = UnreadyParents(self._journal, self._queue, events)

    def close(self) -> None:
        """Stops accepting and sending requests; requests in flight continue."""
        self._closed = True
        self._queue.close()
        self._unready.close()

    def in_flight(self, press: Submission) -> bool:
        """Whether this process is sending this submission, or saving its answer, now."""
        return press in self._in_flight

    async def send(
        self,
        context: InteractionContext,
        request: Request,
        *,
        parent: Task | None = None,
        pictures: Sequence[InputImage] = (),
        again: Task | None = None,
        acknowledged: Acknowledgement = ACKNOWLEDGED_BEFORE,
    ) -> SubmitResult:
        """Journals a request and sends it once; `parent` is the task whose button was pressed.

        `again` is the task that this one retries. The request is journaled while the interaction is being
        `acknowledged`, and sent after that. Raises UserError.
        """
        self._check_open()
        engine = engine_of(self._engines, request)
        ready = await self._links.refreshed(settled_prompt(request, engine.capabilities))
        check_suitable(engine, ready, len(pictures))
        if engine.takes_links:
            pictures = await self._links.fresh_images(pictures)
        if pictures or ready.option(KEEPS_INPUTS):
            ready = ready.with_options(**{KEEPS_INPUTS: bool(pictures) and engine.repeats_inputs})
        self._check_open()
        # A shutdown may cancel the caller, but must not cancel a request in flight.
        what = (context, ready, parent, pictures, again)
        work = with_refusal(self._journal_and_send(what, acknowledged))
        answer = await asyncio.shield(self._background.start(work, "submit"))
        if isinstance(answer, UserError):
            raise answer
        return answer

    def _check_open(self) -> None:
        if self._closed:
            raise UserError("restarting")

    async def record_lost(self, press: Submission, task: Task) -> Task | None:
        """Records that the result of a task was lost with the answer. Returns the task if its state changed. Raises
        StorageError."""
        return await self._journal.lost(press, task.request.engine)

    async def confirm(self, press: Submission) -> SubmitResult:
        """Confirms a waiting modal that certainly was not confirmed yet, as soon as Discord can refresh its links.
        Raises UserError, StorageError."""
        asked = await self._journal.waiting_modal(press)
        if asked is None or asked.task.upstream_id is None:
            return Duplicate()
        with self._in_flight.sending(press.interaction_id):
            # The links may have expired while the program was not running.
            try:
                request = await self._links.refreshed(asked.task.request, patient=True)
            except DiscordUnreachable as error:
                log.info("task %s: the confirmation failed and will be repeated: %s", asked.task.id, error)
                return OutcomeUnknown(asked.task)
            except UserError as error:
                await self._not_taken(asked, error)
                raise
            ready = dataclasses.replace(asked, task=dataclasses.replace(asked.task, request=request))
            return await self._confirm(ready, ModalRequired(asked.task.upstream_id, None))

    async def _journal_and_send(self, what: _Request, acknowledged: Acknowledgement) -> SubmitResult:
        task_id, context = new_task_id(), what[0]
        with self._in_flight.sending(context.interaction_id):
            try:
                if self._queue.admit(context.user_id, task_id):
                    prepared = Preparation(engine_of(self._engines, what[1]), *what[1:4])
                    journal = partial(self._journaled, what, task_id, prepared)
                    opened = await self._unacknowledged.open(context.user_id, journal, acknowledged, prepared.prepare)
                    return await self._send_at_once(opened, task_id, prepared)
                # What waits in the queue is sent after a restart, so it must be acknowledged first.
                if not await acknowledged.succeeded():
                    return NotAcknowledged()
                self._check_open()
                with self._queue.arriving(context.user_id) as ahead:
                    asked = await self._journal.open(
                        *what, secrets=self._journal.secrets_for(task_id), queue_ahead=ahead
                    )
                    return asked if isinstance(asked, Duplicate) else self.held.hold(asked)
            except StorageError as error:
                log.error("not sent, because the submission cannot be saved: %s", error)  # noqa: TRY400 - expected
                self._queue.forget(task_id)
                raise UserError("store") from error

    async def _journaled(self, what: _Request, task_id: TaskId, prepared: Preparation) -> Opened:
        secrets = self._journal.secrets_for(task_id)
        prepared.tag = secrets.tag
        return await self._journal.open(*what, secrets=secrets)

    async def _send_at_once(
        self, asked: Opened | NotAcknowledged, task_id: TaskId, prepared: Preparation
    ) -> SubmitResult:
        if not isinstance(asked, JournaledSubmission):
            self._queue.forget(task_id)
            return asked
        try:
            if self._closed:
                await self._not_taken(asked, refusal := UserError("restarting"))
                raise refusal
            return await self._send(asked, prepared)
        finally:
            self._queue.landed(task_id)

    async def _withdraw(self, asked: JournaledSubmission) -> None:
        await self._in_flight.recorded(asked, lambda: self._journal.not_acknowledged(asked), None)

    async def _send_held(self, asked: JournaledSubmission) -> None:
        # No caller waits for the result: the task's message shows a refusal.
        with self._in_flight.sending(asked.press.interaction_id), suppress(UserError):
            await self._send(asked)

    async def _send(self, asked: JournaledSubmission, prepared: Preparation | None = None) -> SubmitResult:
        engine = await self._engine_or_refusal(asked)
        if engine.answers_with_result:
            asked = await self._journal.started(asked)
            self._events.publish(asked.task)
        try:
            with self._progress.of(asked.task.id) as report:
                send = prepared.sender(engine, asked.tag) if prepared else None
                submitted = await (send() if send else _submit(engine, asked, report))
        except AnswerLost as error:
            return await self._unsettled(asked, error)
        except EngineError as error:
            if queued := await self._unready.wait(asked, error):
                return queued
            await self._refused(asked, error)
        return await self._in_flight.recorded(asked, lambda: self._settle(asked, submitted), NotPersisted(asked.task))

    async def _engine_or_refusal(self, asked: JournaledSubmission) -> ImageEngine:
        """The engine of a journaled request. Raises UserError if it was removed while the request waited; then the
        refusal is recorded."""
        try:
            return engine_of(self._engines, asked.task.request)
        except UserError as error:
            await self._not_taken(asked, error)
            raise

    async def _settle(self, asked: JournaledSubmission, submitted: SubmitAnswer) -> SubmitResult:
        match submitted:
            case ModalRequired():
                await self._journal.modal(asked, submitted.task_id)
                return await self._confirm(asked, submitted)
            case NoTask():
                self._after_waiting(asked, await self._journal.made_no_task(asked))
                return Acknowledged()
            case SubmitAccepted() | AlreadyExists() if not await self.may_have(
                asked.task, submitted.task_id, asked.actor
            ):
                refusal = UserError("of_another_place")
                self._after_waiting(asked, await self._journal.refused(asked, refusal))
                raise refusal
            case SubmitAccepted():
                answer = await self._taken(asked, submitted.task_ids or [submitted.task_id], submitted.queue_ahead)
                return dataclasses.replace(answer, prompt_unused=self._changed_in_vain(asked))
            case AlreadyExists():
                return await self._taken(asked, [submitted.task_id], None)
            case Finished():
                return await self._finished(asked, submitted)

    def _changed_in_vain(self, asked: JournaledSubmission) -> bool:
        """Whether the user changed the prompt for a button that the service then accepted without asking for one."""
        request, parent = asked.task.request, asked.parent
        if request.window_prompt is None or parent is None:
            return False
        pressed = [button for button in self._engines.buttons(parent) if button.custom_id == request.custom_id]
        if not any(button.input == ButtonInput.REMIX for button in pressed):
            return False
        known = (parent.prompt, parent.result.final_prompt)
        return self._links.unsigned(request.window_prompt) not in [self._links.unsigned(clean(each)) for each in known]

    def _after_waiting(self, asked: JournaledSubmission, ended: Task | None) -> None:
        """Ends a request that created no task; if it was shown as waiting, its message is updated."""
        self._queue.forget(asked.task.id)
        if asked.waited and ended:
            self._events.publish(ended)

    async def may_have(self, task: Task, upstream_id: str, actor: Actor | None) -> bool:
        """Whether this task may refer to the service's task. Raises StorageError."""
        return task.request.action is not Action.SHOW or await self._policy.may_import(actor, task, upstream_id)

    async def _confirm(self, asked: JournaledSubmission, modal: ModalRequired) -> SubmitResult:
        """Sends the confirmation. Raises UserError; raises StorageError only if the confirmation certainly was not
        sent."""
        request, engine = asked.task.request, await self._engine_or_refusal(asked)
        if not await self._journal.confirming(asked):
            return Duplicate()
        try:
            prompt = request.window_prompt or modal.prompt or request.prompt or None
            submitted = await engine.confirm(modal.task_id, prompt, request, asked.pictures, asked.tag)
        except AnswerLost as error:
            return await self._unsettled(asked, error)
        except EngineError as error:
            await self._refused(asked, error)
        if isinstance(submitted, Finished):
            return await self._in_flight.recorded(
                asked, lambda: self._finished(asked, submitted), NotPersisted(asked.task)
            )
        named = None if isinstance(submitted, NoTask) else submitted.task_id
        upstream_ids = [named or modal.task_id]
        queue_ahead = submitted.queue_ahead if isinstance(submitted, SubmitAccepted) else None
        return await self._in_flight.recorded(
            asked, lambda: self._taken(asked, upstream_ids, queue_ahead), NotPersisted(asked.task)
        )

    async def _taken(
        self, asked: JournaledSubmission, upstream_ids: Sequence[str], queue_ahead: int | None
    ) -> Accepted:
        # A position that cannot be updated becomes misleading.
        place = queue_ahead if self._engines.has(asked.task, Feature.QUEUE) else None
        tasks = await self._journal.taken(asked, upstream_ids, place)
        self._outage_log.over(self._engines.service_of(asked.task))
        for task in tasks:
            self._events.publish(task)
        return Accepted(tasks[0])

    async def _finished(self, asked: JournaledSubmission, answer: Finished) -> Accepted:
        """Records a result that came in the answer."""
        task = await self._journal.finished(asked, to_update(answer.remote, images=len(answer.images)), answer.images)
        self._queue.forget(asked.task.id)
        self._outage_log.over(self._engines.service_of(asked.task))
        self._events.publish(task)
        return Accepted(task)

    async def _unsettled(self, asked: JournaledSubmission, error: AnswerLost) -> SubmitResult:
        log.warning("task %s: the image service's answer was lost (%s)", asked.task.id, error)
        engine = self._engines.of(asked.task)
        try:
            if engine.answers_with_result:
                task = await self._journal.lost(asked.press, engine.name, *_known_of(error)) or asked.task
            else:
                task = await self._journal.unsettled(asked.task.id) or asked.task
        except StorageError:
            task = asked.task
        self._events.publish(task)
        return OutcomeUnknown(task)

    async def _refused(self, asked: JournaledSubmission, error: EngineError) -> NoReturn:
        self._outage_log.seen(error, self._engines.service_of(asked.task))
        refusal = refusal_of(error, asked.task.request, self._engines)
        await self._not_taken(asked, refusal)
        raise refusal from error

    async def _not_taken(self, asked: JournaledSubmission, refusal: UserError) -> None:
        """Records a refusal; the caller raises it."""
        self._queue.forget(asked.task.id)

        async def record() -> None:
            task = await self._journal.refused(asked, refusal)
            if task:
                self._events.publish(task)  # a message posted after a lost answer has to show it

        await self._in_flight.recorded(asked, record, None)


def _known_of(error: AnswerLost) -> tuple[str, str | None]:
    """What is known of a result that was lost with the answer: the code of the failure and its reason."""
    if not isinstance(error, NoResult):
        return ANSWER_LOST, None
    return (NO_RESULT, error.told[:MAX_REASON]) if error.told else (NO_RESULT_SILENT, None)


async def _submit(engine: ImageEngine, asked: JournaledSubmission, report: ReportProgress) -> SubmitAnswer:
    """Sends a journaled request, once. Raises EngineError."""
    request = asked.task.request
    if request.action is not Action.BUTTON:
        return await engine.submit(request, asked.pictures, asked.tag, report)
    if asked.parent is None:
        raise ValueError("a button needs the task that it belongs to")
    return await engine.press(asked.parent, request, asked.pictures, asked.tag, report)
