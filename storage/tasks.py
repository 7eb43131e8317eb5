"""Tasks: those that no submission has made, changes after their end, and finding them."""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Sequence

from storage.changes import TaskChanges
from storage.operations import Duration, FurtherTask, Move, TaskQuery
from storage.records import Message, NewTask, Request, Task, TaskId, TaskState, hash_of
from storage.task_contents import InputImage, StoredButton, TaskResult

# A popular task may have thousands of derived tasks. One panel reads at most this many.
MAX_CHILDREN = 100


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
