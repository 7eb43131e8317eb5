"""The task service: handles users' requests and the image service's updates; the only writer of task state."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence

from bot.engines.base import ImageEngine
from bot.engines.errors import EngineError
from bot.engines.models import Feature, RemoteStatus, RemoteTask
from bot.engines.registry import EngineRegistry, OutageLog, button_with
from bot.runtime.byte_budget import ByteBudget
from bot.runtime.supervisor import TaskSupervisor
from bot.runtime.units import MEGABYTE
from bot.tasks.attachment_links import AttachmentLinks
from bot.tasks.batch import add_found
from bot.tasks.cancellation import Cancellation, cancel_at_service
from bot.tasks.engine_calls import engine_of
from bot.tasks.errors import UserError
from bot.tasks.events import TaskEvents, ending_of
from bot.tasks.input_images import ImageUploads, with_thumbnails
from bot.tasks.journal import MODAL_CONFIRMED, CallbackUrl
from bot.tasks.policy import Actor, Operation, Policy
from bot.tasks.press_images import PressImages
from bot.tasks.request_preparation import request_of_press, with_prompt
from bot.tasks.results import ACKNOWLEDGED_BEFORE, Acknowledgement, InteractionContext, ModalInput, SubmitResult
from bot.tasks.seeds import Seeds
from bot.tasks.submissions import Submitter
from bot.tasks.submit_progress import LivePreviews
from bot.tasks.task_images import TaskImages
from bot.tasks.task_mapping import PICTURE_SECONDS, MissingPictures, to_update
from storage import (
    Action,
    InputImage,
    NewOutcome,
    Request,
    StorageError,
    Store,
    StoredButton,
    Submission,
    SubmissionOutcome,
    Task,
    TaskId,
    TaskQuery,
    TaskState,
    TaskUpdate,
    chosen_options,
)

log = logging.getLogger(__name__)

# Delay before a modal that was discovered by polling is confirmed: services may briefly show one without waiting for
# it.
MODAL_SECONDS = 3.0
# Memory limit for images in flight to the service, as file sizes; sending one needs three times its size in addition.
PICTURE_BYTES = 64 * MEGABYTE


class TaskService:
    """Handles requests to the image service and updates from it."""

    def __init__(
        self,
        store: Store,
        engines: EngineRegistry,
        events: TaskEvents,
        background: TaskSupervisor,
        *,
        links: AttachmentLinks,
        callback_url: CallbackUrl,
        budget: ByteBudget | None = None,
        images: TaskImages | None = None,
        previews: LivePreviews | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`callback_url` returns a task's callback URL for its id and token, or None if callbacks are not used.
        `budget` limits the images held in memory; callers of `start` and `upload` count the images they pass. `images`
        reads results for buttons that change them. `previews` keeps unfinished images for their cards."""
        self._store = store
        self.engines = engines
        self._events = events
        self._clock = clock
        self.policy = Policy(store)
        self._modals: dict[TaskId, float] = {}
        self._missing_pictures = MissingPictures(seconds=PICTURE_SECONDS)
        self._seeds = Seeds(store, engines, self.policy)
        self._uploads = ImageUploads(engines, outage_log := OutageLog())
        self._budget = budget or ByteBudget(PICTURE_BYTES)
        self._press_images = PressImages(store, engines, self._budget, images)
        self._submissions = Submitter(
            store,
            engines,
            events,
            background,
            outage_log=outage_log,
            links=links,
            callback_url=callback_url,
            budget=self._budget,
            previews=previews or LivePreviews(),
            clock=clock,
        )

    async def start(
        self,
        context: InteractionContext,
        request: Request,
        pictures: Sequence[InputImage] = (),
        *,
        parent: Task | None = None,
    ) -> SubmitResult:
        """Submits a command's request. `parent` is the task whose image it begins with. Raises UserError."""
        pictures = await with_thumbnails(pictures)
        return await self._submissions.send(context, request, parent=parent, pictures=pictures)

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
            parent, button = await self.pressable(context.actor, task_id, digest)
            needs = self.engines.of(parent).press_inputs(button)
            request = request_of_press(parent, button, modal, needs)
            async with self._press_images.opened(context, parent, needs, modal) as pictures:
                return await self._submissions.send(
                    context, request, parent=parent, pictures=pictures, acknowledged=acknowledged
                )
        except StorageError as error:
            raise _unreadable(error) from error

    async def pressable(self, actor: Actor, task_id: TaskId, digest: str) -> tuple[Task, StoredButton]:
        """The task and its button, if this user may press it. Sends no request to the image service.

        Raises UserError, StorageError.
        """
        parent = await self.policy.task_for(actor, Operation.PRESS, task_id)
        button = button_with(self.engines.buttons(parent), digest)
        if button is None:
            raise UserError("no_such_button", task=task_id)
        return parent, button

    def pressed_image(self, task: Task, digest: str) -> int | None:
        """Which image of the result a button changes, from 1. None if it is the result as a whole."""
        button = button_with(self.engines.buttons(task), digest)
        return self.engines.of(task).press_inputs(button).image if button else None

    async def try_again(
        self, context: InteractionContext, task_id: TaskId, *, prompt: str | None = None
    ) -> SubmitResult:
        """Submits a task's request once more as a new task, with another prompt if one is given.

        Raises UserError.
        """
        try:
            failed = await self.policy.task_for(context.actor, Operation.TRY_AGAIN, task_id)
            request = failed.request if prompt is None else with_prompt(failed.request, prompt)
            parent = await self._store.tasks.get(failed.parent_id) if failed.parent_id else None
            async with self._press_images.sent_before(context, failed) as pictures:
                return await self._submissions.send(context, request, parent=parent, pictures=pictures, again=failed)
        except StorageError as error:
            raise _unreadable(error) from error

    async def import_job(self, context: InteractionContext, engine: ImageEngine, job: str) -> SubmitResult:
        """Imports a job of an engine's service as a new task, wherever it was generated.

        Raises UserError, StorageError.
        """
        account = await _account_of_ours(self._store, engine) if engine.capabilities.has(Feature.SHOW) else None
        options = chosen_options(job=job, account=account)
        return await self._submissions.send(context, Request(Action.SHOW, engine=engine.name, options=options))

    async def upload(self, pictures: Sequence[InputImage]) -> Sequence[str]:
        """Uploads images to the service. Returns their URLs in the same order. Creates no task. Raises UserError."""
        return await self._uploads.of(pictures)

    async def cancel(self, actor: Actor, task_id: TaskId) -> Cancellation:
        """Cancels a task and applies its resulting status. Raises UserError, StorageError."""
        task = await self.policy.task_for(actor, Operation.CANCEL, task_id)
        if task.state is TaskState.QUEUED:
            withdrawn = await self._submissions.held.withdraw(task_id)
            if withdrawn is None:
                raise UserError("not_there_yet")
            return Cancellation(withdrawn, None)
        stopping = await cancel_at_service(engine_of(self.engines, task.request), task)
        if stopping.remote:
            await self.apply_remote_to(task, stopping.remote)
        return stopping

    async def seed(self, actor: Actor, task_id: TaskId) -> str:
        """A finished image's seed; may take over a minute. Raises UserError, StorageError."""
        return await self._seeds.of(actor, task_id)

    async def apply_remote(self, remote: RemoteTask) -> None:
        """Applies the state of a remote task to every task of the bot that refers to it."""
        for task in await self._store.tasks.by_upstream(remote.id):
            await self.apply_remote_to(task, remote)

    async def apply_remote_to(self, task: Task, remote: RemoteTask) -> None:
        """Applies the remote state to one task; a transition backwards changes nothing."""
        if remote.status is RemoteStatus.WAITING_USER:
            await self._find_modal(task)
        await self.move(task.id, to_update(remote))

    async def _find_modal(self, task: Task) -> None:
        """Handles an accepted task that turns out to wait for its modal: some gateways hide that in their answer
        (docs/image-api.md#rewritten-codes). Sets the journal to MODAL, so that `bot.tasks.recovery` confirms it,
        once."""
        # Measured from the first observation with a monotonic clock.
        seen_at = self._modals.setdefault(task.id, time.monotonic())
        if task.state is not TaskState.PENDING or time.monotonic() - seen_at < MODAL_SECONDS:
            return
        # Some services show the modal for minutes after it was confirmed (docs/image-api.md#newapi-tasks).
        if await self._store.submissions.expect_modal(task.id, MODAL_CONFIRMED):
            log.info("task %s unexpectedly awaits confirmation; confirming it", task.id)

    async def move(self, task_id: TaskId, change: TaskUpdate) -> None:
        """Applies an update to a task and publishes the change."""
        await self.move_all({task_id: change})

    async def move_all(self, changes: Mapping[TaskId, TaskUpdate]) -> None:
        """Applies updates to many tasks, and publishes the changes. Raises StorageError; then nothing was stored."""
        changes = {task_id: self._missing_pictures.held_back(task_id, change) for task_id, change in changes.items()}
        moved = await self._store.tasks.move_all(changes, self._clock(), ending_of)
        for task in moved:
            self._changed(task)

    def _changed(self, task: Task) -> None:
        self._modals.pop(task.id, None)
        self._events.publish(task)

    async def fetch_again(self, actor: Actor, task_id: TaskId) -> None:
        """Fetches the current image URLs of a finished task from the service. Raises UserError, StorageError."""
        task = await self.policy.task_for(actor, Operation.FETCH_AGAIN, task_id)
        if task.state is not TaskState.SUCCESS or task.upstream_id is None:
            return
        try:
            remote = await self.engines.fetch(task, tries=1)
        except EngineError as error:
            log.info("task %s: the image service did not provide an image URL: %s", task.id, error)
            return
        change = to_update(remote)
        if change.state is not TaskState.SUCCESS or change.result is None or change.result.missing:
            return
        if told := await self._store.tasks.keep_pictures(task.id, change.result, change.buttons or ()):
            self._events.publish(told)

    async def look_again(self, actor: Actor, task_id: TaskId) -> None:
        """Resumes polling of a stalled task. Raises UserError, StorageError."""
        await self.policy.task_for(actor, Operation.LOOK_AGAIN, task_id)
        task = await self._store.tasks.watch_again(task_id, self._clock())
        if task is None:
            raise UserError("nothing_to_look_for")
        self._events.publish(task)

    async def resume_queue(self) -> None:
        """Restores the bot's queue from the store after a restart. Raises StorageError."""
        await self._submissions.held.resume()

    async def run_queue(self) -> None:
        """Updates the positions in the bot's queue until cancelled."""
        await self._submissions.held.run()

    def close(self) -> None:
        """Stops accepting and sending requests; requests in flight continue."""
        self._submissions.close()

    def in_flight(self, press: Submission) -> bool:
        """Whether this process is sending this submission now."""
        return self._submissions.in_flight(press)

    async def adopt(self, press: Submission, remote: RemoteTask) -> None:
        """Settles a submission whose answer was lost and whose task was found at the service: it was accepted."""
        task = await self._store.tasks.get(press.task_id)
        if task and not await self._submissions.may_have(task, remote.id, None):
            refusal = TaskUpdate(TaskState.REFUSED, error_code="of_another_place", error_params={})
            await self._settle(press, SubmissionOutcome.REFUSED, refusal)
            return
        update = TaskUpdate(TaskState.PENDING, upstream_id=remote.id)
        await self._settle(press, SubmissionOutcome.ACCEPTED, update, reason=press.reason or "found again")
        await self.move(press.task_id, to_update(remote))

    async def join(self, press: Submission, remotes: Sequence[RemoteTask]) -> None:
        """Stores further tasks that the service created from a submission, if they are not stored yet.

        Raises StorageError.
        """
        for task in await add_found(self._store, press, remotes, self._clock()):
            log.info("task %s is one of several that the service made of a request", task.id)
            self._events.publish(task)

    async def _settle(
        self, press: Submission, outcome: SubmissionOutcome, change: TaskUpdate, reason: str | None = None
    ) -> None:
        """Records an outcome with the change of its task, which is published."""
        now = self._clock()
        new = NewOutcome(
            press.interaction_id,
            outcome,
            now,
            reason=reason,
            error_code=change.error_code,
            error_params=change.error_params or {},
        )
        settled = await self._store.submissions.set_outcome(press, new, lambda task: task.apply(change, now))
        if settled and settled.task:
            self._changed(settled.task)

    async def give_up(self, press: Submission) -> None:
        """Ends the search for a submission: the journal records GIVEN_UP, the task becomes UNKNOWN. A result that was
        lost with the answer cannot turn up any more, so its task becomes FAILURE."""
        task = await self._store.tasks.get(press.task_id)
        if task and self.engines.is_lost_with_answer(task):
            if failed := await self._submissions.record_lost(press, task):
                self._changed(failed)
            return
        await self._settle(press, SubmissionOutcome.GIVEN_UP, TaskUpdate(TaskState.UNKNOWN))

    async def confirm_modal(self, press: Submission) -> SubmitResult:
        """Confirms a waiting modal that certainly was not confirmed yet. Raises UserError, StorageError."""
        return await self._submissions.confirm(press)


def _unreadable(error: StorageError) -> UserError:
    log.error("cannot look up a submission: %s", error)
    return UserError("store")


async def _account_of_ours(store: Store, engine: ImageEngine) -> str | None:
    """The account that generated the newest finished task. None without such a task, or if the service does not name
    the account.

    Raises StorageError.
    """
    newest = await store.tasks.search(TaskQuery(states=(TaskState.SUCCESS,)), limit=1)
    upstream_id = newest[0].upstream_id if newest else None
    if upstream_id is None:
        return None
    try:
        return (await engine.fetch(upstream_id)).account
    except EngineError as error:
        log.info("the image service did not name the account of task %s: %s", newest[0].id, error)
        return None
