"""Changes of tasks and submissions: applied in memory, or compare-and-set in the database."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from storage.live_records import LiveRecords, stored_submission
from storage.messages import Messages
from storage.operations import (
    Ending,
    EndWishes,
    Move,
    NewOutcome,
    Opening,
    OutcomeResult,
    PolledTaskRow,
    QueuedTaskRow,
    RecordedOutcome,
    Repeats,
)
from storage.ports import SubmissionTable, TaskTable
from storage.records import Message, Request, Task, TaskId, TaskUpdate, hash_of
from storage.submission_records import OPEN_OUTCOMES, Submission, SubmissionOutcome
from storage.task_contents import Action
from storage.user_records import Notification

log = logging.getLogger(__name__)

# Returns the changed task, or None if it does not change.
TaskChange = Callable[[Task], Task | None]

# Compares two requests.
Same = Callable[[Request, Request], bool]

# Decides what is stored with the end of a task, whose reachable messages are given. It must do no I/O.
OnEnd = Callable[[Task, EndWishes, Sequence[Message]], Ending]
NO_ENDINGS: Mapping[TaskId, Ending] = MappingProxyType({})


class TaskChanges:
    """Changes of tasks, and what they need to know. Every method raises StorageError if the database cannot be used.

    A change that is not stored (see `Task.apply`) happens in memory at once. Any other is compare-and-set: if another
    process has changed the task, the task is read again and the change is applied to what is there.
    """

    def __init__(self, rows: TaskTable, messages: Messages, live: LiveRecords) -> None:
        self._rows = rows
        self._messages = messages
        self._live = live

    def in_memory(self, task_id: TaskId) -> Task | None:
        """Returns the task with this id, if it is in memory. No I/O."""
        return self._live.task(task_id)

    async def get(self, task_id: TaskId) -> Task | None:
        """Returns the task with this id."""
        return self._live.task(task_id) or next(iter(await self._current([task_id])), None)

    async def move(self, task_id: TaskId, change: TaskUpdate, now: float, on_end: OnEnd | None = None) -> Task | None:
        """Applies an update. Returns the changed task, or None if it did not change or is unknown."""
        return next(iter(await self.move_all({task_id: change}, now, on_end)), None)

    async def move_all(
        self, changes: Mapping[TaskId, TaskUpdate], now: float, on_end: OnEnd | None = None
    ) -> list[Task]:
        """Applies updates of many tasks: those that are stored in one transaction. Returns the changed tasks.

        `on_end` decides what is stored with the end of a task.
        """
        return await self._change(list(changes), lambda task: task.apply(changes[task.id], now), now, on_end)

    def polled_briefly(self) -> list[PolledTaskRow]:
        """The polled tasks of this process, oldest first. From memory."""
        return list(self._live.polled())

    def waiting(self) -> list[QueuedTaskRow]:
        """The tasks of this process in the service's queue. From memory."""
        return list(self._live.waiting())

    async def requested_by(self, user_id: int, ids: range, *, parent_id: TaskId | None) -> list[tuple[TaskId, Request]]:
        """Returns the user's requests from these interaction ids with this parent, without refused tasks."""
        return await self._rows.requested_by(user_id, ids, parent_id=parent_id)

    async def _change(
        self,
        task_ids: Sequence[TaskId],
        change: TaskChange,
        now: float,
        on_end: OnEnd | None = None,
        *,
        quiet: bool = False,
    ) -> list[Task]:
        """Applies a change until no other process interferes. `quiet`: the version stays."""
        changed: list[Task] = []
        left: Sequence[TaskId] = task_ids
        while left:
            moves = [Move(task, after) for task in await self._current(left) if (after := change(task))]
            stale = await self._save(moves, now, on_end, quiet=quiet)
            changed += [move.after for move in moves if move.after.id not in stale]
            for task_id in stale:
                self._live.drop(task_id)
            left = list(stale)
        return changed

    async def _save(self, moves: Sequence[Move], now: float, on_end: OnEnd | None, *, quiet: bool) -> frozenset[TaskId]:
        stored = [move for move in moves if quiet or move.after.version != move.before.version]
        stale: frozenset[TaskId] = frozenset()
        endings: dict[TaskId, Ending] = {}
        if stored:
            stale = await self._rows.save(stored, now, await self._deciding(stored, on_end, endings))
        for move in moves:
            if move.after.id not in stale:
                self.saved(move, endings, quiet=quiet)
        return stale

    async def _deciding(
        self, moves: Sequence[Move], on_end: OnEnd | None, endings: dict[TaskId, Ending]
    ) -> Callable[[Task, EndWishes], Ending] | None:
        """The decision about the ends among these moves, which notes in `endings` what it has decided."""
        ending = [move.after.id for move in moves if move.after.state.final and not move.before.state.final]
        if on_end is None or not ending:
            return None
        shown = {task_id: await self._messages.for_task(task_id) for task_id in ending}
        return partial(_decided, on_end, shown, endings)

    def saved(self, move: Move, endings: Mapping[TaskId, Ending] = NO_ENDINGS, *, quiet: bool = False) -> None:
        """Takes a change into memory after it was stored."""
        task, ending = move.after, endings.get(move.after.id)
        if quiet:
            self._live.put(task)
        else:
            self._live.moved(task)
        if ending:
            told = None if ending.always is None else Notification(task.id, task.owner_id, ending.always, begun=False)
            self._live.put_notification(task.id, told)
        if (ending and ending.copy) or (move.before.state.settled and not quiet):
            self._live.forget_messages(task.id)

    async def _current(self, task_ids: Sequence[TaskId]) -> list[Task]:
        known = {task.id: task for task_id in task_ids if (task := self._live.task(task_id))}
        unknown = [task_id for task_id in task_ids if task_id not in known]
        read = [self._live.read(task) for task in await self._rows.get(unknown)] if unknown else []
        known |= {task.id: task for task in read}
        return [known[task_id] for task_id in task_ids if task_id in known]


