"""One poll round: polls running tasks, many per request, and isolates tasks that make an answer unreadable.

A list that cannot be read, or is refused, is requested again in halves until the failing task is alone. That task is
then polled alone with growing delays and does not affect the others. If the service does not answer at all, lists are
not split further: after a few failed requests the round ends with the error.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.engines.base import PolledEngine
from bot.engines.errors import (
    AuthFailed,
    EngineError,
    NotOffered,
    NotSent,
    RateLimited,
    RefusalKind,
    ServiceRefused,
    UnknownTask,
    Unusable,
)
from bot.engines.models import Feature, Listed, RemoteStatus, RemoteTask
from bot.tasks.poll_state import BATCH, PolledTask
from storage import StorageError

log = logging.getLogger(__name__)

SINGLES_AT_ONCE = 8
# Maximum of single fetches per poll; the tasks that were not polled for the longest time come first.
SINGLES_A_POLL = 40
# Additional list requests per poll, beyond the minimum for all tasks.
EXTRA_REQUESTS = 64
# This many failed requests before the first success mean that the cause is not a task. For errors such as 5xx: three
# full levels of halves, 1 + 2 + 4. For unreadable answers: enough to get from there down to a single task.
IN_VAIN, IN_VAIN_UNREADABLE = 7, 20
IN_VAIN_SECONDS = 60.0
# A service may not list a task right after accepting it (newapi stores it first: docs/image-api.md#newapi-tasks).
MISSES = 5
# Statuses that need no update if they repeat. A waiting modal is reported each time, because it is confirmed only after
# a delay.
_STEADY = (RemoteStatus.PENDING, RemoteStatus.RUNNING)

# Updates per transaction: each holds the database for a few milliseconds, and others can run between.
NEWS_AT_ONCE = 25

UpdatesSink = tuple[PolledTask, RemoteTask | None]
Learn = Callable[[Sequence[UpdatesSink]], Awaitable[None]]


class _Part(NamedTuple):
    """Tasks to be polled in one request; `whole` is the list from which they were split."""

    members: Sequence[PolledTask]
    whole: Sequence[PolledTask]

    def halves(self) -> tuple[_Part, _Part]:
        middle = len(self.members) // 2
        return _Part(self.members[:middle], self.whole), _Part(self.members[middle:], self.whole)


@dataclass(slots=True, eq=False)
class _Poll:
    """The state of one poll: whether any request succeeded, and what failed."""

    began: float
    requests_left: int
    alive: bool = False
    in_vain: int = 0
    failed: list[tuple[_Part, EngineError]] = field(default_factory=list)


class PollRound:
    """Polls tasks."""

    def __init__(
        self,
        engine: PolledEngine,
        apply_remote: Learn,
        *,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`apply_remote` applies the states of tasks, all or none; the state is None for a task that the service does
        not know."""
        self._engine = engine
        self._apply_remote = apply_remote
        self._interval = interval
        self._clock = clock

    async def ask(self, followed: Sequence[PolledTask]) -> None:
        """Polls all of these tasks that are due, within a limit of requests.

        Raises EngineError if the service as a whole does not answer, and StorageError.
        """
        now = self._clock()
        due = sorted((each for each in followed if each.next_at <= now), key=lambda each: each.asked_at)
        poll = _Poll(now, -(-len(due) // BATCH) + EXTRA_REQUESTS)
        singles = due
        capabilities = self._engine.capabilities
        if capabilities.has(Feature.LIST_BY_CONDITION) or capabilities.has(Feature.LIST_BY_IDS):
            try:
                await self._ask_for_lists(poll, [each for each in due if not each.alone])
                singles = [each for each in due if each.alone and each.next_at <= now]
            except NotOffered:
                log.info("the image service cannot list tasks by id; fetching them one by one")
        await self._ask_one_by_one(poll, singles[:SINGLES_A_POLL])

    async def _ask_for_lists(self, poll: _Poll, followed: Sequence[PolledTask]) -> None:
        parts, halves = deque(_services(followed)), deque[_Part]()
        while (parts or halves) and poll.requests_left:
            part = _next(poll, parts, halves)
            poll.requests_left -= 1
            ids = [each.upstream_id for each in part.members]
            seen = {each.upstream_id: each.digest for each in part.members if each.digest is not None}
            try:
                listed = await self._engine.list_news(ids, seen, tries=1)
            except NotOffered:
                raise
            except EngineError as error:
                self._count(poll, error)
                poll.failed.append((part, error))
                if len(part.members) > 1:
                    halves.extend(_split(part))
            else:
                poll.alive = True
                await self._take(part, listed)
        self._blame(poll)

    def _count(self, poll: _Poll, error: EngineError) -> None:
        """Raises the error if it certainly does not concern single tasks."""
        if _is_about_the_service(error):
            raise error
        if poll.alive:
            return
        poll.in_vain += 1
        most = IN_VAIN_UNREADABLE if _is_an_answer(error) else IN_VAIN
        if poll.in_vain >= most or self._clock() - poll.began > IN_VAIN_SECONDS:
            raise error

    def _blame(self, poll: _Poll) -> None:
        """Marks tasks that failed alone as failed. Raises EngineError if the service itself may be the cause."""
        alone = [(part, error) for part, error in poll.failed if len(part.members) == 1]
        for _, error in alone:
            if not poll.alive and not _is_an_answer(error):
                raise error
        if poll.alive:
            for part, _ in poll.failed:
                for each in part.members:
                    each.too_many = min(each.too_many or BATCH, len(part.members))
        for part, error in alone:
            for each in part.whole:  # the others can be polled together again
                each.batch, each.too_many = BATCH, None
            part.members[0].failed(self._clock(), self._interval, error)

    async def _take(self, part: _Part, listed: Listed) -> None:
        now = self._clock()
        news: list[UpdatesSink] = []
        for each in part.members:
            each.answered(now)
            each.listed()
            if remote := listed.tasks.get(each.upstream_id):
                news.append((each, remote))
            if remote or each.upstream_id in listed.unchanged:
                each.missed = 0
            else:
                each.missed += 1
                each.alone = each.missed >= MISSES
        for start in range(0, len(news), NEWS_AT_ONCE):
            await self._apply(news[start : start + NEWS_AT_ONCE], listed.digests)

    async def _apply(self, news: Sequence[UpdatesSink], digests: Mapping[str, int]) -> None:
        for followed, _ in news:
            followed.digest = None
        try:
            await self._apply_remote(news)
        except StorageError:
            raise
        except Exception as error:
            # An error in one task must not prevent the updates of the others.
            if len(news) > 1:
                for one in news:
                    await self._apply([one], digests)
                return
            if not news[0][0].failures:
                log.exception("applying the image service's data to a task failed")
            news[0][0].failed(self._clock(), self._interval, error)
        else:
            for followed, remote in news:
                if remote and remote.status in _STEADY:
                    followed.digest = digests.get(followed.upstream_id)

    async def _ask_one_by_one(self, poll: _Poll, followed: Sequence[PolledTask]) -> None:
        places = asyncio.Semaphore(SINGLES_AT_ONCE)
        failures: list[tuple[PolledTask, EngineError]] = []

        async def ask(each: PolledTask) -> None:
            async with places:
                try:
                    remote = await self._fetched(each)
                except EngineError as error:
                    failures.append((each, error))
                    return
            poll.alive = True
            await self._take_one(each, remote)

        results = await asyncio.gather(*map(ask, followed), return_exceptions=True)
        for error in filter(None, results):
            raise error
        for each, failure in failures:
            each.asked_at = self._clock()
            if not poll.alive and not _is_an_answer(failure):
                raise failure
            each.failed(self._clock(), self._interval, failure)

    async def _fetched(self, followed: PolledTask) -> RemoteTask | None:
        """The task, or None if the service does not know it."""
        try:
            remote = await self._engine.fetch(followed.upstream_id, tries=1)
        except UnknownTask:
            return None
        if remote.id != followed.upstream_id:
            raise Unusable("the answer is about another task")
        return remote

    async def _take_one(self, followed: PolledTask, remote: RemoteTask | None) -> None:
        followed.answered(self._clock())
        if remote is not None:
            followed.read_alone()
            await self._apply([(followed, remote)], {})
            return
        followed.missed += 1
        if followed.missed >= MISSES:
            await self._apply([(followed, None)], {})


def _services(followed: Sequence[PolledTask]) -> Iterator[_Part]:
    """Lists no longer than each of their tasks allows."""
    by_size: dict[int, list[PolledTask]] = {}
    for each in followed:
        by_size.setdefault(each.batch, []).append(each)
    for size, members in by_size.items():
        for start in range(0, len(members), size):
            chosen = members[start : start + size]
            yield _Part(chosen, chosen)


def _next(poll: _Poll, parts: deque[_Part], halves: deque[_Part]) -> _Part:
    """Halves first, level by level: they show soonest whether anything can be read. After `IN_VAIN` failures, depth
    first."""
    if not halves:
        return parts.popleft()
    return halves.popleft() if poll.alive or poll.in_vain < IN_VAIN else halves.pop()


def _split(part: _Part) -> tuple[_Part, _Part]:
    halves = part.halves()
    for half in halves:
        for each in half.members:
            each.batch, each.calm = len(half.members), 0
    return halves


def _is_about_the_service(error: EngineError) -> bool:
    """Whether the error would be the same for any other task."""
    if isinstance(error, NotSent | AuthFailed | RateLimited):
        return True
    return isinstance(error, ServiceRefused) and (error.kind is RefusalKind.NO_CREDIT or 300 <= error.http_status < 400)


def _is_an_answer(error: EngineError) -> bool:
    """Whether the service answered, although without a usable result. 5xx, timeouts and dropped connections may mean
    that it is down."""
    return isinstance(error, Unusable) or (isinstance(error, ServiceRefused) and not _is_about_the_service(error))
