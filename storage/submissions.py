"""Submissions: the journal of all requests to the image service, and the open ones in the owner's memory."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Sequence

from storage.live_records import LiveRecords, stored_submission
from storage.new_records import hash_of
from storage.operations import Move, NewOutcome, Opening, OutcomeResult, RecordedOutcome, Repeats
from storage.ports import SubmissionTable
from storage.records import Action, Request, Submission, Task, TaskId
from storage.states import OPEN_OUTCOMES, SubmissionOutcome
from storage.tasks import TaskChange, TaskChanges

log = logging.getLogger(__name__)

# Compares two requests.
Same = Callable[[Request, Request], bool]


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
