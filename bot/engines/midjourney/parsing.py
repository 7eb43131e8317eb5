"""Parses the answer to a submit (docs/image-api.md#submit-answers).

Only this module distinguishes the two meanings of code 21, and the 21 that newapi replaces with 1.
"""

from __future__ import annotations

from typing import Any

from bot.engines.errors import AnswerLost, RefusalKind, Unreadable
from bot.engines.midjourney import coerce
from bot.engines.midjourney.envelopes import (
    Envelope,
    FilteredEnvelope,
    ListEnvelope,
    ProblemEnvelope,
    ResultEnvelope,
    TaskBody,
    open_body,
)
from bot.engines.midjourney.error_mapping import by_words, of_filter, of_problem, of_result, refused
from bot.engines.midjourney.requests import SubmitEndpoint
from bot.engines.midjourney.task_parsing import read_task, status_of
from bot.engines.models import AlreadyExists, ModalRequired, RemoteStatus, SubmitAccepted, SubmitAnswer, UploadAccepted

ACCEPTED, NOT_FOUND, MODAL_OR_EXISTS, QUEUED = 1, 3, 21, 22
# One submit starts at most five tasks: *Imagine all* (docs/image-api.md#text-buttons).
MAX_TASKS = 20
# Only some gateways send 0 (docs/image-api.md#result-codes).
_TAKEN = (0, ACCEPTED, MODAL_OR_EXISTS, QUEUED)


def parse_submit(
    body: Any, *, http_status: int, endpoint: SubmitEndpoint, named_task: str | None = None
) -> SubmitAnswer:
    """Parses the answer to a submit. `named_task` is the ID of the task that the request names, if any: the answer to a
    modal repeats it.

    Raises ServiceRefused if the submit was certainly not accepted, AnswerLost if the answer is ambiguous.
    """
    match _opened(body, http_status, endpoint):
        case TaskBody() as task_body:
            return _of_task(task_body, endpoint)
        case ResultEnvelope() as result if _took(result, http_status):
            return _of_result(result, endpoint, named_task)
        case ResultEnvelope() as result:
            raise of_result(result, http_status, has_parent=named_task is not None)
        case other:
            raise AnswerLost(f"{endpoint}: HTTP {http_status} with {type(other).__name__.lower()} as the answer")


def parse_upload(body: Any, *, http_status: int) -> UploadAccepted:
    """Parses the answer to an upload, whose result is an array of URLs (docs/image-api.md#upload).

    Raises the errors of parse_submit.
    """
    opened = _opened(body, http_status, SubmitEndpoint.UPLOAD)
    if isinstance(opened, ResultEnvelope) and opened.code not in _TAKEN:
        raise of_result(opened, http_status, has_parent=False)
    found = (
        opened.items
        if isinstance(opened, ListEnvelope)
        else opened.result
        if isinstance(opened, ResultEnvelope)
        else None
    )
    entries = [found] if isinstance(found, str) else coerce.sequence(found)
    urls = tuple(url for url in map(coerce.web_address, entries) if url)
    if not urls or len(urls) < len(entries):
        raise AnswerLost("the upload was accepted without a URL for each image")
    return UploadAccepted(urls)


def parse_cancel(body: Any, *, http_status: int) -> None:
    """Parses the answer to a cancel. No error means success (docs/image-api.md#cancel). Raises the errors of
    parse_submit."""
    opened = _opened(body, http_status, "cancel")
    if isinstance(opened, ResultEnvelope) and opened.code not in _TAKEN:
        raise of_result(opened, http_status, has_parent=True)


def parse_seed(body: Any, *, http_status: int) -> str:
    """Parses the answer to image-seed (docs/image-api.md#image-seed).

    Raises ServiceRefused, AnswerLost for a failure on the way, Unreadable.
    """
    opened = _opened(body, http_status, "image-seed")
    if not isinstance(opened, ResultEnvelope):
        raise Unreadable("the answer contains no seed")
    if opened.code == NOT_FOUND and http_status == 200 and by_words(opened.description) is None:
        # The task is known, but the service could not get its seed: for an unknown task trueai sends 404
        # (docs/image-api.md#image-seed).
        raise refused(RefusalKind.SERVICE_FAULT, opened.description, code=opened.code, http_status=http_status)
    if opened.code not in _TAKEN:
        raise of_result(opened, http_status, has_parent=True)
    if seed := coerce.identifier(opened.result):
        return seed
    raise Unreadable("the answer contains no seed")


def _opened(body: Any, http_status: int, endpoint: str) -> Envelope:
    try:
        opened = open_body(body)
    except Unreadable as error:
        raise AnswerLost(f"{endpoint}: HTTP {http_status}, {error}") from error
    match opened:
        case ProblemEnvelope():
            raise of_problem(opened, http_status)
        case FilteredEnvelope():
            raise of_filter(opened, http_status)
    return opened


def _took(result: ResultEnvelope, http_status: int) -> bool:
    return result.code in _TAKEN and http_status < 400


def _of_task(body: TaskBody, endpoint: SubmitEndpoint) -> SubmitAnswer:
    try:
        task = read_task(body.fields)
    except Unreadable as error:
        raise AnswerLost(f"{endpoint}: {error}") from error
    if task.status is RemoteStatus.WAITING_USER:
        return ModalRequired(task.id, task.final_prompt or None)
    return SubmitAccepted(task.id, task_ids=(task.id,))


def _of_result(result: ResultEnvelope, endpoint: SubmitEndpoint, named_task: str | None) -> SubmitAnswer:
    given = coerce.text(result.result).split(",", MAX_TASKS)[:MAX_TASKS]
    task_ids = tuple(filter(None, map(coerce.task_id, given)))
    if not task_ids and endpoint is SubmitEndpoint.MODAL and named_task:
        task_ids = (named_task,)
    if not task_ids:
        raise AnswerLost(f"{endpoint}: code {result.code} without a valid task id")
    if _is_modal(result, endpoint):
        return ModalRequired(task_ids[0], coerce.text(result.properties.get("finalPrompt")).strip() or None)
    if result.code == MODAL_OR_EXISTS and endpoint is not SubmitEndpoint.MODAL:
        status = result.properties.get("status")
        image_url = coerce.web_address(result.properties.get("imageUrl"))
        return AlreadyExists(task_ids[0], image_url, None if status is None else status_of(status))
    # newapi replaces 22 with 1 and leaves the rest of the body unchanged, so the queue position is valid for any code
    # (docs/image-api.md#submit-answers).
    ahead = coerce.number(result.properties.get("numberOfQueues"))
    return SubmitAccepted(task_ids[0], ahead if ahead is not None and ahead >= 0 else None, task_ids)


def _is_modal(result: ResultEnvelope, endpoint: SubmitEndpoint) -> bool:
    """Whether the new task waits for its modal (docs/image-api.md#code-21 and #rewritten-codes)."""
    properties = result.properties
    if endpoint is SubmitEndpoint.MODAL or result.code == QUEUED:
        return False  # a modal was just confirmed, or the task is already in the queue
    if properties.get("remix") is True:
        return True
    if result.code == MODAL_OR_EXISTS:
        if properties.get("finalPrompt") is not None:
            return True
        if (status := properties.get("status")) is not None:
            return status_of(status) is RemoteStatus.WAITING_USER
        return endpoint is SubmitEndpoint.ACTION and not properties.get("imageUrl")
    words = result.description.lower()
    return "confirm" in words and "window" in words
