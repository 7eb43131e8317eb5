"""Rare reads: single tasks, lists of all tasks, queries and seeds. They are repeated like those of the poller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.engines.errors import NotSent, RefusalKind, Unreadable
from bot.engines.midjourney import http_answers
from bot.engines.midjourney.capabilities import encoded
from bot.engines.midjourney.envelopes import ResultEnvelope, by_words, of_result, refused
from bot.engines.midjourney.http_answers import AnswerForm, HttpAnswer
from bot.engines.midjourney.requests import QueryRequest
from bot.engines.midjourney.submitter import NOT_FOUND, TAKEN, opened
from bot.engines.midjourney.task_answers import parse_page, parse_task
from bot.engines.midjourney.task_parsing import identifier
from bot.engines.midjourney.transport import TaskLists
from bot.engines.models import TASK_ID, Feature, RemoteTask

# This many tasks stay well below the size limit of a list, unless their prompts are very long.
IDS_AT_ONCE = 500


class TaskReads(TaskLists):
    """All endpoints that change nothing."""

    async def fetch(self, task_id: str, *, tries: int | None = None) -> RemoteTask:
        """GET /mj/task/{id}/fetch: one task, with at most `tries` attempts (docs/image-api.md#fetch).

        Raises UnknownTask, Unavailable (Unusable), another ServiceRefused; NotSent for an invalid ID.
        """

        def read(answer: HttpAnswer) -> RemoteTask:
            if answer.form is not AnswerForm.JSON:
                raise http_answers.of_fetch(answer)
            if answer.body is None:
                raise refused(RefusalKind.UNKNOWN_TASK, http_status=answer.status)
            return self.reachable(parse_task(answer.body, http_status=answer.status))

        return await self._read("GET", f"/mj/task/{path_id(task_id)}/fetch", read, tries=tries)

    async def list_by_ids(self, task_ids: Sequence[str]) -> dict[str, RemoteTask]:
        """Returns the tasks with these IDs that the service knows, by ID. Raises Unavailable (Unusable),
        ServiceRefused."""
        wanted = list(dict.fromkeys(task_ids))
        found: dict[str, RemoteTask] = {}
        for start in range(0, len(wanted), IDS_AT_ONCE):
            found |= (await self.list_news(wanted[start : start + IDS_AT_ONCE], {})).tasks
        return {task_id: found[task_id] for task_id in wanted if task_id in found}

    async def list_all(self) -> tuple[RemoteTask, ...]:
        """GET /mj/task/list: the newest tasks, including those of other users (docs/image-api.md#lists). Never show
        them without a filter. Raises the errors of list_by_ids."""
        return tuple((await self._listed("GET", "/mj/task/list", Feature.TASK_LIST)).tasks.values())

    async def queue(self) -> tuple[RemoteTask, ...]:
        """GET /mj/task/queue: the waiting tasks, oldest first, including those of other users
        (docs/image-api.md#lists).

        Raises the errors of list_by_ids.
        """
        return tuple((await self._listed("GET", "/mj/task/queue", Feature.QUEUE)).tasks.values())

    async def query(self, state: str) -> tuple[RemoteTask, ...]:
        """POST /mj/task/query: the tasks of the submit with this `state` (docs/image-api.md#query).

        Raises the errors of list_by_ids.
        """

        def read(answer: HttpAnswer) -> tuple[RemoteTask, ...]:
            return tuple(map(self.reachable, parse_page(self._json(answer), http_status=answer.status)))

        body = await encoded(QueryRequest(state=state))
        return await self._read("POST", "/mj/task/query", read, Feature.QUERY, body=body)

    async def seed(self, task_id: str) -> str:
        """GET /mj/task/{id}/image-seed: may take over a minute (docs/image-api.md#image-seed).

        Raises UnknownTask, Unavailable, another ServiceRefused.
        """

        def read(answer: HttpAnswer) -> str:
            return parse_seed(self._json(answer), http_status=answer.status)

        path, seconds = f"/mj/task/{path_id(task_id)}/image-seed", self._limits.seed
        return await self._read("GET", path, read, Feature.SEED, seconds=seconds, in_all=seconds)


def path_id(task_id: str) -> str:
    """Returns a task ID that is safe in a path. Raises NotSent for an invalid one."""
    if not TASK_ID.fullmatch(task_id):
        raise NotSent("not a task id")
    return task_id


def parse_seed(body: Any, *, http_status: int) -> str:
    """Parses the answer to image-seed (docs/image-api.md#image-seed).

    Raises ServiceRefused, AnswerLost for a failure on the way, Unreadable.
    """
    answer = opened(body, http_status, "image-seed")
    if not isinstance(answer, ResultEnvelope):
        raise Unreadable("the answer contains no seed")
    if answer.code == NOT_FOUND and http_status == 200 and by_words(answer.description) is None:
        # The task is known, but the service could not get its seed: for an unknown task trueai sends 404
        # (docs/image-api.md#image-seed).
        raise refused(RefusalKind.SERVICE_FAULT, answer.description, code=answer.code, http_status=http_status)
    if answer.code not in TAKEN:
        raise of_result(answer, http_status, has_parent=True)
    if seed := identifier(answer.result):
        return seed
    raise Unreadable("the answer contains no seed")
