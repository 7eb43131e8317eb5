"""Recovery: submissions whose answer was lost, or whose answer may not have named all tasks that the service created.

Such a submission is never sent again. It is searched for by its nonce, which the service returns as `state` in its
lists; a callback or a list may contain it at any time. After a time limit its task is marked as UNKNOWN. A modal that
certainly was not confirmed yet is confirmed; one whose confirmation may have been sent is only polled.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from bot.engines.base import ImageEngine
from bot.engines.errors import EngineError, UnknownTask
from bot.engines.models import Feature, RemoteStatus, RemoteTask
from bot.engines.registry import EngineRegistry
from bot.tasks.batch import expanded, in_order, nonce_of
from bot.tasks.errors import UserError
from bot.tasks.service import TaskService
from storage import StorageError, Store, Submission, SubmissionOutcome

log = logging.getLogger(__name__)

SEARCH_SECONDS = 60.0
ROUND_SECONDS = 3.0
# How often the store looks for work that has no owner, in seconds.
TAKE_OVER_SECONDS = 60.0
# The time limit is multiplied by this factor while the service does not answer.
UNANSWERED_FACTOR = 5.0
# Additional tasks of a prompt are listed within this many seconds, or while the first task runs.
LISTED_SECONDS = 60.0
_LISTED = (SubmissionOutcome.OUTCOME_UNKNOWN, SubmissionOutcome.ACCEPTED)


class Recovery:
    """Searches for submissions without a known outcome."""

    def __init__(
        self,
        store: Store,
        engines: EngineRegistry,
        service: TaskService,
        *,
        search_seconds: float = SEARCH_SECONDS,
        round_seconds: float = ROUND_SECONDS,
        take_over_seconds: float = TAKE_OVER_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`search_seconds`: how long a submission is searched for, measured by `clock`; it restarts with the
        process."""
        self._store = store
        self._engines = engines
        self._service = service
        self._search_seconds = search_seconds
        self._round_seconds = round_seconds
        self._take_over_seconds = take_over_seconds
        self._clock = clock
        self._noticed: dict[int, float] = {}

    async def run(self) -> None:
        """Searches until cancelled."""
        taken_over = self._clock()
        while True:
            try:
                if self._clock() - taken_over > self._take_over_seconds:
                    taken_over = self._clock()
                    await self._store.take_over()
                await self._round()
            except StorageError as error:
                log.warning("cannot look up unconfirmed submissions now: %s", error)
            except Exception:
                log.exception("recovering unconfirmed submissions failed")
            await asyncio.sleep(self._round_seconds)

    async def _round(self) -> None:
        lost = [press for press in self._store.submissions.unsettled() if not self._service.in_flight(press)]
        drawing = self._store.submissions.drawing(time.time() - LISTED_SECONDS)
        several = [press for press, request in drawing if expanded(request)]
        self._noticed = {press.interaction_id: self._noticed.get(press.interaction_id, self._clock()) for press in lost}
        if not lost and not several:
            return
        # The request may reach the service while the lists are read, so only the time before them counts.
        began = self._clock()
        lost_with_answer = await self._lost_with_answer(lost)
        by_nonce: dict[str, list[RemoteTask]] = {}
        unanswered: frozenset[str] = frozenset()
        for engine in self._engines:
            listed, silent = await self._listed(engine, [*lost, *several])
            by_nonce |= listed
            unanswered |= silent
        for press in lost:
            seconds = self._search_seconds * (UNANSWERED_FACTOR if press.nonce in unanswered else 1.0)
            over = began - self._noticed[press.interaction_id] > seconds or press.interaction_id in lost_with_answer
            try:
                await self._look_after(press, by_nonce.get(press.nonce, ()), over=over)
            except StorageError:
                raise
            except Exception:
                # An error with one submission must not stop the search for the others.
                log.exception("recovering the submission of interaction %d failed", press.interaction_id)
        for press in several:
            await self._join(press, by_nonce.get(press.nonce, ()))

    async def _lost_with_answer(self, lost: Sequence[Submission]) -> frozenset[int]:
        """The submissions whose result came, or would have come, only in the lost answer."""
        tasks = [(press, await self._store.tasks.get(press.task_id)) for press in lost]
        return frozenset(
            press.interaction_id for press, task in tasks if task and self._engines.is_lost_with_answer(task)
        )

    async def _join(self, press: Submission, found: Sequence[RemoteTask]) -> None:
        """Stores the tasks that the service created from a prompt besides the one its answer named."""
        try:
            await self._service.join(press, found)
        except StorageError:
            raise
        except Exception:
            log.exception("recovering the further tasks of interaction %d failed", press.interaction_id)

    async def _look_after(self, press: Submission, listed: Sequence[RemoteTask], *, over: bool) -> None:
        now = await self._store.submissions.get(press.interaction_id)
        if now is None or now.outcome is not press.outcome:
            return  # a callback arrived first
        if press.outcome is SubmissionOutcome.MODAL:
            with suppress(UserError):  # its message shows the refusal
                await self._service.confirm_modal(press)
        elif remote := next(iter(listed), None) or await self._confirmed(press):
            log.info("found the submission of interaction %d at the image service", press.interaction_id)
            await self._service.adopt(press, remote)
            await self._service.join(press, listed)
        elif over:
            log.warning(
                "could not confirm whether the image service received the submission of interaction %d",
                press.interaction_id,
            )
            await self._service.give_up(press)

    async def _listed(
        self, engine: ImageEngine, presses: Sequence[Submission]
    ) -> tuple[Mapping[str, list[RemoteTask]], frozenset[str]]:
        """The tasks that the service lists now, by nonce, and the nonces for which it did not answer.

        A waiting modal is not a task yet, so it is not searched for.
        """
        nonces = frozenset(press.nonce for press in presses if press.outcome in _LISTED)
        capabilities = engine.capabilities
        listed: list[RemoteTask] = []
        unanswered: frozenset[str] = frozenset()
        if capabilities.has(Feature.QUERY):
            for nonce in nonces:
                found = await self._answered(engine.query(nonce))
                listed += found or ()
                unanswered |= {nonce} if found is None else set()
        elif nonces and capabilities.has(Feature.TASK_LIST):
            found = await self._answered(engine.list_all())
            listed += found or ()
            unanswered = nonces if found is None else unanswered
        by_nonce: dict[str, list[RemoteTask]] = {}
        for remote in in_order(listed):
            if (nonce := nonce_of(remote.state)) in nonces:
                by_nonce.setdefault(nonce, []).append(remote)
        return by_nonce, unanswered

    async def _answered(self, listing: Awaitable[Sequence[RemoteTask]]) -> Sequence[RemoteTask] | None:
        """The listed tasks, or None if the service does not answer."""
        try:
            return await listing
        except EngineError as error:
            log.debug("cannot search for unconfirmed submissions: %r", error)
            return None

    async def _confirmed(self, press: Submission) -> RemoteTask | None:
        """The task of a modal that may have been confirmed, if its status shows that it was."""
        task = await self._store.tasks.get(press.task_id)
        if press.outcome is not SubmissionOutcome.CONFIRMING or task is None or task.upstream_id is None:
            return None
        try:
            remote = await self._engines.fetch(task)
        except UnknownTask:
            return None
        except EngineError as error:
            log.debug("cannot check a task awaiting confirmation: %r", error)
            return None
        return None if remote.status is RemoteStatus.WAITING_USER else remote
