"""The journal: records each submission before it is sent, and its acceptance; which submissions this process is
journaling or sending; and the loop that has those without a known outcome searched for.

Every method of the journal is one operation of the store and idempotent, so a failed write can be repeated. All other
outcomes are recorded by `bot.tasks.outcome_journal`. Lost submissions are searched for by `bot.tasks.recovery`.

A request is journaled while its interaction is being acknowledged, which saves the time of one of the two. Nothing is
sent before both have succeeded. If the acknowledgment fails, Discord has told the user that the interaction failed, so
the journaled request is withdrawn.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple, TypeVar
from weakref import WeakValueDictionary

from bot.engines.models import SubmitTag
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.batch import Split, expanded, named
from bot.tasks.errors import UserError
from bot.tasks.policy import Actor, InteractionContext
from bot.tasks.requests import new_callback_token, new_nonce, repeats_of
from bot.tasks.results import Acknowledgement, Duplicate, NotAcknowledged
from storage import (
    PREDECESSORS,
    InputImage,
    NewOutcome,
    NewSubmission,
    NewTask,
    Opening,
    Request,
    StorageError,
    Store,
    Submission,
    SubmissionOutcome,
    Task,
    TaskId,
    TaskState,
    TaskUpdate,
    rewritten,
)

log = logging.getLogger(__name__)

# Delays between attempts to save an answer; the last value repeats.
RECORD_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)

CallbackUrl = Callable[[TaskId, str], str | None]
T = TypeVar("T")
Record = Callable[[], Awaitable[T]]

# How long a submission is searched for, and the time between two searches.
SEARCH_SECONDS = 60.0
ROUND_SECONDS = 3.0
# How often the store looks for work that has no owner, in seconds.
TAKE_OVER_SECONDS = 60.0
# Additional tasks of a prompt are listed within this many seconds, or while the first task runs.
LISTED_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class JournaledSubmission:
    """A journaled request. `parent` is the task whose button was pressed, `pictures` are the images of the request,
    `actor` is the user (None once unknown).

    `waited`: its message showed it as waiting before it was sent, so that message also has to show the outcome.
    """

    task: Task
    press: Submission
    tag: SubmitTag
    parent: Task | None
    pictures: Sequence[InputImage]
    actor: Actor | None = None
    waited: bool = False


class NewIdentifiers(NamedTuple):
    """What identifies a submission that is not journaled yet: the id of its task, the secret part of the callback URL,
    and what the service gets of both."""

    task_id: TaskId
    callback_token: str
    tag: SubmitTag


def callback_url(public_url: str | None) -> Callable[[str, str], str | None]:
    """Returns a function that builds callback URLs from the task's ID and its secret token."""

    def address(task_id: str, token: str) -> str | None:
        return f"{public_url}/callback/{task_id}/{token}" if public_url else None

    return address


