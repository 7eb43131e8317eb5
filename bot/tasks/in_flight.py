"""The submissions that this process journals while they are acknowledged, is sending, or whose answer it is saving.

A request is journaled while its interaction is being acknowledged, which saves the time of one of the two. Nothing is
sent before both have succeeded. If the acknowledgment fails, Discord has told the user that the interaction failed, so
the journaled request is withdrawn.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from bot.engines.base import ImageEngine, SendPress
from bot.engines.errors import EngineError
from bot.engines.models import SubmitTag
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.errors import UserError
from bot.tasks.journal import JournaledSubmission
from bot.tasks.results import Acknowledgement, Duplicate, NotAcknowledged
from storage import Action, InputImage, Request, StorageError, Submission, Task

log = logging.getLogger(__name__)

# Delays between attempts to save an answer; the last value repeats.
RECORD_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)

T = TypeVar("T")
Record = Callable[[], Awaitable[T]]
Opened = JournaledSubmission | Duplicate


class SubmissionsInFlight:
    """Counts the work on each submission, and saves answers that could not be saved at once."""

    def __init__(self, background: TaskSupervisor) -> None:
        self._background = background
        self._counts: Counter[int] = Counter()

    def __contains__(self, press: Submission) -> bool:
        return press.interaction_id in self._counts

    @contextmanager
    def sending(self, interaction_id: int) -> Iterator[None]:
        """While the block runs, the submission of this interaction is in flight."""
        self._counts[interaction_id] += 1
        try:
            yield
        finally:
            self._ended(interaction_id)

    async def recorded(self, asked: JournaledSubmission, record: Record[T], meanwhile: T) -> T:
        """Saves a request's outcome with `record` and returns it. If the store fails, returns `meanwhile` and keeps
        trying in the background. Raises UserError."""
        try:
            return await record()
        except StorageError as error:
            log.error("task %s: cannot save the image service's answer yet: %s", asked.task.id, error)  # noqa: TRY400 - expected
        self._counts[asked.press.interaction_id] += 1
        self._background.start(self._record_later(asked, record), f"record-{asked.task.id}")
        return meanwhile

    async def _record_later(self, asked: JournaledSubmission, record: Record[T]) -> None:
        try:
            for wait in itertools.chain(RECORD_SECONDS, itertools.repeat(RECORD_SECONDS[-1])):
                await asyncio.sleep(wait)
                try:
                    with suppress(UserError):  # already recorded
                        await record()
                except StorageError as error:
                    log.debug("task %s: cannot save the answer yet: %s", asked.task.id, error)
                else:
                    log.info("task %s: the image service's answer is saved now", asked.task.id)
                    return
        finally:
            self._ended(asked.press.interaction_id)

    def _ended(self, interaction_id: int) -> None:
        self._counts[interaction_id] -= 1
        if not self._counts[interaction_id]:
            del self._counts[interaction_id]


class Preparation:
    """What is sent for a button, prepared while the journal and the acknowledgment are waited for."""

    def __init__(
        self, engine: ImageEngine, request: Request, parent: Task | None, pictures: Sequence[InputImage]
    ) -> None:
        # The tag with which the request is being journaled.
        self.tag: SubmitTag | None = None
        self._engine = engine
        self._request = request
        self._parent = parent
        self._pictures = pictures
        self._prepared: tuple[SubmitTag, SendPress | None] | None = None

    def prepare(self) -> None:
        """Prepares the request with its tag, unless that has been done. No I/O. Never raises: the send will."""
        if self.tag is None or self._parent is None or self._request.action is not Action.BUTTON:
            return
        if self._prepared and self._prepared[0] == self.tag:
            return
        send: SendPress | None = None
        with suppress(EngineError, ValueError):
            send = self._engine.prepared_press(self._parent, self._request, self._pictures, self.tag)
        self._prepared = self.tag, send

    def sender(self, engine: ImageEngine, tag: SubmitTag) -> SendPress | None:
        """What sends the request that was journaled with this tag. None if it was not prepared just like that."""
        if self._prepared is None or engine is not self._engine or self._prepared[0] != tag:
            return None
        return self._prepared[1]


class UnacknowledgedRequests:
    """Journals requests and waits for the acknowledgment of their interaction. In memory only."""

    def __init__(self, withdraw: Callable[[JournaledSubmission], Awaitable[None]]) -> None:
        """`withdraw` records that a journaled request is not sent."""
        self._withdraw = withdraw
        # Each user's requests in the order of their arrival. A result tells whether the request was withdrawn.
        self._waiting: dict[int, list[asyncio.Future[bool]]] = {}

    async def open(
        self,
        user_id: int,
        journal: Callable[[], Awaitable[Opened]],
        acknowledged: Acknowledgement,
        meanwhile: Callable[[], None],
    ) -> Opened | NotAcknowledged:
        """Journals a request with `journal` while its interaction is being acknowledged. Raises StorageError.

        Calls `meanwhile` as soon as one of both is done. It may be called several times.
        """
        acknowledged.call_when_done(meanwhile)
        earlier = self._waiting.setdefault(user_id, [])
        before, ours = list(earlier), asyncio.get_running_loop().create_future()
        earlier.append(ours)
        withdrawn = False
        try:
            opened = await journal()
            while isinstance(opened, Duplicate) and await _any_withdrawn(before):
                opened = await journal()  # it repeats a request that was not sent
            meanwhile()
            if await acknowledged.succeeded():
                return opened
            if isinstance(opened, JournaledSubmission):
                await self._withdraw(opened)
                withdrawn = True
            return NotAcknowledged()
        finally:
            ours.set_result(withdrawn)
            earlier.remove(ours)
            if not earlier:
                self._waiting.pop(user_id, None)


async def _any_withdrawn(before: list[asyncio.Future[bool]]) -> bool:
    """Waits for requests that arrived earlier. Returns whether one was withdrawn; each is asked only once."""
    waited, before[:] = list(before), []
    return any([await each for each in waited])
