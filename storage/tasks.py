"""Tasks: applies changes to them, in memory or in the database."""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from storage.live_records import LiveRecords
from storage.messages import Messages
from storage.new_records import InputImage, NewTask, hash_of
from storage.operations import Ending, EndWishes, FurtherTask, Move, TaskQuery
from storage.ports import TaskTable
from storage.records import (
    Duration,
    Message,
    PolledTaskRow,
    QueuedTaskRow,
    Request,
    StoredButton,
    Task,
    TaskId,
    TaskResult,
    TaskUpdate,
)
from storage.states import TaskState
from storage.user_records import Notification

# A popular task may have thousands of derived tasks. One panel reads at most this many.
MAX_CHILDREN = 100

# Decides what is stored with the end of a task, whose reachable messages are given. It must do no I/O.
OnEnd = Callable[[Task, EndWishes, Sequence[Message]], Ending]
NO_ENDINGS: Mapping[TaskId, Ending] = MappingProxyType({})

# Returns the changed task, or None if it does not change.
TaskChange = Callable[[Task], Task | None]


class TaskChanges:
    """Changes of tasks, and what they need to know. Every method raises StorageError if the database cannot be used.

    A change that is not stored (see `Task.apply`) happens in memory at once. Any other is compare-and-set: if another
    process has changed the task, the task is read again and the change is applied to what is there.
    """

    def __init__(self, rows: TaskTable, messages: Messages, live: LiveRecords) -> None:
        self._rows = rows
        self._messages = messages
        self._live = live

    async def get(self, task_id: TaskId) -> Task | None:
        """Returns the task with this id."""
        return next(iter(await self._current([task_id])), None)

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


