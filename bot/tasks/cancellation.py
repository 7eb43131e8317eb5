"""Stopping a task: the service is asked, and then believed only in what it says of the task itself.

Some services say yes to everything and some end the task as a failure (docs/image-api.md#cancel).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from bot.midjourney import (
    Feature,
    MidjourneyClient,
    MidjourneyError,
    NotOffered,
    RemoteStatus,
    RemoteTask,
    Unavailable,
)
from bot.tasks.actor import Actor
from bot.tasks.error_mapping import refusal_of
from bot.tasks.policy import Policy, may_cancel
from bot.tasks.results import Refusal
from storage import Task, TaskId, TaskState

log = logging.getLogger(__name__)

# A service that has said yes may need a moment before the task says so, too.
LOOKS = 3
LOOK_SECONDS = 1.0
# Those in which the bot still holds the task back, or the service has it and works on it.
CANCELLABLE_STATES = (
    TaskState.QUEUED,
    TaskState.AWAITING_CONFIRMATION,
    TaskState.PENDING,
    TaskState.RUNNING,
    TaskState.STALLED,
)
NO_CANCEL = "refused.no_cancel"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The service was asked; `remote` is the task as it stands since, ended or (for now) not.

    `remote` is None, too, for a task that was stopped before it was sent.
    """

    task: Task
    remote: RemoteTask | None

    @property
    def ended(self) -> bool:
        """Has the task come to its end?"""
        return self.task.state.final or (self.remote is not None and self.remote.status.final)

    @property
    def too_late(self) -> bool:
        """Was it finished before it could be stopped?"""
        return self.remote is not None and self.remote.status is RemoteStatus.SUCCESS


async def cancellable_task(policy: Policy, actor: Actor, task_id: TaskId) -> Task | Refusal:
    """The task if this person may stop it and there is something to stop. Raises StorageError."""
    task = await policy.seen(actor, task_id)
    if isinstance(task, Refusal):
        return task
    if not may_cancel(actor, task):
        return Refusal("refused.not_yours_to_cancel")
    if task.state not in CANCELLABLE_STATES:
        return Refusal("refused.over_already" if task.state.final else "refused.not_there_yet")
    return task


async def cancel_at_service(midjourney: MidjourneyClient, task: Task) -> Cancellation | Refusal:
    """Asks the service to stop a task that it has, and looks what came of it."""
    if task.upstream_id is None:
        return Refusal("refused.not_there_yet")
    if not midjourney.capabilities.has(Feature.CANCEL):
        return Refusal(NO_CANCEL)
    refused: MidjourneyError | None = None
    try:
        await midjourney.cancel(task.upstream_id)
    except NotOffered:
        return Refusal(NO_CANCEL)
    except MidjourneyError as error:
        log.info("task %s: the cancel request failed: %r", task.id, error)
        refused = error
    looks = 1 if refused else LOOKS
    stopping = Cancellation(task, await _look(midjourney, task.upstream_id, looks))
    return refusal_of(refused) if refused and not stopping.ended else stopping


async def _look(midjourney: MidjourneyClient, upstream_id: str, looks: int) -> RemoteTask | None:
    remote = None
    for number in range(looks):
        if number:
            await asyncio.sleep(LOOK_SECONDS)
        try:
            remote = await midjourney.fetch(upstream_id)
        except Unavailable as error:
            log.debug("cannot check a task being canceled: %r", error)
            continue
        except MidjourneyError as error:
            log.info("cannot check a task being canceled: %r", error)
            break
        if remote.status.final:
            break
    return remote
