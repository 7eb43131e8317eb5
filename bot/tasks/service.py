"""The task service: makes the parts that handle tasks, and carries out users' requests other than pressed buttons.

Buttons are pressed at `submissions`; states of the image service are applied by `updates`; `recovery` settles
submissions whose answer was lost; `policy` decides who may do what. Nothing else writes the state of a task.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from bot.engines.base import ImageEngine
from bot.engines.errors import EngineError
from bot.engines.models import Feature
from bot.engines.registry import EngineRegistry, OutageLog, button_with
from bot.runtime.byte_budget import ByteBudget
from bot.runtime.supervisor import TaskSupervisor
from bot.runtime.units import MEGABYTE
from bot.tasks.cancellation import Cancellation, cancel_at_service
from bot.tasks.errors import UserError
from bot.tasks.input_images import ImageUploads, with_thumbnails
from bot.tasks.journal import CallbackUrl
from bot.tasks.policy import Actor, InteractionContext, Operation, Policy
from bot.tasks.press_images import PressImages
from bot.tasks.recovery import Recovery
from bot.tasks.request_prompts import with_prompt
from bot.tasks.requests import AttachmentLinks, engine_of
from bot.tasks.results import SubmitResult
from bot.tasks.seeds import Seeds
from bot.tasks.submissions import Submitter, unreadable
from bot.tasks.submit_progress import LivePreviews
from bot.tasks.task_images import TaskImages
from bot.tasks.task_updates import TaskEvents, TaskUpdates, to_update
from storage import (
    Action,
    InputImage,
    Request,
    StorageError,
    Store,
    Task,
    TaskId,
    TaskQuery,
    TaskState,
    chosen_options,
)

log = logging.getLogger(__name__)

# Memory limit for images in flight to the service, as file sizes; sending one needs three times its size in addition.
PICTURE_BYTES = 64 * MEGABYTE


class TaskService:
    """Handles users' requests to the image service; its parts handle presses, updates, and lost answers."""

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
        self._clock = clock
        self.policy = Policy(store)
        self.updates = TaskUpdates(store, events, clock)
        self._seeds = Seeds(store, engines, self.policy)
        self._uploads = ImageUploads(engines, outage_log := OutageLog())
        budget = budget or ByteBudget(PICTURE_BYTES)
        self._press_images = PressImages(store, engines, budget, images)
        self.submissions = Submitter(
            store,
            engines,
            self.updates,
            background,
            outage_log=outage_log,
            links=links,
            callback_url=callback_url,
            budget=budget,
            press_images=self._press_images,
            previews=previews or LivePreviews(),
            clock=clock,
        )
        self.recovery = Recovery(store, engines, self.submissions, self.updates, self.policy, clock)

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
        return await self.submissions.send(context, request, parent=parent, pictures=pictures)

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
                return await self.submissions.send(context, request, parent=parent, pictures=pictures, again=failed)
        except StorageError as error:
            raise unreadable(error) from error

    async def import_job(self, context: InteractionContext, engine: ImageEngine, job: str) -> SubmitResult:
        """Imports a job of an engine's service as a new task, wherever it was generated.

        Raises UserError, StorageError.
        """
        account = await _account_of_ours(self._store, engine) if engine.capabilities.has(Feature.SHOW) else None
        options = chosen_options(job=job, account=account)
        return await self.submissions.send(context, Request(Action.SHOW, engine=engine.name, options=options))

    async def upload(self, pictures: Sequence[InputImage]) -> Sequence[str]:
        """Uploads images to the service. Returns their URLs in the same order. Creates no task. Raises UserError."""
        return await self._uploads.of(pictures)

    async def cancel(self, actor: Actor, task_id: TaskId) -> Cancellation:
        """Cancels a task and applies its resulting status. Raises UserError, StorageError."""
        task = await self.policy.task_for(actor, Operation.CANCEL, task_id)
        if task.state is TaskState.QUEUED:
            withdrawn = await self.submissions.held.withdraw(task_id)
            if withdrawn is None:
                raise UserError("not_there_yet")
            return Cancellation(withdrawn, None)
        stopping = await cancel_at_service(engine_of(self.engines, task.request), task)
        if stopping.remote:
            await self.updates.apply_remote_to(task, stopping.remote)
        return stopping

    async def seed(self, actor: Actor, task_id: TaskId) -> str:
        """A finished image's seed; may take over a minute. Raises UserError, StorageError."""
        return await self._seeds.of(actor, task_id)

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
            self.updates.changed(told)

    async def look_again(self, actor: Actor, task_id: TaskId) -> None:
        """Resumes polling of a stalled task. Raises UserError, StorageError."""
        await self.policy.task_for(actor, Operation.LOOK_AGAIN, task_id)
        task = await self._store.tasks.watch_again(task_id, self._clock())
        if task is None:
            raise UserError("nothing_to_look_for")
        self.updates.changed(task)

    async def resume_queue(self) -> None:
        """Restores the bot's queue from the store after a restart. Raises StorageError."""
        await self.submissions.held.resume()

    def close(self) -> None:
        """Stops accepting and sending requests; requests in flight continue."""
        self.submissions.close()


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