class Tasks(TaskChanges):
    """All tasks. Every method raises StorageError if the database cannot be used."""

    async def add(self, new: NewTask, now: float) -> Task:
        """Stores a task that no submission has made, with its input images."""
        await self._rows.add(new, now)
        return await self._existing(new.id)

    async def add_further(
        self, first: Task, further: Sequence[FurtherTask], request: Request | None = None
    ) -> list[Task]:
        """Stores further tasks that the service made of the request of `first`, and `request`, what is left of it for
        `first`. Returns the changed and the new tasks, `first` last. Tasks that are known already are left out."""
        stored, changed = await self._store_further(first, further, request)
        added = [self._live.read(task) for task in await self._rows.get(stored)] if stored else []
        for task in added:
            if record := self._live.record(task.id):
                record.untouched = True
        return [*sorted(added, key=lambda task: stored.index(task.id)), *([changed] if changed else [])]

    async def _store_further(
        self, first: Task, further: Sequence[FurtherTask], request: Request | None
    ) -> tuple[list[TaskId], Task | None]:
        while True:
            task = await self._existing(first.id)
            changed = None if request is None else rewritten(task, request)
            stored = await self._rows.add_further(further, Move(task, changed) if changed else None)
            if stored is not None:
                break
            self._live.drop(first.id)
        if changed:
            self._live.moved(changed)
            self._live.forget_messages(first.id)
        return stored, changed

    async def get_all(self, task_ids: Sequence[TaskId]) -> list[Task]:
        """Returns the tasks with these ids, in the same order, without unknown ones.

        They do not enter the memory of this process: a search reads many that are not needed again.
        """
        known = {task.id: task for task in self._newest(await self._rows.get(task_ids))}
        return [known[task_id] for task_id in task_ids if task_id in known]

    async def watch_again(self, task_id: TaskId, now: float) -> Task | None:
        """Moves a STALLED task back to RUNNING, so that it is polled again. Returns None if it is not stalled or has no
        ID at the service."""

        def change(task: Task) -> Task | None:
            if task.state is not TaskState.STALLED or task.upstream_id is None:
                return None
            running = dataclasses.replace(task, state=TaskState.RUNNING, progressed_at=now)
            return _stored(dataclasses.replace(running, error_code=None, error_params={}))

        return next(iter(await self._change([task_id], change, now)), None)

    async def keep_seed(self, task_id: TaskId, seed: str) -> None:
        """Stores a seed that was requested after the end of a task. No message shows it, so the version stays."""

        def change(task: Task) -> Task | None:
            return dataclasses.replace(task, result=dataclasses.replace(task.result, seed=seed))

        await self._change([task_id], change, 0.0, quiet=True)

    async def keep_alts(self, task_id: TaskId, alts: Sequence[str]) -> None:
        """Stores the alt texts of a finished task's images. The version stays."""

        def change(task: Task) -> Task | None:
            return dataclasses.replace(task, result=dataclasses.replace(task.result, alts=tuple(alts)))

        await self._change([task_id], change, 0.0, quiet=True)

    async def keep_pictures(self, task_id: TaskId, found: TaskResult, buttons: Sequence[StoredButton]) -> Task | None:
        """Replaces the result of a finished task with the service's current one, and adds its buttons if the task has
        none. Returns the changed task, or None if nothing changed."""

        def change(task: Task) -> Task | None:
            if task.state is not TaskState.SUCCESS:
                return None
            known = task.result
            prompt, seed = found.final_prompt or known.final_prompt, found.seed or known.seed
            result = dataclasses.replace(found, final_prompt=prompt, seed=seed, alts=known.alts)
            told = dataclasses.replace(task, result=result, buttons=task.buttons or tuple(buttons))
            return None if told == task else _stored(told)

        return next(iter(await self._change([task_id], change, 0.0)), None)

    async def delete_result(self, task: Task, messages: Sequence[Message], now: float) -> None:
        """Marks a result as deleted, forgets its notification, and marks these messages for removal from Discord. From
        now on they count as unreachable."""
        await self._rows.delete_result(task.id, [message.id for message in messages], now)
        self._live.drop(task.id)

    async def by_callback(self, task_id: TaskId, token: str) -> Task | None:
        """Returns the task whose callback URL contains this token. The comparison takes constant time."""
        record = self._live.record(task_id)
        task, known = (record.task, record.callback_hash) if record else (None, None)
        if known is None:
            found = await self._rows.with_callback(task_id)
            task, known = (self._live.read(found[0]), found[1]) if found else (None, b"\0" * 32)
            if found and (record := self._live.record(task_id)):
                record.callback_hash = known
        return task if hmac.compare_digest(known, hash_of(token)) else None

    async def on_their_way(self) -> list[Task]:
        """Returns the tasks whose submission has an open outcome, oldest first."""
        return self._newest(await self._rows.on_their_way())

    async def queued(self) -> list[Task]:
        """Returns the tasks in the bot's own queue, in the order in which Discord sent their interactions."""
        return self._newest(await self._rows.queued())

    async def polled(self) -> list[Task]:
        """Returns all polled tasks, oldest first."""
        return self._newest(await self._rows.polled())

    async def by_upstream(self, upstream_id: str) -> list[Task]:
        """Returns the tasks with this ID at the service, oldest first."""
        return self._newest(await self._rows.by_upstream(upstream_id))

    async def children(self, task_id: TaskId, *, limit: int = MAX_CHILDREN) -> list[Task]:
        """Returns the first tasks derived from a task's buttons, oldest first, without refused ones."""
        return self._newest(await self._rows.children(task_id, limit=limit))

    async def search(self, wanted: TaskQuery, *, limit: int, offset: int = 0) -> list[Task]:
        """Returns accepted tasks, newest first. Words match any part of a prompt, case-insensitively, and only in the
        newest `SEARCHED` tasks."""
        return self._newest(await self._rows.search(wanted, limit=limit, offset=offset))

    async def count(self, wanted: TaskQuery, *, limit: int) -> int:
        """Returns the number of tasks that a search finds, at most `limit`."""
        return await self._rows.count(wanted, limit=limit)

    async def searches_all(self, wanted: TaskQuery) -> bool:
        """Whether a search for words covers all tasks of the owner (or of all users)."""
        return await self._rows.searches_all(wanted)

    async def durations(self, limit: int) -> list[Duration]:
        """Returns the durations of at most `limit` finished tasks, newest first."""
        return await self._rows.durations(limit)

    async def input_bytes(self, task_id: TaskId) -> int:
        """Returns the total size of a task's input images in bytes."""
        return await self._rows.input_bytes(task_id) if await self._has_inputs(task_id) else 0

    async def inputs(self, task_id: TaskId) -> list[InputImage]:
        """Returns the input images of a task, in order; none after they were removed (see `Task.input_count`)."""
        return await self._rows.inputs(task_id) if await self._has_inputs(task_id) else []

    async def remove_inputs(self, before: float, *, limit: int) -> int:
        """Deletes the input images of at most `limit` tasks that are settled and made no progress since `before`
        (unix seconds). Returns the number of tasks."""
        return await self._rows.remove_inputs(before, limit=limit)

    async def _has_inputs(self, task_id: TaskId) -> bool:
        task = await self.get(task_id)
        return task is not None and task.input_count > 0

    async def _existing(self, task_id: TaskId) -> Task:
        task = await self.get(task_id)
        if task is None:
            raise LookupError(task_id)
        return task

    def _newest(self, tasks: Sequence[Task]) -> list[Task]:
        return [self._live.newest(task) for task in tasks]


def rewritten(task: Task, request: Request) -> Task:
    """The task with another request."""
    return _stored(dataclasses.replace(task, request=request))


def queued_again(task: Task, error_code: str, now: float) -> Task | None:
    """The task back in the bot's queue, with an error, after the service certainly did not accept it. None if it is
    there already, or was accepted or has ended meanwhile."""
    if task.state not in (TaskState.QUEUED, TaskState.SUBMITTING):
        return None
    queued = dataclasses.replace(task, state=TaskState.QUEUED, queue_ahead=0, error_code=error_code)
    return None if queued == task else _stored(dataclasses.replace(queued, progressed_at=now))


def _stored(task: Task) -> Task:
    return dataclasses.replace(task, version=task.version + 1, step=0)
