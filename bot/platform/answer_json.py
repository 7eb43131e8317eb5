"""Reads an answer by what it holds, not by what it says to be (docs/platform-api.md#content-sniffing)."""

from __future__ import annotations

from enum import Enum
from typing import Any

from bot.engines.errors import AnswerLost, EngineError, RefusalKind, Unreadable
from bot.net.untrusted_data import MAX_VALUES, mapping, parse_json
from bot.platform.error_bodies import Problem, problem_of, vendor_message, without_request_ids
from bot.platform.error_mapping import error_of
from bot.platform.errors import EndpointMissing, NoResult
from bot.platform.event_stream import BOM
from bot.platform.transport import AnswerHead, PlatformAnswer
from bot.runtime.supervisor import in_thread_if_large

_MAX_WORDS = 300


class BodyForm(Enum):
    """The form of a body, by its first bytes."""

    EMPTY = "an empty body"
    JSON = "JSON"
    EVENTS = "an event stream"
    HTML = "a web page"
    TEXT = "text"


def form_of(body: bytes) -> BodyForm:
    """The form of a body, or of its beginning."""
    start = body[:1024].removeprefix(BOM).lstrip()
    if not start:
        return BodyForm.EMPTY
    if start[:1] in (b"{", b"["):
        return BodyForm.JSON
    if start.startswith((b"data:", b"event:", b"id:", b"retry:", b":")):
        return BodyForm.EVENTS
    return BodyForm.HTML if start[:1] == b"<" else BodyForm.TEXT


def parsed(body: bytes, most: int = MAX_VALUES) -> Any:
    """The JSON of a body with at most `most` values. Raises Unreadable."""
    try:
        return parse_json(body.removeprefix(BOM).decode("utf-8", "replace"), most=most)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"invalid JSON ({type(error).__name__})") from error


async def json_answer(answer: PlatformAnswer, most: int = MAX_VALUES) -> Any:
    """The JSON of a successful answer, with at most `most` values. Raises what the answer reports as an error, and the
    errors of `json_body`."""
    body = await json_body(answer, most)
    if error := reported_error(body, answer.head):
        raise error
    return body


async def json_body(answer: PlatformAnswer, most: int = MAX_VALUES) -> Any:
    """The JSON of an answer, whatever it reports. Raises EndpointMissing for a web page in place of a read, the error
    of the HTTP status or AnswerLost for anything else that is not JSON."""
    form = form_of(answer.body)
    if form is not BodyForm.JSON:
        raise without_json(answer.head, form, answer.body)
    try:
        return await in_thread_if_large(len(answer.body), lambda: parsed(answer.body, most))
    except Unreadable as error:
        if answer.head.status >= 300:
            raise without_json(answer.head, BodyForm.TEXT, answer.body) from error
        reason = "it holds invalid JSON" if answer.whole else "it was cut off"
        raise AnswerLost(f"HTTP {answer.head.status}: the answer cannot be read: {reason}") from error


def reported_error(body: Any, head: AnswerHead) -> EngineError | None:
    """The error that a JSON body reports, None for a success."""
    problem = problem_of(body, head.status, head.retry_after)
    return error_of(problem) if problem else None


def no_result(body: Any, head: AnswerHead, what: str) -> EngineError:
    """The error for JSON without a result: what a vendor says in a field of its own, or `what`."""
    message, request_ids = without_request_ids(vendor_message(mapping(body)))
    if message:
        return error_of(Problem(message, status=head.status, request_ids=request_ids))
    return NoResult(what)


def without_json(head: AnswerHead, form: BodyForm, body: bytes) -> EngineError:
    """The error for an answer that is neither JSON nor an event stream."""
    if head.status < 300:
        # The platform's web interface answers GET only; a page after a POST is from a proxy that may have forwarded it.
        if form is BodyForm.HTML and head.method == "GET":
            page = "a web page instead of the API: the base URL is wrong"
            return EndpointMissing(RefusalKind.NOT_OFFERED, page, http_status=head.status)
        return AnswerLost(f"HTTP {head.status} with {form.value} for an answer")
    if 300 <= head.status < 400:
        words = "the base URL redirects; set it to where"
    else:
        words = body[: 4 * _MAX_WORDS].decode("utf-8", "replace").strip()[:_MAX_WORDS] if form is BodyForm.TEXT else ""
    message, request_ids = without_request_ids(words)
    return error_of(
        Problem(
            message,
            status=head.status,
            retry_after=head.retry_after,
            request_ids=request_ids,
            structured=False,
        )
    )
