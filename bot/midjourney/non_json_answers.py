"""Answers that hold no JSON: what they mean to a submit and to a read (docs/image-api.md#http-status).

A page with 200 is what newapi's web interface answers to a GET of a path that the API lacks. A POST never reaches it,
so there a page is somebody's on the way, who may have passed the request on: a submit's answer is lost then.
"""

from __future__ import annotations

from bot.midjourney.error_mapping import of_status, refused
from bot.midjourney.errors import NOT_ROUTED, AnswerLost, MidjourneyError, RefusalKind, Unavailable, Unusable
from bot.midjourney.transport import AnswerForm, HttpAnswer

_TURNED_AWAY = (401, 403)


def of_submit(answer: HttpAnswer) -> MidjourneyError:
    """A submit was answered without JSON."""
    if answer.status < 300:
        return AnswerLost(f"HTTP {answer.status} with {answer.form.value} for an answer")
    if answer.form is AnswerForm.HTML and answer.status in _TURNED_AWAY:
        return refused(RefusalKind.SERVICE_FAULT, "a web page turned the request away", http_status=answer.status)
    return of_status(answer.status, _words(answer), retry_after=answer.retry_after)


def of_cancel(answer: HttpAnswer) -> MidjourneyError | None:
    """A cancel was answered without JSON; None means yes. Only an administrator's key may cancel on trueai
    (docs/image-api.md#cancel)."""
    if answer.status < 300 and answer.form is AnswerForm.EMPTY:
        return None
    if answer.status == 400 or (answer.status < 300 and answer.form is AnswerForm.HTML):
        return refused(RefusalKind.NOT_OFFERED, _words(answer), http_status=answer.status)
    return of_submit(answer)


def of_fetch(answer: HttpAnswer) -> MidjourneyError:
    """A fetch was answered without JSON. Nothing at all is how two dialects say that they do not know the task.

    "Not found" is believed only from the service itself: a page or text is some front door's that has lost its way.
    """
    if answer.status in (200, 204) and answer.form is AnswerForm.EMPTY:
        return refused(RefusalKind.UNKNOWN_TASK, http_status=answer.status)
    return _unavailable(answer) if answer.status in NOT_ROUTED else of_read(answer, may_be_absent=False)


def of_read(answer: HttpAnswer, *, may_be_absent: bool) -> MidjourneyError:
    """Another read was answered without JSON. `may_be_absent`: does a page with 200 say that the path is not there?"""
    if answer.status < 300:
        if may_be_absent and answer.form is AnswerForm.HTML:
            return refused(RefusalKind.NOT_OFFERED, http_status=answer.status)
        return _unavailable(answer)
    if answer.form is AnswerForm.HTML and answer.status in _TURNED_AWAY:
        return _unavailable(answer)
    found = of_status(answer.status, _words(answer), retry_after=answer.retry_after)
    return _unavailable(answer) if isinstance(found, AnswerLost) else found


def _unavailable(answer: HttpAnswer) -> Unavailable:
    # An answer that says yes, and what to, in no way that can be read.
    kind = Unusable if answer.status < 300 else Unavailable
    return kind(f"HTTP {answer.status} with {answer.form.value} for an answer")


def _words(answer: HttpAnswer) -> str:
    return answer.excerpt if answer.form is AnswerForm.TEXT else ""
