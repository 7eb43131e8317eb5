"""Submissions: from a pressed button or a command to the journal, to the image service, and to its acceptance.

A request is prepared, journaled and committed first, then sent at most once, and its answer settles the journal. If its
user has enough tasks waiting at the service, it waits in the bot's queue first (`bot.tasks.held_requests`); links that
expire meanwhile are refreshed again. Answers other than a plain acceptance, and lost ones, are handled by
`bot.tasks.submit_answers`. An answer that cannot be saved is kept in memory and saved as soon as possible.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from bot.engines.base import ImageEngine, ReportProgress, SendPress, ignore_progress
from bot.engines.errors import AnswerLost, EngineError
from bot.engines.models import (
    AlreadyExists,
    Feature,
    Finished,
    ModalRequired,
    NoTask,
    SubmitAccepted,
    SubmitAnswer,
)
from bot.engines.registry import EngineRegistry, OutageLog, button_with
from bot.runtime.byte_budget import ByteBudget
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.errors import UserError
from bot.tasks.held_requests import HeldRequests
from bot.tasks.journal import (
    CallbackUrl,
    Journal,
    JournaledSubmission,
    Opened,
    SubmissionsInFlight,
    UnacknowledgedRequests,
)
from bot.tasks.outcome_journal import OutcomeJournal
from bot.tasks.policy import Actor, InteractionContext, Operation, Policy
from bot.tasks.press_images import PressImages
from bot.tasks.requests import (
    AttachmentLinks,
    Preparation,
    engine_of,
    new_task_id,
    ready_to_send,
    request_of_press,
)
from bot.tasks.results import (
    ACKNOWLEDGED_BEFORE,
    Accepted,
    Acknowledgement,
    Duplicate,
    ModalInput,
    NotAcknowledged,
    NotPersisted,
    SubmitResult,
)
from bot.tasks.submit_answers import AnswerHandler
from bot.tasks.submit_progress import LivePreviews, SubmitProgress
from bot.tasks.task_updates import TaskUpdates
from bot.tasks.unready_parents import UnreadyParents
from storage import (
    Action,
    InputImage,
    Request,
    StorageError,
    Store,
    StoredButton,
    Submission,
    Task,
    TaskId,
)

log = logging.getLogger(__name__)

MASK_TYPE = "image/png"

_Request = tuple[InteractionContext, Request, Task | None, Sequence[InputImage], Task | None]


class Submitter:
    """Sends requests to the image service; journals each one before and settles it after."""

    def __init__(
        self,
        store: Store,
        engines: EngineRegistry,
        updates: TaskUpdates,
        background: TaskSupervisor,
        *,
        outage_log: OutageLog,
        links: AttachmentLinks,
        callback_url: CallbackUrl,
        budget: ByteBudget,
        press_images: PressImages,
        previews: LivePreviews,
        clock: Callable[[], float],
    ) -> None:
        """`callback_url` returns a task's callback URL, None without callbacks. `previews` keeps unfinished images."""
        self._journal = Journal(store, callback_url=callback_url, clock=clock, same=links.same)
        self._outcomes = OutcomeJournal(store, callback_url=callback_url, clock=clock)
        self._policy = Policy(store)
        self._press_images = press_images
        self._engines = engines
        self._events = events = updates.events
        self._background = background
        self._in_flight = SubmissionsInFlight(background)
        self._progress = SubmitProgress(store, events, previews, clock)
        self._outage_log = outage_log
        self._links = links
        self._closed = False
        self.held = HeldRequests(store, self._outcomes, updates, background, budget, links=links, send=self._send_held)
        self._queue = self.held.queue
        self._unready = UnreadyParents(self._outcomes, self._queue, events)
        self.answers = AnswerHandler(
            self._outcomes, engines, events, self._queue, self._in_flight, outage_log, links, self._taken
        )
        self._unacknowledged = UnacknowledgedRequests(self.answers.withdraw)

    def close(self) -> None:
        """Stops accepting and sending requests; requests in flight continue."""
        self._closed = True
        self._queue.close()
        self._unready.close()

    def in_flight(self, press: Submission) -> bool:
        """Whether this process is sending this submission, or saving its answer, now."""
        return press in self._in_flight

    async def press(
        self,
        context: InteractionContext,
        task_id: TaskId,
        digest: str,
        modal: ModalInput | None = None,
        acknowledged: Acknowledgement = ACKNOWLEDGED_BEFORE,
    ) -> SubmitResult:
        """Submits a task's button; `digest` identifies it (`bot.engines.registry`). The request is sent after the
        interaction was `acknowledged`. Raises UserError."""
        try:
            actor = context.actor
            if not self._policy.decides_in_memory(actor, task_id):
                await acknowledged.written()
            parent, button = await self.pressable(actor, task_id, digest)
            needs = self._engines.of(parent).press_inputs(button)
            request = request_of_press(parent, button, modal, needs)
            mask = [InputImage(MASK_TYPE, modal.mask)] if modal and modal.mask else []
            if not (needs.inputs or needs.image):
                return await self.send(context, request, parent=parent, pictures=mask, acknowledged=acknowledged)
            await acknowledged.written()
            async with self._press_images.opened(context, parent, needs, mask) as pictures:
                return await self.send(context, request, parent=parent, pictures=pictures, acknowledged=acknowledged)
        except StorageError as error:
            raise unreadable(error) from error

    async def pressable(self, actor: Actor, task_id: TaskId, digest: str) -> tuple[Task, StoredButton]:
        """The task and its button, if this user may press it. Sends no request to the image service.

        Raises UserError, StorageError.
        """
        parent = await self._policy.task_for(actor, Operation.PRESS, task_id)
        button = button_with(self._engines.buttons(parent), digest)
        if button is None:
            raise UserError("no_such_button", task=task_id)
        return parent, button

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
        ready, pictures = await ready_to_send(engine, request, pictures, self._links, acknowledged.written)
        self._check_open()
        what = (context, ready, parent, pictures, again)
        # Until its answer is saved, the request belongs to the supervisor that waits for such requests at a shutdown.
        with self._background.adopting():
            return await self._journal_and_send(what, engine, acknowledged)

    def _check_open(self) -> None:
        if self._closed:
            raise UserError("restarting")

    async def _journal_and_send(
        self, what: _Request, engine: ImageEngine, acknowledged: Acknowledgement
    ) -> SubmitResult:
        task_id, context = new_task_id(), what[0]
        with self._in_flight.sending(context.interaction_id):
            try:
                if self._queue.admit(context.user_id, task_id):
                    prepared = Preparation(engine, *what[1:4])
                    journal = partial(self._journaled, what, task_id, prepared)
                    opened = await self._unacknowledged.open(context.user_id, journal, acknowledged, prepared.prepare)
                    return await self._send_at_once(opened, task_id, prepared)
                # What waits in the queue is sent after a restart, so it must be acknowledged first.
                if not await acknowledged.succeeded():
                    return NotAcknowledged()
                self._check_open()
                with self._queue.arriving(context.user_id) as ahead:
                    asked = await self._journal.open(
                        *what, identifiers=self._journal.new_identifiers(task_id), queue_ahead=ahead
                    )
                    return asked if isinstance(asked, Duplicate) else self.held.hold(asked)
            except StorageError as error:
                log.error("not sent, because the submission cannot be saved: %s", error)  # noqa: TRY400 - expected
                self._queue.forget(task_id)
                raise UserError("store") from error

    async def _journaled(self, what: _Request, task_id: TaskId, prepared: Preparation) -> Opened:
        identifiers = self._journal.new_identifiers(task_id)
        prepared.tag = identifiers.tag
        return await self._journal.open(*what, identifiers=identifiers)

    async def _send_at_once(
        self, asked: Opened | NotAcknowledged, task_id: TaskId, prepared: Preparation
    ) -> SubmitResult:
        if not isinstance(asked, JournaledSubmission):
            self._queue.forget(task_id)
            return asked
        try:
            try:
                self._check_open()
                engine = engine_of(self._engines, asked.task.request)  # it may have changed meanwhile
            except UserError as refusal:
                await self.answers.not_taken(asked, refusal)
                raise
            send = prepared.sender(engine, asked.tag)
            return await self._send(asked, engine, send)
        finally:
            self._queue.landed(task_id)

    async def _send_held(self, asked: JournaledSubmission, refusal: UserError | None) -> None:
        if refusal:
            await self.answers.not_taken(asked, refusal)
            return
        # No caller waits for the result: the task's message shows a refusal.
        with self._in_flight.sending(asked.press.interaction_id), suppress(UserError):
            await self._send(asked, await self.answers.engine_or_refusal(asked))

    async def _send(
        self, asked: JournaledSubmission, engine: ImageEngine, prepared: SendPress | None = None
    ) -> SubmitResult:
        """Sends a journaled request, once; `prepared` sends it if it was prepared, unless its answer is the result.
        Raises UserError."""
        try:
            if engine.answers_with_result:
                asked = await self._outcomes.started(asked)
                self._events.publish(asked.task)
                with self._progress.of(asked.task.id) as report:
                    submitted = await _submit(engine, asked, report)
            else:
                submitted = await (prepared() if prepared else _submit(engine, asked, ignore_progress))
        except AnswerLost as error:
            return await self.answers.unsettled(asked, error)
        except EngineError as error:
            if queued := await self._unready.wait(asked, error):
                return queued
            await self.answers.refused(asked, error)
        return await self._in_flight.recorded(asked, lambda: self._settle(asked, submitted), NotPersisted(asked.task))

    async def _settle(self, asked: JournaledSubmission, submitted: SubmitAnswer) -> SubmitResult:
        request = asked.task.request
        match submitted:
            case ModalRequired():
                return await self.answers.modal(asked, submitted)
            case NoTask():
                return await self.answers.made_no_task(asked)
            case SubmitAccepted() | AlreadyExists() if (
                request.action is Action.SHOW
                and not await self._policy.may_import(asked.actor, asked.task, submitted.task_id)
            ):
                return await self.answers.of_another_place(asked)
            case SubmitAccepted():
                answer = await self._taken(asked, submitted.task_ids or [submitted.task_id], submitted.queue_ahead)
                in_vain = request.window_prompt is not None and self.answers.changed_in_vain(asked)
                return dataclasses.replace(answer, prompt_unused=in_vain)
            case AlreadyExists():
                return await self._taken(asked, [submitted.task_id], None)
            case Finished():
                return await self.answers.finished(asked, submitted)

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


async def _submit(engine: ImageEngine, asked: JournaledSubmission, report: ReportProgress) -> SubmitAnswer:
    """Sends a journaled request, once. Raises EngineError."""
    request = asked.task.request
    if request.action is not Action.BUTTON:
        return await engine.submit(request, asked.pictures, asked.tag, report)
    if asked.parent is None:
        raise ValueError("a button needs the task that it belongs to")
    return await engine.press(asked.parent, request, asked.pictures, asked.tag, report)


def unreadable(error: StorageError) -> UserError:
    """What users see of an error of the store before anything is journaled."""
    log.error("cannot look up a submission: %s", error)
    return UserError("store")
