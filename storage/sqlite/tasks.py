"""Tasks: reading and finding them, their input images, and results that are deleted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from storage.operations import Duration, FurtherTask, Move, OwnedTask, PolledTaskRow, QueuedTaskRow, TaskQuery
from storage.records import TASK_STATES, NewTask, Request, Task, TaskId, TaskState
from storage.sqlite.database import Database
from storage.sqlite.image_index import SqliteImageIndex
from storage.sqlite.journal import JournaledTasks, insert_further, insert_inputs, save
from storage.sqlite.rows import OPEN, POLLED, TAKEN, request_of, sql_list, task_of
from storage.sqlite.statements import INSERT_TASK, Row, Session, inserted_task, marks
from storage.sqlite.task_search import TaskSearch
from storage.task_contents import InputImage
from storage.user_records import ThumbnailRole

# Tasks whose input files are kept for some days, so that users can retry them, or repeat them with a button.
_KEPT = (TaskState.SUCCESS, *(state for state, rules in TASK_STATES.items() if rules.retryable and rules.keeps_inputs))
_KEPT_SOME_DAYS = sql_list(_KEPT)


class SqliteTasks(JournaledTasks):
    """`TaskTable` in SQLite."""

    def __init__(self, database: Database, image_index: SqliteImageIndex) -> None:
        """`image_index` loses the results that are deleted."""
        super().__init__(database)
        self._image_index = image_index
        self._search = TaskSearch(database)

    async def add(self, new: NewTask, now: float) -> None:
        """Stores a task in its first state."""

        def store(session: Session) -> None:
            session.execute(INSERT_TASK, inserted_task(new, now))
            insert_inputs(session, new, now)

        await self._database.transaction(store)

    async def add_further(self, further: Sequence[FurtherTask], rewritten: Move | None) -> list[TaskId] | None:
        """Stores further tasks of one request, unless the first task has another version."""

        def store(session: Session) -> list[TaskId] | None:
            if rewritten and not save(session, rewritten, 0.0, None):
                return None
            return insert_further(session, further)

        return await self._database.transaction(store)

    async def get(self, task_ids: Sequence[TaskId]) -> list[Task]:
        """Returns the tasks with these ids."""
        return await self._tasks(f"SELECT * FROM tasks WHERE id IN ({marks(task_ids)})", task_ids)  # noqa: S608 - marks

    async def with_callback(self, task_id: TaskId) -> tuple[Task, bytes] | None:
        """Returns a task and the hash of its callback token."""
        row = await self._database.row("SELECT * FROM tasks WHERE id = ?", (task_id,))
        return (task_of(row), bytes(row["callback_hash"])) if row else None

    async def requested_by(self, user_id: int, ids: range, *, parent_id: TaskId | None) -> list[tuple[TaskId, Request]]:
        """Returns the user's requests from these interaction ids with this parent."""
        of_parent, parent = ("parent_id IS NULL", ()) if parent_id is None else ("parent_id = ?", (parent_id,))
        rows = await self._database.rows(
            # A CROSS JOIN reads the few interactions first, and not all tasks with this parent.
            "SELECT tasks.id, request FROM presses CROSS JOIN tasks"  # noqa: S608 - constants
            f" WHERE tasks.id = task_id AND interaction_id BETWEEN ? AND ? AND user_id = ? AND {of_parent}"
            " AND state <> 'refused' ORDER BY interaction_id LIMIT 100",
            (ids.start, ids.stop - 1, user_id, *parent),
        )
        return [(row["id"], request_of(json.loads(row["request"]))) for row in rows]

    async def delete_result(self, task_id: TaskId, messages: Sequence[int], now: float) -> None:
        """Marks a result as deleted. Messages show the same as before, so the version stays."""
        await self._image_index.ready()

        def delete(session: Session) -> None:
            session.execute("UPDATE tasks SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", (now, task_id))
            session.execute("DELETE FROM notifications WHERE task_id = ?", (task_id,))
            session.execute("DELETE FROM inputs WHERE task_id = ?", (task_id,))
            session.execute("DELETE FROM thumbnails WHERE task_id = ? AND role = ?", (task_id, ThumbnailRole.IMAGE))
            self._image_index.remove(session, task_id)
            session.execute(
                f"UPDATE messages SET gone = 1, removing = 1 WHERE id IN ({marks(messages)})",  # noqa: S608 - marks
                messages,
            )

        await self._database.transaction(delete)

    async def on_their_way(self) -> list[Task]:
        """Returns the tasks whose submission has an open outcome, oldest first."""
        return await self._tasks(
            f"SELECT tasks.* FROM presses JOIN tasks ON tasks.id = task_id WHERE outcome IN ({OPEN})"  # noqa: S608 - constants
            " ORDER BY presses.created_at"
        )

    async def queued(self) -> list[Task]:
        """Returns the tasks in the bot's own queue, in the order of their interactions."""
        return await self._tasks(
            "SELECT tasks.* FROM presses JOIN tasks ON tasks.id = task_id WHERE outcome = 'queued'"
            " ORDER BY interaction_id"
        )

    async def polled(self) -> list[Task]:
        """Returns all polled tasks, oldest first."""
        return await self._tasks(f"SELECT * FROM tasks WHERE {TAKEN} AND state IN ({POLLED}) ORDER BY created_at")  # noqa: S608 - constants

    async def owned(self) -> list[OwnedTask]:
        """Returns the polled tasks without what polling does not need: reading 5,000 complete tasks takes 0.2 s."""
        rows = await self._database.rows(
            "SELECT id, upstream_id, state, queue_ahead, created_at, progressed_at, request FROM tasks"  # noqa: S608 - constants
            f" WHERE {TAKEN} AND state IN ({POLLED}) ORDER BY created_at"
        )
        return [_owned(row) for row in rows]

    async def by_upstream(self, upstream_id: str) -> list[Task]:
        """Returns the tasks with this ID at the service, oldest first."""
        return await self._tasks("SELECT * FROM tasks WHERE upstream_id = ? ORDER BY created_at", (upstream_id,))

    async def children(self, task_id: TaskId, *, limit: int) -> list[Task]:
        """Returns the first tasks derived from a task's buttons, oldest first."""
        return await self._tasks(
            "SELECT * FROM tasks WHERE parent_id = ? AND state <> 'refused' ORDER BY created_at, id LIMIT ?",
            (task_id, limit),
        )

    async def search(self, wanted: TaskQuery, *, limit: int, offset: int = 0) -> list[Task]:
        """Returns accepted tasks, newest first."""
        ids = await self._search.ids(wanted, limit, offset)
        if not ids:
            return []
        return await self._tasks(
            f"SELECT * FROM tasks WHERE id IN ({marks(ids)}) ORDER BY created_at DESC, id DESC",  # noqa: S608 - marks
            ids,
        )

    async def count(self, wanted: TaskQuery, *, limit: int) -> int:
        """Returns the number of tasks that a search finds, at most `limit`."""
        return len(await self._search.ids(wanted, limit, 0))

    async def searches_all(self, wanted: TaskQuery) -> bool:
        """Whether a search for words covers all tasks."""
        return await self._search.searches_all(wanted)

    async def durations(self, limit: int) -> list[Duration]:
        """Returns the durations of the newest finished tasks."""
        rows = await self._database.rows(
            "SELECT request, finished_at - created_at AS seconds FROM tasks"  # noqa: S608 - constants
            f" WHERE {TAKEN} AND state = 'success' AND finished_at IS NOT NULL ORDER BY created_at DESC LIMIT ?",
            (limit,),
        )
        return [_duration(row) for row in rows]

    async def input_bytes(self, task_id: TaskId) -> int:
        """Returns the total size of a task's input images in bytes."""
        row = await self._database.row(
            "SELECT COALESCE(SUM(LENGTH(data)), 0) AS size FROM inputs WHERE task_id = ?", (task_id,)
        )
        return int(row["size"]) if row else 0

    async def inputs(self, task_id: TaskId) -> list[InputImage]:
        """Returns the input images of a task, in order."""
        rows = await self._database.rows(
            "SELECT media_type, inputs.data, url, thumbnails.data AS small FROM inputs LEFT JOIN thumbnails"
            " ON thumbnails.task_id = inputs.task_id AND thumbnails.position = inputs.position AND role = ?"
            " WHERE inputs.task_id = ? ORDER BY inputs.position",
            (ThumbnailRole.SOURCE, task_id),
        )
        return [InputImage(row["media_type"], row["data"], row["small"], row["url"]) for row in rows]

    async def remove_inputs(self, before: float, *, limit: int) -> int:
        """Deletes the input images of settled tasks without progress since then. Returns the number of tasks."""
        rows = await self._database.write_returning(
            "DELETE FROM inputs WHERE task_id IN (SELECT DISTINCT task_id FROM inputs WHERE EXISTS"  # noqa: S608 - constants
            f" (SELECT 1 FROM tasks WHERE id = task_id AND state IN ({_KEPT_SOME_DAYS}) AND progressed_at < ?) LIMIT ?)"
            " RETURNING task_id",
            (before, limit),
        )
        return len({row["task_id"] for row in rows})

    async def _tasks(self, sql: str, values: Iterable[object] = ()) -> list[Task]:
        return [task_of(row) for row in await self._database.rows(sql, values)]


def _duration(row: Row) -> Duration:
    request = request_of(json.loads(row["request"]))
    return Duration(request.action, request.label, request.option("mode"), row["seconds"])


def _owned(row: Row) -> OwnedTask:
    request = request_of(json.loads(row["request"]))
    waits = row["state"] == TaskState.PENDING
    return OwnedTask(
        PolledTaskRow(row["id"], row["upstream_id"], row["progressed_at"], request.option("mode"), request.engine),
        QueuedTaskRow(row["id"], row["upstream_id"], row["queue_ahead"]) if waits else None,
        row["created_at"],
    )