class Journal:
    """Writes the journal's first record of each submission, and its acceptance. Every method raises StorageError, in
    which case it has written nothing."""

    def __init__(
        self,
        store: Store,
        *,
        callback_url: CallbackUrl,
        clock: Callable[[], float],
        same: Callable[[Request, Request], bool],
    ) -> None:
        """`callback_url` returns a task's callback URL for its id and token, or None if callbacks are not used.

        `same` returns whether two requests are equal.
        """
        self._store = store
        self._same = same
        self._callback_url = callback_url
        self._clock = clock
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def new_identifiers(self, task_id: TaskId) -> NewIdentifiers:
        """New identifiers for a submission as the task `task_id`."""
        token = new_callback_token()
        return NewIdentifiers(
            task_id, token, SubmitTag(state=new_nonce(), notify_hook=self._callback_url(task_id, token))
        )

    async def open(
        self,
        context: InteractionContext,
        request: Request,
        parent: Task | None,
        pictures: Sequence[InputImage],
        again: Task | None,
        *,
        identifiers: NewIdentifiers,
        queue_ahead: int | None = None,
    ) -> JournaledSubmission | Duplicate:
        """Journals a request as a new task, unless the same submission is journaled already.

        `again` is the task that this one retries. `queue_ahead` is the number of requests ahead of it in the bot's own
        queue, or None if it is about to be sent.
        """
        task_id, parent_id = identifiers.task_id, parent.id if parent else None
        where = (context.user_id, context.guild_id, context.channel_id)
        new = NewTask(task_id, parent_id, *where, request, identifiers.callback_token, pictures, queue_ahead)
        ids = (context.interaction_id, context.user_id, task_id, parent_id)
        opening = Opening(
            new,
            NewSubmission(*ids, request.custom_id, identifiers.tag.state),
            context.message(),
            SubmissionOutcome.OUTCOME_UNKNOWN if queue_ahead is None else SubmissionOutcome.QUEUED,
            self._clock(),
            repeats_of(context, new, again),
        )
        # Requests that share a commit are sent at the same moment and may arrive in another order. Those of one user do
        # not share one.
        async with self._turns.setdefault(context.user_id, asyncio.Lock()):
            opened = await self._store.submissions.open(opening, self._same if again else None)
        if opened is None:
            return Duplicate()
        return JournaledSubmission(*opened, identifiers.tag, parent, pictures, context.actor)

    async def taken(
        self, asked: JournaledSubmission, upstream_ids: Sequence[str], queue_ahead: int | None
    ) -> list[Task]:
        """Records that the service accepted the request as one or more of its tasks. Returns the bot's tasks, the
        submitted one first."""
        now = self._clock()
        split = await named(self._store, asked.task, upstream_ids, now) if len(upstream_ids) > 1 else Split()
        # The call of an engine whose answer may be the result is running already.
        state = TaskState.RUNNING if asked.task.state is TaskState.RUNNING else TaskState.PENDING
        update = TaskUpdate(state, upstream_id=upstream_ids[0], queue_ahead=queue_ahead)
        new = NewOutcome(
            asked.press.interaction_id,
            SubmissionOutcome.ACCEPTED,
            now,
            only_from=PREDECESSORS[SubmissionOutcome.ACCEPTED] - {SubmissionOutcome.ACCEPTED},
            further=split.further,
        )
        settled = await self._store.submissions.set_outcome(
            asked.press, new, lambda task: _taken(task, update, split.request, now)
        )
        moved, more = settled.task if settled else None, []
        if settled:
            found = [await self._store.tasks.get(added.task.id) for added in split.further]
            more = [task for task in found if task]
        else:
            # A callback arrived before the answer.
            press = await self._store.submissions.get(asked.press.interaction_id)
            if press and press.outcome is SubmissionOutcome.ACCEPTED:
                moved = await self._store.tasks.move(asked.task.id, update, now)
        task = moved or await self._store.tasks.get(asked.task.id) or asked.task
        return [task, *more]


def _taken(task: Task, update: TaskUpdate, request: Request | None, now: float) -> Task | None:
    """The accepted task, with its own part of a request that became several tasks."""
    moved = task.apply(update, now)
    if request is None:
        return moved
    return dataclasses.replace(moved, request=request) if moved else rewritten(task, request)


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
            await acknowledged.written()
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


class LostSubmission(NamedTuple):
    """A submission without a known outcome, and for how many seconds it has been searched for."""

    press: Submission
    searched: float


# Searches for these submissions, and for the further tasks of those that may have several; gives up after so many
# seconds.
Search = Callable[[Sequence[LostSubmission], Sequence[Submission], float], Awaitable[None]]


class RecoveryLoop:
    """Has submissions without a known outcome searched for, while there are any."""

    def __init__(
        self,
        store: Store,
        in_flight: Callable[[Submission], bool],
        search: Search,
        *,
        search_seconds: float = SEARCH_SECONDS,
        round_seconds: float = ROUND_SECONDS,
        take_over_seconds: float = TAKE_OVER_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`in_flight`: whether this process is sending a submission or saving its answer now. `search_seconds`: how
        long a submission is searched for, measured by `clock`; it restarts with the process."""
        self._store = store
        self._in_flight = in_flight
        self._search = search
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
        lost = [press for press in self._store.submissions.unsettled() if not self._in_flight(press)]
        drawing = self._store.submissions.drawing(time.time() - LISTED_SECONDS)
        several = [press for press, request in drawing if expanded(request)]
        self._noticed = {press.interaction_id: self._noticed.get(press.interaction_id, self._clock()) for press in lost}
        if not lost and not several:
            return
        # The request may reach the service while the lists are read, so only the time before them counts.
        began = self._clock()
        searched = [LostSubmission(press, began - self._noticed[press.interaction_id]) for press in lost]
        await self._search(searched, several, self._search_seconds)
