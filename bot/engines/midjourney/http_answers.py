"""The answer to an HTTP request, and what one without JSON means for a submit and for a read
(docs/image-api.md#http-status).

newapi's web interface answers a GET of a path that the API lacks with a web page and status 200. A POST never reaches
that interface, so a page then comes from a proxy that may have forwarded the request: the outcome is unknown.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from bot.engines.errors import NOT_ROUTED, AnswerLost, EngineError, RefusalKind, Unavailable, Unusable
from bot.engines.midjourney.envelopes import of_status, refused

_TURNED_AWAY = (401, 403)


class AnswerForm(Enum):
    """The type of an answer's body."""

    JSON = "JSON"
    EMPTY = "an empty body"
    HTML = "a web page"
    TEXT = "text"
    COMPLEX = "JSON that is too complex"


class HttpAnswer(NamedTuple):
    """A complete answer. `body` is the parsed JSON; `excerpt` is the beginning of a body that is not JSON."""

    status: int
    form: AnswerForm
    body: Any = None
    excerpt: str = ""
    retry_after: float | None = None


def of_submit(answer: HttpAnswer) -> EngineError:
    """Maps an answer to a submit."""
    if answer.status < 300:
        return AnswerLost(f"HTTP {answer.status} with {answer.form.value} for an answer")
    if answer.form is AnswerForm.HTML and answer.status in _TURNED_AWAY:
        return refused(RefusalKind.SERVICE_FAULT, "a web page turned the request away", http_status=answer.status)
    return of_status(answer.status, _words(answer), retry_after=answer.retry_after)


def of_cancel(answer: HttpAnswer) -> EngineError | None:
    """Maps an answer to a cancel; None means success. On trueai only an administrator's key may cancel
    (docs/image-api.md#cancel)."""
    if answer.status < 300 and answer.form is AnswerForm.EMPTY:
        return None
    if answer.status == 400 or (answer.status < 300 and answer.form is AnswerForm.HTML):
        return refused(RefusalKind.NOT_OFFERED, _words(answer), http_status=answer.status)
    return of_submit(answer)


def of_fetch(answer: HttpAnswer) -> EngineError:
    """Maps an answer to a fetch. Two dialects send an empty body for an unknown task.

    "Not found" counts only if the service itself sent it. A web page or text comes from a misconfigured proxy.
    """
    if answer.status in (200, 204) and answer.form is AnswerForm.EMPTY:
        return refused(RefusalKind.UNKNOWN_TASK, http_status=answer.status)
    return _unavailable(answer) if answer.status in NOT_ROUTED else of_read(answer, may_be_absent=False)


def of_read(answer: HttpAnswer, *, may_be_absent: bool) -> EngineError:
    """Maps an answer to any other read. `may_be_absent`: a web page with status 200 means that the path does not
    exist."""
    if answer.status < 300:
        if may_be_absent and answer.form is AnswerForm.HTML:
            return refused(RefusalKind.NOT_OFFERED, http_status=answer.status)
        return _unavailable(answer)
    if answer.form is AnswerForm.HTML and answer.status in _TURNED_AWAY:
        return _unavailable(answer)
    found = of_status(answer.status, _words(answer), retry_after=answer.retry_after)
    return _unavailable(answer) if isinstance(found, AnswerLost) else found


def _unavailable(answer: HttpAnswer) -> Unavailable:
    # A success status with a body that cannot be parsed.
    kind = Unusable if answer.status < 300 else Unavailable
    return kind(f"HTTP {answer.status} with {answer.form.value} for an answer")


def _words(answer: HttpAnswer) -> str:
    return answer.excerpt if answer.form is AnswerForm.TEXT else ""
