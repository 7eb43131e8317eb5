"""Answers that contain tasks: one task, a list, a page (docs/image-api.md#task-object)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.engines.errors import AnswerLost, Unavailable, Unreadable
from bot.engines.midjourney.envelopes import (
    FilteredEnvelope,
    ListEnvelope,
    PageEnvelope,
    ProblemEnvelope,
    ResultEnvelope,
    TaskBody,
    of_filter,
    of_problem,
    of_result,
)
from bot.engines.midjourney.task_parsing import open_body, task_of, valid_task_id
from bot.engines.models import RemoteTask
from bot.net.untrusted_data import mapping


def parse_task(body: Any, *, http_status: int = 200) -> RemoteTask:
    """Parses one task: the answer to a fetch, or the body of a callback.

    Raises UnknownTask or another ServiceRefused if the body is a refusal, Unavailable if it reports a fault of the
    service, Unreadable if it is not a task.
    """
    match _opened(body, http_status):
        case TaskBody(fields):
            return read_task(fields)
        case ResultEnvelope() as result:
            raise _as_read(of_result(result, http_status, has_parent=True))
        case other:
            raise Unreadable(f"a {type(other).__name__.lower()} where a task was expected")


def parse_tasks(body: Any, *, http_status: int = 200) -> tuple[RemoteTask, ...]:
    """Parses a list of tasks in the given order. Entries that are not tasks are dropped. Raises the errors of
    parse_task."""
    if body is None:
        return ()  # Go encodes an empty list as null
    match _opened(body, http_status):
        case ListEnvelope(items):
            return tuple(_readable(items))
        case PageEnvelope(fields):
            return tuple(_readable(fields["content"]))
        case TaskBody(fields):
            return (read_task(fields),)
        case ResultEnvelope() as result:
            raise _as_read(of_result(result, http_status, has_parent=False))
    raise Unreadable("not a list of tasks")


def parse_page(body: Any, *, http_status: int = 200) -> tuple[RemoteTask, ...]:
    """Parses the tasks of a query page (docs/image-api.md#query). Raises the errors of parse_task."""
    match _opened(body, http_status):
        case PageEnvelope(fields):
            return tuple(_readable(fields["content"]))
        case ResultEnvelope() as result:
            raise _as_read(of_result(result, http_status, has_parent=False))
        case other:
            raise Unreadable(f"a {type(other).__name__.lower()} where a page was expected")


def read_task(body: Mapping[str, Any]) -> RemoteTask:
    """Parses a task object. Raises Unreadable if it has no valid ID."""
    task_id = valid_task_id(body.get("id"))
    if not task_id:
        raise Unreadable("a task without a valid id")
    return task_of(task_id, body)


def _opened(body: Any, http_status: int) -> ResultEnvelope | TaskBody | ListEnvelope | PageEnvelope:
    opened = open_body(body)
    match opened:
        case ProblemEnvelope():
            raise _as_read(of_problem(opened, http_status))
        case FilteredEnvelope():
            raise _as_read(of_filter(opened, http_status))
    return opened


def _as_read(error: Exception) -> Exception:
    """A lost answer to a read has no effect at the service, so AnswerLost becomes Unavailable."""
    return Unavailable(str(error)) if isinstance(error, AnswerLost) else error


def _readable(items: Any) -> Iterator[RemoteTask]:
    for item in items:
        fields = mapping(item)
        if task_id := valid_task_id(fields.get("id")):
            yield task_of(task_id, fields)
