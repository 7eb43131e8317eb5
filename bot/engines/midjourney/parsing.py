"""Parses the answer to a submit (docs/image-api.md#submit-answers).

Only this module distinguishes the two meanings of code 21, and the 21 that newapi replaces with 1.
"""

from __future__ import annotations

from typing import Any

from bot.engines.errors import AnswerLost, RefusalKind, Unreadable
from bot.engines.midjourney.coerce import identifier, valid_task_id
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
from bot.net.json_values import number, sequence, text, web_address

ACCEPTED, NOT_FOUND, MODAL_OR_EXISTS, QUEUED = 1, 3, 21, 22
# One submit starts at most five tasks: *Imagine all* (docs/image-api.md#text-buttons).
MAX_TASKS = 20
# Only some gateways send 0 (docs/image-api.md#result-codes).
TAKEN = (0, ACCEPTED, MODAL_OR_EXISTS, QUEUED)


def parse_submit(
    body: Any, *, http_status: int, endpoint: SubmitEndpoint, named_task: str | None = None
) -> SubmitAnswer:
    """Parses the answer to a submit. `named_task` is the ID of the task that the request names, if any: the answer to a
    modal repeats it.

    Raises ServiceRefused if the submit was certainly not accepted, AnswerLost if the answer is ambiguous.
    """
    match opened(body, http_status, endpoint):
        case TaskBody() as task_body:
            return _of_task(task_body, endpoint)
        case ResultEnvelope() as result if result.code in TAKEN and http_status < 400:
            return _of_result(result, endpoint, named_task)
        case ResultEnvelope() as result:
            raise of_result(result, http_status, has_parent=named_task is not None)
        case other:
            raise AnswerLost(f"{endpoint}: HTTP {http_status} with {type(other).__name__.lower()} as the answer")


def parse_upload(body: Any, *, http_status: int) -> UploadAccepted:
    """Parses the answer to an upload, whose result is an array of URLs (docs/image-api.md#upload).

    Raises the errors of parse_submit.
    """
    answer = opened(body, http_status, SubmitEndpoint.UPLOAD)
    if isinstance(answer, ResultEnvelope) and answer.code not in TAKEN:
        raise of_result(answer, http_status, has_parent=False)
    found = (
        answer.items
        if isinstance(answer, ListEnvelope)
        else answer.result
        if isinstance(answer, ResultEnvelope)
        else None
    )
    entries = [found] if isinstance(found, str) else sequence(found)
    urls = tuple(url for url in map(web_address, entries) if url)
    if not urls or len(urls) < len(entries):
        raise AnswerLost("the upload was accepted without a URL for each image")
    return UploadAccepted(urls)


def parse_cancel(body: Any, *, http_status: int) -> None:
    """Parses the answer to a cancel. No error means success (docs/image-api.md#cancel). Raises the errors of
    parse_submit."""
    answer = opened(body, http_status, "cancel")
    if isinstance(answer, ResultEnvelope) and answer.code not in TAKEN:
        raise of_result(answer, http_status, has_parent=True)


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


def opened(body: Any, http_status: int, endpoint: str) -> Envelope:
    try:
        envelope = open_body(body)
    except Unreadable as error:
        raise AnswerLost(f"{endpoint}: HTTP {http_status}, {error}") from error
    match envelope:
        case ProblemEnvelope():
            raise of_problem(envelope, http_status)
        case FilteredEnvelope():
            raise of_filter(envelope, http_status)
    return envelope


def _of_task(body: TaskBody, endpoint: SubmitEndpoint) -> SubmitAnswer:
    try:
        task = read_task(body.fields)
    except Unreadable as error:
        raise AnswerLost(f"{endpoint}: {error}") from error
    if task.status is RemoteStatus.WAITING_USER:
        return ModalRequired(task.id, task.final_prompt or None)
    return SubmitAccepted(task.id, task_ids=(task.id,))


def _of_result(result: ResultEnvelope, endpoint: SubmitEndpoint, named_task: str | None) -> SubmitAnswer:
    given = text(result.result).split(",", MAX_TASKS)[:MAX_TASKS]
    task_ids = tuple(filter(None, map(valid_task_id, given)))
    if not task_ids and endpoint is SubmitEndpoint.MODAL and named_task:
        task_ids = (named_task,)
    if not task_ids:
        raise AnswerLost(f"{endpoint}: code {result.code} without a valid task id")
    if _is_modal(result, endpoint):
        return ModalRequired(task_ids[0], text(result.properties.get("finalPrompt")).strip() or None)
    if result.code == MODAL_OR_EXISTS and endpoint is not SubmitEndpoint.MODAL:
        status = result.properties.get("status")
        image_url = web_address(result.properties.get("imageUrl"))
        return AlreadyExists(task_ids[0], image_url, None if status is None else status_of(status))
    # newapi replaces 22 with 1 and leaves the rest of the body unchanged, so the queue position is valid for any code
    # (docs/image-api.md#submit-answers).
    ahead = number(result.properties.get("numberOfQueues"))
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
