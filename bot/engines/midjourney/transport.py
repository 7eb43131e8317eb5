"""HTTP requests to the image service: single ones, and the list of running tasks, which is read repeatedly.

`Transport` sends a request once, within its time limits. Its errors are separated by whether the service may have
received the request, which decides about a submit. `TaskLists` repeats reads.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr

from bot.engines.errors import AnswerLost, NotOffered, ServiceRefused
from bot.engines.midjourney import http_answers
from bot.engines.midjourney.capabilities import Capabilities, encoded
from bot.engines.midjourney.http_answers import AnswerForm, HttpAnswer
from bot.engines.midjourney.requests import ListByIdsRequest
from bot.engines.midjourney.task_answers import parse_tasks
from bot.engines.midjourney.task_parsing import read_list
from bot.engines.models import Digests, Feature, Listed, RemoteTask
from bot.engines.service_requests import (
    FAILURES,
    USER_AGENT,
    HttpExchange,
    RetryLimits,
    ServiceKey,
    retried,
    retry_after,
    whole_body,
)
from bot.net import untrusted_data
from bot.net.untrusted_data import Body, TooComplex, parse_json
from bot.runtime.supervisor import in_thread_if_large
from bot.runtime.units import MEGABYTE
from storage import StoredVideo

log = logging.getLogger(__name__)

MAX_EXCERPT = 200

# newapi relays images under this path, with the host that its operator configured (docs/image-api.md#newapi-tasks).
RELAYED_PICTURES = "/mj/image/"

T = TypeVar("T")
Reading = Callable[[HttpAnswer], T]


class AuthStyle(StrEnum):
    """The headers that carry the key (docs/image-api.md#authentication).

    trueai without a gateway needs `secret`: it does not strip `Bearer`.
    """

    BEARER = "bearer"
    SECRET = "secret"  # noqa: S105 - the name of a style
    BOTH = "both"


class TimeLimits(NamedTuple):
    """Limits in seconds and bytes.

    `connect` bounds connecting, `submit` a whole submit (newapi itself waits 60 s for the service behind it), `read`
    one attempt of a read, `reads` all its attempts, `seed` the slow image-seed (60 s on trueai). `attempts` is the
    number of attempts of a read, `backoff` the first pause between two. `body` bounds the size of any answer, `list`
    that of a list of tasks, which can be requested in smaller parts.
    """

    connect: float = 10.0
    submit: float = 90.0
    read: float = 20.0
    reads: float = 60.0
    seed: float = 75.0
    attempts: int = 4
    backoff: float = 0.5
    body: int = 8 * MEGABYTE
    list: int = 2 * MEGABYTE


Parse = Callable[[str], Any]


class Transport:
    """Sends requests to one service with one key. The caller owns the session."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        key: SecretStr | str,
        auth: AuthStyle,
        limits: TimeLimits,
    ) -> None:
        """`base_url` is the URL of the service, with or without `/mj` at the end."""
        self._exchange = HttpExchange(session, service="image service", connect=limits.connect)
        self.base_url = base_url.rstrip("/").removesuffix("/mj").rstrip("/")
        self._key = ServiceKey(key)
        self._auth = auth
        self._limits = limits

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | aiohttp.FormData | None = None,
        seconds: float,
        most: int | None = None,
        parse: Parse = parse_json,
    ) -> HttpAnswer:
        """Sends one request once. `path` begins with a slash and is safe in a URL.

        `most` limits the answer's bytes below `TimeLimits.body`. `parse` parses the answer's text, in a thread if the
        text is long, and raises the errors of `parse_json`.

        Raises NotSent if no connection was established, AnswerLost for any later failure. A truncated answer counts if
        it is a complete JSON object or array.
        """
        started, what = time.monotonic(), f"{method} {path}"
        try:
            response = await self._exchange.request(
                method, f"{self.base_url}{path}", body=body, headers=self._headers, seconds=seconds
            )
            async with response:
                left = max(started + seconds - time.monotonic(), 0.01)
                found = await whole_body(response, most or self._limits.body, left)
        except FAILURES as error:
            raise self._exchange.error_of(error, what, seconds) from error
        log.debug("%s: HTTP %d after %.0f ms", what, response.status, (time.monotonic() - started) * 1000)
        answer = await self._answer(response, found, parse)
        if not (found.whole or _is_complete(answer)):
            raise AnswerLost(f"{what}: the answer was cut off")
        return answer

    @functools.cached_property
    def _headers(self) -> Mapping[str, str]:
        """The headers of all requests. Raises NotSent."""
        # Other encodings are decoded, too.
        headers = {"Accept": untrusted_data.JSON_TYPE, "Accept-Encoding": "gzip, deflate", "User-Agent": USER_AGENT}
        if not self._key:
            return headers
        key = self._key.header_value()
        if self._auth in (AuthStyle.BEARER, AuthStyle.BOTH):
            headers["Authorization"] = f"Bearer {key}"
        if self._auth in (AuthStyle.SECRET, AuthStyle.BOTH):
            headers["mj-api-secret"] = key
        return headers

    async def _answer(self, response: aiohttp.ClientResponse, raw: Body, parse: Parse) -> HttpAnswer:
        status, is_html = response.status, "html" in response.headers.get("Content-Type", "").lower()
        form, body, excerpt = await in_thread_if_large(len(raw.data), lambda: _read(raw, self._key, parse, is_html))
        return HttpAnswer(status, form, body, excerpt, retry_after(response))


def _read(raw: Body, key: ServiceKey, parse: Parse, is_html: bool) -> tuple[AnswerForm, Any, str]:
    """Returns the type of a body, its parsed JSON, and an excerpt if it is not JSON. The key is removed."""
    text = key.removed_from(raw.data.decode("utf-8-sig", "replace").strip())
    raw.data = b""  # a large answer is in memory only once
    if not text:
        return AnswerForm.EMPTY, None, ""
    try:
        return AnswerForm.JSON, parse(text), ""
    except (TooComplex, RecursionError):
        return AnswerForm.COMPLEX, None, text[:MAX_EXCERPT]
    except ValueError:
        return (AnswerForm.HTML if is_html or text.startswith("<") else AnswerForm.TEXT), None, text[:MAX_EXCERPT]


def _is_complete(answer: HttpAnswer) -> bool:
    """Whether the JSON is certainly complete. A truncated number or text cannot be recognized."""
    return answer.form is AnswerForm.JSON and not isinstance(answer.body, str | int | float | None)


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
        """Sends one request for these IDs, at most as many as `reads.IDS_AT_ONCE`. Returns the tasks whose digests are
        not in `seen`. Raises Unavailable (Unusable), ServiceRefused."""
        body = await encoded(ListByIdsRequest(ids=list(task_ids)))
        listed = functools.partial(self._listed, body=body, seen=seen, most=self._limits.list, tries=tries)
        # Two endpoints do the same (docs/image-api.md#lists); the second one does not exist in every dialect.
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
            return untrusted_data.resolved(base_url, url)
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
            raise http_answers.of_read(answer, may_be_absent=True)
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
        parse: Parse = parse_json,
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
