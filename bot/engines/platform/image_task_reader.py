"""Reads image tasks of a platform, whichever of its models makes them: what the poller asks (`PolledEngine`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from bot.engines.errors import NotOffered, RefusalKind, UnknownTask
from bot.engines.models import Digests, Feature, RemoteTask
from bot.engines.platform.capabilities import PlatformCapabilities
from bot.engines.platform.image_answers import remote_task
from bot.engines.platform.task_ids import task_of
from bot.platform.client import PlatformClient
from storage import PolledTaskRow


class ImageTaskReader:
    """Polls the tasks of one platform, one by one."""

    name = "platform"
    capabilities = PlatformCapabilities((Feature.FETCH,))

    def __init__(self, client: PlatformClient) -> None:
        self._client = client

    def reads(self, row: PolledTaskRow) -> bool:
        """Whether a running task is one of the platform. A call that is under way, or was lost with an earlier process,
        has no ID."""
        return row.upstream_id is not None and task_of(row.upstream_id) is not None

    async def fetch(self, task_id: str, *, tries: int | None = None) -> RemoteTask:
        """The current state of a task. Raises UnknownTask, and the errors of reads."""
        task = task_of(task_id)
        if task is None:
            raise UnknownTask(RefusalKind.UNKNOWN_TASK, "not a task of a platform")
        return remote_task(await self._client.image_tasks.fetch(task, tries=tries), task_id)

    async def list_news(self, task_ids: Sequence[str], seen: Digests, *, tries: int | None = None) -> NoReturn:
        """Platforms have no lists of tasks."""
        raise NotOffered(RefusalKind.NOT_OFFERED, "a platform does not list tasks")
