"""Recovery: submissions whose answer was lost, or whose answer may not have named all tasks that the service created.

Such a submission is never sent again. It is searched for by its nonce, which the service returns as `state` in its
lists; a callback or a list may contain it at any time. After a time limit its task is marked as UNKNOWN. A modal that
certainly was not confirmed yet is confirmed; one whose confirmation may have been sent is only polled.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from bot.engines.base import ImageEngine
from bot.engines.errors import EngineError, UnknownTask
from bot.engines.models import Feature, RemoteStatus, RemoteTask
from bot.engines.registry import EngineRegistry
from bot.tasks.batch import add_found, in_order, nonce_of
from bot.tasks.errors import UserError
from bot.tasks.journal import LostSubmission
from bot.tasks.policy import Policy
from bot.tasks.submissions import Submitter
from bot.tasks.task_updates import TaskUpdates, to_update
from storage import Action, NewOutcome, StorageError, Store, Submission, SubmissionOutcome, TaskState, TaskUpdate

log = logging.getLogger(__name__)

# The time limit is multiplied by this factor while the service does not answer.
UNANSWERED_FACTOR = 5.0
_LISTED = (SubmissionOutcome.OUTCOME_UNKNOWN, SubmissionOutcome.ACCEPTED)


class Recovery:
    """Searches for submissions without a known outcome, and settles them. `RecoveryLoop` says when."""

    def __init__(
        self,
        store: Store,
        engines: EngineRegistry,
        submissions: Submitter,
        updates: TaskUpdates,
        policy: Policy,
        clock: Callable[[], float],
    ) -> None:
        """`clock` returns unix seconds."""
        self._store = store
        self._engines = engines
        self._submissions = submissions
        self._updates = updates
        self._policy = policy
        self._clock = clock

    async def search(
        self, lost: Sequence[LostSubmission], several: Sequence[Submission], search_seconds: float
    ) -> None:
        """Searches once, and settles what is found or was searched for longer than `search_seconds`. `several` are
        accepted submissions whose answer may not have named all tasks. Raises StorageError."""
        presses = [each.press for each in lost]
        lost_with_answer = await self._lost_with_answer(presses)
        by_nonce: dict[str, list[RemoteTask]] = {}
        unanswered: frozenset[str] = frozenset()
        for engine in self._engines:
            listed, silent = await self._listed(engine, [*presses, *several])
            by_nonce |= listed
            unanswered |= silent
        for press, searched in lost:
            seconds = search_seconds * (UNANSWERED_FACTOR if press.nonce in unanswered else 1.0)
            over = searched > seconds or press.interaction_id in lost_with_answer
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
        """Stores the tasks that the service created from a prompt in addition to the one that its answer named."""
        try:
            await self.join(press, found)
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
                await self._submissions.answers.confirm(press)
        elif remote := next(iter(listed), None) or await self._confirmed(press):
            log.info("found the submission of interaction %d at the image service", press.interaction_id)
            await self.adopt(press, remote)
            await self.join(press, listed)
        elif over:
            log.warning(
                "could not confirm whether the image service received the submission of interaction %d",
                press.interaction_id,
            )
            await self.give_up(press)

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

    async def adopt(self, press: Submission, remote: RemoteTask) -> None:
        """Settles a submission whose answer was lost and whose task was found at the service: it was accepted."""
        task = await self._store.tasks.get(press.task_id)
        shows = task is not None and task.request.action is Action.SHOW
        if task and shows and not await self._policy.may_import(None, task, remote.id):
            refusal = TaskUpdate(TaskState.REFUSED, error_code="of_another_place", error_params={})
            await self._settle(press, SubmissionOutcome.REFUSED, refusal)
            return
        update = TaskUpdate(TaskState.PENDING, upstream_id=remote.id)
        await self._settle(press, SubmissionOutcome.ACCEPTED, update, reason=press.reason or "found again")
        await self._updates.move(press.task_id, to_update(remote))

    async def join(self, press: Submission, remotes: Sequence[RemoteTask]) -> None:
        """Stores further tasks that the service created from a submission, if they are not stored yet.

        Raises StorageError.
        """
        for task in await add_found(self._store, press, remotes, self._clock()):
            log.info("task %s is one of several that the service made of a request", task.id)
            self._updates.changed(task)

    async def give_up(self, press: Submission) -> None:
        """Ends the search for a submission: the journal records GIVEN_UP, the task becomes UNKNOWN. A result that was
        lost with the answer cannot turn up any more, so its task becomes FAILURE."""
        task = await self._store.tasks.get(press.task_id)
        if task and self._engines.is_lost_with_answer(task):
            if failed := await self._submissions.answers.record_lost(press, task):
                self._updates.changed(failed)
            return
        await self._settle(press, SubmissionOutcome.GIVEN_UP, TaskUpdate(TaskState.UNKNOWN))

    async def _settle(
        self, press: Submission, outcome: SubmissionOutcome, change: TaskUpdate, reason: str | None = None
    ) -> None:
        """Records an outcome with the change of its task, which is published."""
        now = self._clock()
        new = NewOutcome(
            press.interaction_id,
            outcome,
            now,
            reason=reason,
            error_code=change.error_code,
            error_params=change.error_params or {},
        )
        settled = await self._store.submissions.set_outcome(press, new, lambda task: task.apply(change, now))
        if settled and settled.task:
            self._updates.changed(settled.task)