def _decided(
    on_end: OnEnd,
    shown: Mapping[TaskId, Sequence[Message]],
    endings: dict[TaskId, Ending],
    task: Task,
    wishes: EndWishes,
) -> Ending:
    endings[task.id] = ending = on_end(task, wishes, shown.get(task.id, ()))
    return ending


class Submissions:
    """All submissions. Every method raises StorageError if the database cannot be used.

    Every change is compare-and-set: an outcome that may not follow the stored one is ignored and logged, together with
    the change of the task that belongs to it.
    """

    def __init__(self, rows: SubmissionTable, tasks: TaskChanges, live: LiveRecords) -> None:
        self._rows = rows
        self._tasks = tasks
        self._live = live
        self._open: dict[int, Submission] = {}
        self._open_of_task: dict[TaskId, int] = {}
        # Accepted prompts that may expand to several tasks, with the time of creation of their task.
        self._drawing: dict[int, tuple[Submission, Request, float]] = {}

    async def take_over(self, submissions: Sequence[Submission], since: float) -> None:
        """Takes open submissions into memory, and accepted prompts that may expand to several tasks (see `drawing`)."""
        for submission in submissions:
            if submission.interaction_id not in self._open:
                self._keep(submission)
        for submission, request in await self._rows.drawing(since):
            self._drawing[submission.interaction_id] = submission, request, submission.created_at

    async def open(self, opening: Opening, same: Same | None = None) -> tuple[Task, Submission] | None:
        """Journals a submission with its task and its message; None if it is a repetition. It survives a power failure.

        `same` decides which of the tasks that `opening.repeats` finds ask for the same.
        """
        if opening.repeats and same:
            repeats = await self._compared(opening, opening.repeats, same)
            if repeats is None:
                return None
            opening = opening._replace(repeats=repeats)
        opened = await self._rows.open(opening)
        if opened is None:
            return None
        task = self._live.put_opened(opening, opened)
        submission = stored_submission(opening.submission, opening.outcome, opening.now)
        self._keep(submission)
        return task, submission

    async def set_outcome(
        self, press: Submission, new: NewOutcome, change: TaskChange | None = None
    ) -> RecordedOutcome | None:
        """Records the outcome of a submission and the change of its task, both or neither.

        Returns None if the stored outcome may not be replaced; then nothing was written.
        """
        while True:
            task = await self._tasks.get(press.task_id) if change else None
            after = change(task) if task and change else None
            move = Move(task, after) if task and after else None
            result = await self._rows.set_outcome(dataclasses.replace(new, move=move))
            if result is not OutcomeResult.TASK_CHANGED:
                break
            self._live.drop(press.task_id)
        if result is OutcomeResult.OUTCOME_CHANGED:
            log.warning("submission of interaction %d: ignored the outcome %s", press.interaction_id, new.outcome)
            return None
        if move:
            self._tasks.saved(move)
        self._remember(press, new, task if move is None else move.after)
        return RecordedOutcome(None if move is None or move.after == move.before else move.after)

    async def expect_modal(self, task_id: TaskId, unless_reason: str) -> Submission | None:
        """Sets the accepted submission of a task to MODAL, unless it has this reason. Returns the changed submission,
        or None."""
        changed = await self._rows.expect_modal(task_id, unless_reason)
        if changed:
            self._keep(changed)
        return changed

    def unsettled(self) -> list[Submission]:
        """The submissions of this process with an open outcome, oldest first. From memory."""
        return sorted(self._open.values(), key=lambda press: press.created_at)

    def drawing(self, since: float) -> list[tuple[Submission, Request]]:
        """The accepted prompts that may expand to several tasks (they contain braces or `--r`) and whose own task is
        polled or was created after `since` (unix seconds). From memory."""
        self._drawing = {
            interaction_id: (press, request, created_at)
            for interaction_id, (press, request, created_at) in self._drawing.items()
            if created_at > since or self._live.is_polled(press.task_id)
        }
        return [(press, request) for press, request, _ in self._drawing.values()]

    async def get(self, interaction_id: int) -> Submission | None:
        """Returns the submission of an interaction, if it was journaled."""
        found = await self._rows.get(interaction_id)
        if found:
            self._keep(found)
        return found

    async def of_task(self, task_id: TaskId) -> Submission | None:
        """Returns the submission that created a task."""
        known = self._open.get(self._open_of_task.get(task_id, 0))
        return known or await self._rows.of_task(task_id)

    async def queued(self) -> list[Submission]:
        """Returns the submissions in the bot's own queue, in the order in which Discord sent the interactions."""
        return await self._rows.queued()

    async def used_buttons(self, task_id: TaskId) -> frozenset[str]:
        """Returns the customIds of a task's buttons whose submission was accepted or is queued."""
        return await self._rows.used_buttons(task_id)

    async def _compared(self, opening: Opening, repeats: Repeats, same: Same) -> Repeats | None:
        """The repetitions without the tasks that ask for something else; None if one asks for the same."""
        user_id, known = opening.submission.user_id, frozenset(repeats.different)
        earlier = await self._tasks.requested_by(user_id, repeats.ids, parent_id=repeats.parent_id)
        others = [(task_id, request) for task_id, request in earlier if task_id not in known]
        if any(same(request, opening.task.request) for _, request in others):
            return None
        return repeats._replace(different=(*known, *(task_id for task_id, _ in others)))

    def _remember(self, press: Submission, new: NewOutcome, task: Task | None) -> None:
        known = self._open.get(press.interaction_id, press)
        kept = dataclasses.replace(
            known,
            outcome=new.outcome,
            reason=new.reason or known.reason,
            error_code=new.error_code,
            error_params=new.error_params,
        )
        self._keep(kept)
        if new.drop_unshown:
            self._live.forget_messages(press.task_id)
        if new.callback_token and (record := self._live.record(press.task_id)):
            record.callback_hash = hash_of(new.callback_token)
        if kept.outcome is SubmissionOutcome.ACCEPTED and task and _may_expand(task.request):
            self._drawing[kept.interaction_id] = (kept, task.request, task.created_at)

    def _keep(self, press: Submission) -> None:
        if press.outcome in OPEN_OUTCOMES:
            self._open[press.interaction_id] = press
            self._open_of_task[press.task_id] = press.interaction_id
        else:
            self._open.pop(press.interaction_id, None)
            self._open_of_task.pop(press.task_id, None)


def _may_expand(request: Request) -> bool:
    return request.action is Action.IMAGINE and ("{" in request.prompt or "--r" in request.prompt)
