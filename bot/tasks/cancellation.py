"""Canceling a task: after the cancel request, only the task's own status counts.

Some services accept every cancel request, and some end the task as a failure (docs/image-api.md#cancel).
"""

from __future__ import annotations

import asyncio
import logging
from typing import NamedTuple

from bot.engines.base import ImageEngine
from bot.engines.errors import EngineError, NotOffered, Unavailable
from bot.engines.models import Feature, RemoteStatus, RemoteTask
from bot.tasks.engine_calls import error_of
from bot.tasks.errors import UserError
from storage import Task

log = logging.getLogger(__name__)

# After the service accepts a cancel request, the task's status may take a moment to change.
LOOKS = 3
LOOK_SECONDS = 1.0


class Cancellation(NamedTuple):
    """The outcome of a cancel request. `remote` is the service's task after the request, final or not yet.

    `remote` is None if it could not be fetched, and for a task that was canceled before it was sent.
    """

    task: Task
    remote: RemoteTask | None

    @property
    def ended(self) -> bool:
        """Whether the task is in a final state."""
        return self.task.state.final or (self.remote is not None and self.remote.status.final)

    @property
    def too_late(self) -> bool:
        """Whether the task finished before it could be canceled."""
        return self.remote is not None and self.remote.status is RemoteStatus.SUCCESS


async def cancel_at_service(engine: ImageEngine, task: Task) -> Cancellation:
    """Sends a cancel request for a task that the service has, then fetches its status. Raises UserError; its code is
    `no_cancel` if the service cannot cancel tasks."""
    if task.upstream_id is None:
        raise UserError("not_there_yet")
    if not engine.capabilities.has(Feature.CANCEL):
        raise UserError("no_cancel")
    refused: EngineError | None = None
    try:
        await engine.cancel(task.upstream_id)
    except NotOffered as error:
        raise UserError("no_cancel") from error
    except EngineError as error:
        log.info("task %s: the cancel request failed: %r", task.id, error)
        refused = error
    looks = 1 if refused else LOOKS
    stopping = Cancellation(task, await _look(engine, task.upstream_id, looks))
    if refused and not stopping.ended:
        raise error_of(refused) from refused
    return stopping


async def _look(engine: ImageEngine, upstream_id: str, looks: int) -> RemoteTask | None:
    remote = None
    for number in range(looks):
        if number:
            await asyncio.sleep(LOOK_SECONDS)
        try:
            remote = await engine.fetch(upstream_id)
        except Unavailable as error:
            log.debug("cannot check a task being canceled: %r", error)
            continue
        except EngineError as error:
            log.info("cannot check a task being canceled: %r", error)
            break
        if remote.status.final:
            break
    return remote
