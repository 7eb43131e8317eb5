"""Reads image tasks of a platform, whichever of its models makes them: what the poller asks (`PolledEngine`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from bot.engines.errors import NotOffered, RefusalKind, UnknownTask
from bot.engines.models import Digests, Feature, RemoteTask
from bot.engines.platform.capabilities import PlatformCapabilities
from bot.engines.platform.image_answers import remote_task
from bot.engines.platform.task_ids import task_of
from bot.platform.client import PlatformClient
from storage import PolledTaskRow

# Pauses in seconds that a platform may ask for: shorter ones than the poller makes anyway are not kept, and longer ones
# are cut.
LEAST_PAUSE, MOST_PAUSE = 3.0, 60.0


class ImageTaskReader:
    """Polls the tasks of one platform, one by one, and not sooner than it asks for (`Retry-After`)."""

    name = "platform"
    capabilities = PlatformCapabilities((Feature.FETCH,))

    def __init__(self, client: PlatformClient, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns monotonic seconds."""
        self._client = client
        self._clock = clock
        # When each unfinished task may be read again, and its state until then.
        self._pauses: dict[str, tuple[float, RemoteTask]] = {}

    def reads(self, row: PolledTaskRow) -> bool:
        """Whether a running task is one of the platform. A call that is under way, or was lost with an earlier process,
        has no ID."""
        return row.upstream_id is not None and task_of(row.upstream_id) is not None

    async def fetch(self, task_id: str, *, tries: int | None = None) -> RemoteTask:
        """The current state of a task. Raises UnknownTask, and the errors of reads."""
        task = task_of(task_id)
        if task is None:
            raise UnknownTask(RefusalKind.UNKNOWN_TASK, "not a task of a platform")
        until, known = self._pauses.pop(task_id, (0.0, None))
        if known is None or self._clock() >= until:
            found = await self._client.image_tasks.fetch(task, tries=tries)
            known, until = remote_task(found, task_id), self._clock() + min(found.poll_after, MOST_PAUSE)
            if known.status.final or found.poll_after <= LEAST_PAUSE:
                return known
        self._pauses[task_id] = until, known
        return known

    async def list_news(self, task_ids: Sequence[str], seen: Digests, *, tries: int | None = None) -> NoReturn:
        """Platforms have no lists of tasks."""
        raise NotOffered(RefusalKind.NOT_OFFERED, "a platform does not list tasks")
