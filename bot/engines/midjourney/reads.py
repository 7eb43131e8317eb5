"""Requests that change nothing. They are retried, with limits on the number of attempts and on the time."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp

from bot.engines.errors import NotOffered, NotSent, RefusalKind, ServiceRefused
from bot.engines.midjourney import non_json_answers
from bot.engines.midjourney.capabilities import Capabilities
from bot.engines.midjourney.error_mapping import refused
from bot.engines.midjourney.parsing import parse_seed
from bot.engines.midjourney.request_encoding import encoded
from bot.engines.midjourney.requests import ListByIdsRequest, QueryRequest
from bot.engines.midjourney.task_parsing import parse_page, parse_task, parse_tasks, read_list
from bot.engines.midjourney.transport import AnswerForm, HttpAnswer, Parse, TimeLimits, Transport
from bot.engines.models import TASK_ID, Digests, Feature, Listed, RemoteTask
from bot.engines.retries import RetryLimits, retried
from bot.net import json_limits, urls
from storage import StoredVideo

# This many tasks stay well below the size limit of a list, unless their prompts are very long.
IDS_AT_ONCE = 500
# newapi relays images under this path, with the host that its operator configured (docs/image-api.md#newapi-tasks).
RELAYED_PICTURES = "/mj/image/"

T = TypeVar("T")
Reading = Callable[[HttpAnswer], T]


class TaskLists:
    """Lists of running tasks, as the poller reads them, and the reading that every other read repeats."""

    def __init__(self, transport: Transport, limits: TimeLimits, capabilities: Capabilities) -> None:
        self._transport = transport
        self._limits = limits
        self._capabilities = capabilities

    @property
    def capabilities(self) -> Capabilities:
        """The known capabilities of the service."""
        return self._capabilities

    async def list_news(self, task_ids: Sequence[str], seen: Digests, *, tries: int | None = None) -> Listed:
        """Sends one request for at most IDS_AT_ONCE IDs. Returns the tasks whose digests are not in `seen`. Raises the
        errors of list_by_ids."""
        body = await encoded(ListByIdsRequest(ids=list(task_ids)))
        listed = functools.partial(self._listed, body=body, seen=seen, most=self._limits.list, tries=tries)
        # Two endpoints do the same; the second one does not exist in every dialect (docs/image-api.md#lists).
        try:
            return await listed("POST", "/mj/task/list-by-condition", Feature.LIST_BY_CONDITION)
        except NotOffered:
            return await listed("POST", "/mj/task/list-by-ids", Feature.LIST_BY_IDS)

    async def _listed(
        self,
        method: str,
        path: str,
        feature: Feature,
        *,
        body: bytes | aiohttp.FormData | None = None,
        seen: Digests | None = None,
        most: int | None = None,
        tries: int | None = None,
    ) -> Listed:
        def read(answer: HttpAnswer) -> Listed:
            found = self._json(answer)
            if isinstance(found, Listed):
                return found
            tasks = map(self.reachable, parse_tasks(found, http_status=answer.status))
            return Listed({task.id: task for task in tasks})

        parse = functools.partial(read_list, seen=seen or {}, reachable=self.reachable)
        return await self._read(method, path, read, feature, body=body, most=most, parse=parse, tries=tries)

    def picture_url(self, url: str) -> str:
        """Returns the URL under which the bot can download an image. Relative URLs belong to the service. Relayed
        images come from the service itself, whatever host their URL names (docs/image-api.md#newapi-tasks)."""
        if RELAYED_PICTURES not in url and url.startswith(("http://", "https://")):
            return url
        base_url = self._transport.base_url
        try:
            path = urlsplit(url).path
            _, relayed, rest = url.partition(RELAYED_PICTURES)
            if relayed and (path.startswith(RELAYED_PICTURES) or "://" not in url):
                url = f"{RELAYED_PICTURES}{rest.partition('#')[0]}"
            return urls.resolved(base_url, url)
        except ValueError:
            return url

    def reachable(self, task: RemoteTask) -> RemoteTask:
        """Returns the task with URLs that the bot can reach."""
        at, image_url, thumbnail_url = self.picture_url, task.image_url, task.thumbnail_url
        image_urls, videos = tuple(map(at, task.image_urls)), task.videos
        image_url = at(image_url) if image_url else None
        thumbnail_url = at(thumbnail_url) if thumbnail_url else None
        if videos:
            videos = tuple(StoredVideo(at(each.url), at(each.thumbnail) if each.thumbnail else None) for each in videos)
        found = (image_url, image_urls, thumbnail_url, videos)
        if found == (task.image_url, task.image_urls, task.thumbnail_url, task.videos):
            return task
        return dataclasses.replace(
            task, image_url=image_url, image_urls=image_urls, thumbnail_url=thumbnail_url, videos=videos
        )

    @staticmethod
    def _json(answer: HttpAnswer) -> Any:
        if answer.form is not AnswerForm.JSON:
            raise non_json_answers.of_read(answer, may_be_absent=True)
        return answer.body

    async def _read(
        self,
        method: str,
        path: str,
        read: Reading[T],
        feature: Feature | None = None,
        *,
        body: bytes | aiohttp.FormData | None = None,
        most: int | None = None,
        parse: Parse = json_limits.loads,
        seconds: float | None = None,
        in_all: float | None = None,
        tries: int | None = None,
    ) -> T:
        """Sends a read until it is answered, at most `tries` (default: `attempts`) times within `in_all` seconds.

        `most` and `parse` are those of `Transport.send`.
        """
        if feature:
            self._capabilities.require(feature)

        async def once(limit: float) -> T:
            answer = await self._transport.send(method, path, body=body, seconds=limit, most=most, parse=parse)
            return _with_retry_after(answer, read)

        limits = RetryLimits(
            each=seconds or self._limits.read,
            total=in_all or self._limits.reads,
            attempts=tries or self._limits.attempts,
            backoff=self._limits.backoff,
        )
        try:
            return await retried(path, once, limits)
        except NotOffered:
            if feature:
                self._capabilities.switch_off(feature)
            raise


def _with_retry_after(answer: HttpAnswer, read: Reading[T]) -> T:
    try:
        return read(answer)
    except ServiceRefused as error:
        error.retry_after = error.retry_after or answer.retry_after
        raise


class TaskReads(TaskLists):
    """The endpoints that change nothing."""

    async def fetch(self, task_id: str, *, tries: int | None = None) -> RemoteTask:
        """GET /mj/task/{id}/fetch: one task, with at most `tries` attempts (docs/image-api.md#fetch).

        Raises UnknownTask, Unavailable (Unusable), another ServiceRefused; NotSent for an invalid ID.
        """

        def read(answer: HttpAnswer) -> RemoteTask:
            if answer.form is not AnswerForm.JSON:
                raise non_json_answers.of_fetch(answer)
            if answer.body is None:
                raise refused(RefusalKind.UNKNOWN_TASK, http_status=answer.status)
            return self.reachable(parse_task(answer.body, http_status=answer.status))

        return await self._read("GET", f"/mj/task/{path_id(task_id)}/fetch", read, tries=tries)

    async def list_by_ids(self, task_ids: Sequence[str]) -> dict[str, RemoteTask]:
        """Returns the tasks with these IDs that the service knows, by ID. Raises Unavailable (Unusable),
        ServiceRefused."""
        wanted = list(dict.fromkeys(task_ids))
        found: dict[str, RemoteTask] = {}
        for start in range(0, len(wanted), IDS_AT_ONCE):
            found |= (await self.list_news(wanted[start : start + IDS_AT_ONCE], {})).tasks
        return {task_id: found[task_id] for task_id in wanted if task_id in found}

    async def list_all(self) -> tuple[RemoteTask, ...]:
        """GET /mj/task/list: the newest tasks, including those of other users (docs/image-api.md#lists). Never show
        them without a filter. Raises the errors of list_by_ids."""
        return tuple((await self._listed("GET", "/mj/task/list", Feature.TASK_LIST)).tasks.values())

    async def queue(self) -> tuple[RemoteTask, ...]:
        """GET /mj/task/queue: the waiting tasks, oldest first, including those of other users
        (docs/image-api.md#lists).

        Raises the errors of list_by_ids.
        """
        return tuple((await self._listed("GET", "/mj/task/queue", Feature.QUEUE)).tasks.values())

    async def query(self, state: str) -> tuple[RemoteTask, ...]:
        """POST /mj/task/query: the tasks of the submit with this `state` (docs/image-api.md#query).

        Raises the errors of list_by_ids.
        """

        def read(answer: HttpAnswer) -> tuple[RemoteTask, ...]:
            return tuple(map(self.reachable, parse_page(self._json(answer), http_status=answer.status)))

        body = await encoded(QueryRequest(state=state))
        return await self._read("POST", "/mj/task/query", read, Feature.QUERY, body=body)

    async def seed(self, task_id: str) -> str:
        """GET /mj/task/{id}/image-seed: may take over a minute (docs/image-api.md#image-seed).

        Raises UnknownTask, Unavailable, another ServiceRefused.
        """

        def read(answer: HttpAnswer) -> str:
            return parse_seed(self._json(answer), http_status=answer.status)

        path, seconds = f"/mj/task/{path_id(task_id)}/image-seed", self._limits.seed
        return await self._read("GET", path, read, Feature.SEED, seconds=seconds, in_all=seconds)


def path_id(task_id: str) -> str:
    """Returns a task ID that is safe in a path. Raises NotSent for an invalid one."""
    if not TASK_ID.fullmatch(task_id):
        raise NotSent("not a task id")
    return task_id
