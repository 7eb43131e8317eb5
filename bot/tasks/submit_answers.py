"""Answers to submits other than a plain acceptance: a modal, a result, a refusal, or none at all.

If no answer arrives, the journal records that (OUTCOME_UNKNOWN, or CONFIRMING for a modal) and `bot.tasks.recovery`
continues.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

from bot.engines.base import ImageEngine
from bot.engines.errors import AnswerLost, EngineError
from bot.engines.models import ButtonInput, Finished, ModalRequired, NoTask, SubmitAccepted
from bot.engines.registry import EngineRegistry, OutageLog
from bot.platform.errors import NoResult
from bot.tasks.engine_calls import MAX_REASON, refusal_of
from bot.tasks.errors import UserError
from bot.tasks.fair_queue import FairQueue
from bot.tasks.journal import JournaledSubmission, SubmissionsInFlight
from bot.tasks.outcome_journal import ANSWER_LOST, NO_RESULT, NO_RESULT_SILENT, OutcomeJournal
from bot.tasks.prompt import clean
from bot.tasks.requests import AttachmentLinks, DiscordUnreachable, engine_of
from bot.tasks.results import Accepted, Acknowledged, Duplicate, NotPersisted, OutcomeUnknown, SubmitResult
from bot.tasks.task_updates import TaskEvents, to_update
from storage import StorageError, Submission, Task

log = logging.getLogger(__name__)

Taken = Callable[[JournaledSubmission, Sequence[str], int | None], Awaitable[Accepted]]


class AnswerHandler:
    """Handles the answers to submits that are no plain acceptance: journals them and updates the task."""

    def __init__(
        self,
        outcomes: OutcomeJournal,
        engines: EngineRegistry,
        events: TaskEvents,
        queue: FairQueue,
        in_flight: SubmissionsInFlight,
        outage_log: OutageLog,
        links: AttachmentLinks,
        taken: Taken,
    ) -> None:
        """`taken` records that the service accepted a request as these of its tasks, at a position in its queue."""
        self._outcomes = outcomes
        self._engines = engines
        self._events = events
        self._queue = queue
        self._in_flight = in_flight
        self._outage_log = outage_log
        self._links = links
        self._taken = taken

    async def confirm(self, press: Submission) -> SubmitResult:
        """Confirms a waiting modal that certainly was not confirmed yet, as soon as Discord can refresh its links.
        Raises UserError, StorageError."""
        asked = await self._outcomes.waiting_modal(press)
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
                await self.not_taken(asked, error)
                raise
            ready = dataclasses.replace(asked, task=dataclasses.replace(asked.task, request=request))
            return await self._confirm(ready, ModalRequired(asked.task.upstream_id, None))

    async def modal(self, asked: JournaledSubmission, modal: ModalRequired) -> SubmitResult:
        """Records that the service waits for a modal to be confirmed, and confirms it. Raises UserError, StorageError
        as `confirm` does."""
        await self._outcomes.modal(asked, modal.task_id)
        return await self._confirm(asked, modal)

    async def _confirm(self, asked: JournaledSubmission, modal: ModalRequired) -> SubmitResult:
        """Sends the confirmation. Raises UserError; raises StorageError only if the confirmation certainly was not
        sent."""
        request, engine = asked.task.request, await self.engine_or_refusal(asked)
        if not await self._outcomes.confirming(asked):
            return Duplicate()
        try:
            prompt = request.window_prompt or modal.prompt or request.prompt or None
            submitted = await engine.confirm(modal.task_id, prompt, request, asked.pictures, asked.tag)
        except AnswerLost as error:
            return await self.unsettled(asked, error)
        except EngineError as error:
            await self.refused(asked, error)
        if isinstance(submitted, Finished):
            return await self._in_flight.recorded(
                asked, lambda: self.finished(asked, submitted), NotPersisted(asked.task)
            )
        named = None if isinstance(submitted, NoTask) else submitted.task_id
        upstream_ids = [named or modal.task_id]
        queue_ahead = submitted.queue_ahead if isinstance(submitted, SubmitAccepted) else None
        return await self._in_flight.recorded(
            asked, lambda: self._taken(asked, upstream_ids, queue_ahead), NotPersisted(asked.task)
        )

    async def finished(self, asked: JournaledSubmission, answer: Finished) -> Accepted:
        """Records a result that came in the answer."""
        task = await self._outcomes.finished(asked, to_update(answer.remote, images=len(answer.images)), answer.images)
        self._queue.forget(asked.task.id)
        self._outage_log.over(self._engines.service_of(asked.task))
        self._events.publish(task)
        return Accepted(task)

    async def made_no_task(self, asked: JournaledSubmission) -> Acknowledged:
        """Records that the service performed the request without creating a task."""
        self._after_waiting(asked, await self._outcomes.made_no_task(asked))
        return Acknowledged()

    async def of_another_place(self, asked: JournaledSubmission) -> NoReturn:
        """Refuses a request whose answer names a task that its user may not have. Raises UserError."""
        refusal = UserError("of_another_place")
        self._after_waiting(asked, await self._outcomes.refused(asked, refusal))
        raise refusal

    def _after_waiting(self, asked: JournaledSubmission, ended: Task | None) -> None:
        """Ends a request that created no task; if it was shown as waiting, its message is updated."""
        self._queue.forget(asked.task.id)
        if asked.waited and ended:
            self._events.publish(ended)

    async def unsettled(self, asked: JournaledSubmission, error: AnswerLost) -> SubmitResult:
        """Records that the answer was lost."""
        log.warning("task %s: the image service's answer was lost (%s)", asked.task.id, error)
        engine = self._engines.of(asked.task)
        try:
            if engine.answers_with_result:
                task = await self._outcomes.lost(asked.press, engine.name, *_known_of(error)) or asked.task
            else:
                task = await self._outcomes.unsettled(asked.task.id) or asked.task
        except StorageError:
            task = asked.task
        self._events.publish(task)
        return OutcomeUnknown(task)

    async def refused(self, asked: JournaledSubmission, error: EngineError) -> NoReturn:
        """Records that the service certainly did not accept the request. Raises UserError."""
        self._outage_log.seen(error, self._engines.service_of(asked.task))
        refusal = refusal_of(error, asked.task.request, self._engines)
        await self.not_taken(asked, refusal)
        raise refusal from error

    async def not_taken(self, asked: JournaledSubmission, refusal: UserError) -> None:
        """Records a refusal; the caller raises it."""
        self._queue.forget(asked.task.id)

        async def record() -> None:
            task = await self._outcomes.refused(asked, refusal)
            if task:
                self._events.publish(task)  # a message posted after a lost answer has to show it

        await self._in_flight.recorded(asked, record, None)

    async def withdraw(self, asked: JournaledSubmission) -> None:
        """Records that a journaled request is not sent, because its interaction could not be acknowledged."""
        await self._in_flight.recorded(asked, lambda: self._outcomes.not_acknowledged(asked), None)

    async def record_lost(self, press: Submission, task: Task) -> Task | None:
        """Records that the result of a task was lost with the answer. Returns the task if its state changed. Raises
        StorageError."""
        return await self._outcomes.lost(press, task.request.engine)

    async def engine_or_refusal(self, asked: JournaledSubmission) -> ImageEngine:
        """The engine of a journaled request. Raises UserError if it was removed while the request waited; then the
        refusal is recorded."""
        try:
            return engine_of(self._engines, asked.task.request)
        except UserError as error:
            await self.not_taken(asked, error)
            raise

    def changed_in_vain(self, asked: JournaledSubmission) -> bool:
        """Whether the user changed the prompt for a button that the service then accepted without asking for one."""
        request, parent = asked.task.request, asked.parent
        if request.window_prompt is None or parent is None:
            return False
        pressed = [button for button in self._engines.buttons(parent) if button.custom_id == request.custom_id]
        if not any(button.input == ButtonInput.REMIX for button in pressed):
            return False
        known = (parent.prompt, parent.result.final_prompt)
        return self._links.unsigned(request.window_prompt) not in [self._links.unsigned(clean(each)) for each in known]


def _known_of(error: AnswerLost) -> tuple[str, str | None]:
    """What is known of a result that was lost with the answer: the code of the failure and its reason."""
    if not isinstance(error, NoResult):
        return ANSWER_LOST, None
    return (NO_RESULT, error.told[:MAX_REASON]) if error.told else (NO_RESULT_SILENT, None)
