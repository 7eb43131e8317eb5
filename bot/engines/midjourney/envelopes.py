"""The envelopes of answers, and the errors that unsuccessful ones mean (docs/image-api.md#error-envelopes).

The main question about a submit is whether it was certainly not accepted (ServiceRefused) or whether its outcome is
unknown (AnswerLost). An HTTP status or a code that the service or the gateway returns *instead of* an attempt means
refused. A failure on the way to the service that generates the image, or back, means lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bot.engines.errors import AnswerLost, AuthFailed, NotOffered, RateLimited, RefusalKind, ServiceRefused, UnknownTask
from bot.net.untrusted_data import text

# newapi's messages for a failure after it had sent the request (docs/image-api.md#lost-answers). A second gateway
# behind it can send them with any status.
_AFTER_SENDING = re.compile(
    r"do_request_failed|do request failed|empty_response_body|unmarshal_response_body_failed|read_response_body"
    r"|insert_midjourney_task_failed|readobjectstart|bad_response_status_code|bad_response_body|timed? ?out|超时",
    re.IGNORECASE,
)
# Result codes that certainly mean a refusal (docs/image-api.md#result-codes). Code 5 and unknown codes are ambiguous.
_REFUSING = {
    -1: RefusalKind.LIMIT_REACHED,
    3: RefusalKind.NO_ACCOUNT,
    4: RefusalKind.INVALID,
    9: RefusalKind.SERVICE_FAULT,
    23: RefusalKind.QUEUE_FULL,
    24: RefusalKind.BANNED_PROMPT,
    30: RefusalKind.SATURATED,
}
# The meaning of these codes is clear; the description refines the others.
_PLAIN = (23, 24, 30)
# Patterns for descriptions, in order of priority. No service guarantees these texts, so they only refine the kind.
_WORDS = (
    (RefusalKind.UNSUPPORTED_BUTTON, r"unknown[_ ]action|未知的 ?action|不支持.{0,6}action|unsupported action"),
    # Features of trueai that its operator has not enabled, or not for guests.
    (RefusalKind.NOT_OFFERED, r"服务不支持|功能未启用|暂不对访客开放"),
    (
        RefusalKind.UNKNOWN_TASK,
        r"task_not_found|task_no_found|task (?:does )?not (?:exist|found)|no such task|任务不存在|找不到.{0,4}任务",
    ),
    (RefusalKind.WRONG_STATE, r"task_status_not_success|任务状态|task status|not success"),
    (RefusalKind.NO_CREDIT, r"quota|insufficient.{0,12}(?:balance|credit|fund)|余额|额度"),
    (RefusalKind.BANNED_PROMPT, r"banned|sensitive|敏感|违规|violat"),
    (RefusalKind.QUEUE_FULL, r"queue.{0,12}full|full.{0,6}queue|队列已满|队列.{0,4}满|排队.{0,6}满"),
    (RefusalKind.NO_ACCOUNT, r"no available (?:account|instance)|账号|账户|实例|渠道|get_channel_info_failed"),
    (RefusalKind.INVALID, r"大小超过|too large|size.{0,12}exceed"),
    (RefusalKind.LIMIT_REACHED, r"limit|上限|并发|超过|too many"),
    (RefusalKind.SATURATED, r"saturat|overload|饱和|busy"),
)
_COMPILED = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _WORDS)
_MISSING_CAPABILITY = ("model_not_found", "no_available_channel", "get_channel_failed")

_CLASSES = {
    RefusalKind.AUTH: AuthFailed,
    RefusalKind.SATURATED: RateLimited,
    RefusalKind.QUEUE_FULL: RateLimited,
    RefusalKind.NOT_OFFERED: NotOffered,
    RefusalKind.UNSUPPORTED_BUTTON: NotOffered,
    RefusalKind.UNKNOWN_TASK: UnknownTask,
}


class ProblemEnvelope(NamedTuple):
    """Envelope D: a refusal by the gateway in front of the service (OpenAI format). `word` is its code
    (`model_not_found`)."""

    message: str
    word: str


class FilteredEnvelope(NamedTuple):
    """Envelope C: a refusal by a filter of trueai, or the filter's own error."""

    message: str


class ListEnvelope(NamedTuple):
    """An array."""

    items: Sequence[Any]


class TaskBody(NamedTuple):
    """A task object."""

    fields: Mapping[str, Any]


class ResultEnvelope(NamedTuple):
    """Envelopes A and B: a result code. `result` is unchanged; `code` is None if it is not a number."""

    code: int | None
    description: str
    result: Any
    properties: Mapping[str, Any]


class PageEnvelope(NamedTuple):
    """The answer to POST /mj/task/query: one page of tasks (docs/image-api.md#query)."""

    fields: Mapping[str, Any]


Envelope = ProblemEnvelope | FilteredEnvelope | ListEnvelope | TaskBody | ResultEnvelope | PageEnvelope


def refused(
    kind: RefusalKind,
    description: str = "",
    *,
    code: int | None = None,
    http_status: int = 0,
    banned_word: str | None = None,
    retry_after: float | None = None,
) -> ServiceRefused:
    """Builds the exception class that belongs to the kind."""
    return _CLASSES.get(kind, ServiceRefused)(
        kind, description, code=code, http_status=http_status, banned_word=banned_word, retry_after=retry_after
    )


def by_words(description: str) -> RefusalKind | None:
    """Returns the kind that a description matches, or None."""
    return next((kind for kind, words in _COMPILED if words.search(description)), None)


def of_result(result: ResultEnvelope, http_status: int, *, has_parent: bool) -> ServiceRefused | AnswerLost:
    """Maps envelopes A and B without acceptance. `has_parent`: the request named a task, which decides the meaning of a
    plain code 3."""
    code, words = result.code, result.description
    lost = AnswerLost(f"code {code}, HTTP {http_status}: {words[:200] or 'no description'}")
    if code not in _PLAIN and _AFTER_SENDING.search(words):
        return lost
    if http_status in (401, 402, 403, 429):
        return of_status(http_status, words, code=code)
    if code is None or code not in _REFUSING:
        # Any 4xx is a refusal, except with newapi's code 5: newapi's own problem with the service behind it.
        return lost if code == 5 else of_status(http_status, words, code=code)
    return refused(
        _kind_of_code(code, words, http_status, has_parent=has_parent),
        words,
        code=code,
        http_status=http_status,
        banned_word=text(result.properties.get("bannedWord")).strip() or None,
    )


def _kind_of_code(code: int, words: str, http_status: int, *, has_parent: bool) -> RefusalKind:
    if code in _PLAIN:
        return _REFUSING[code]
    spoken = by_words(words)
    if code == 3 and spoken is None and (has_parent or http_status == 404):
        return RefusalKind.UNKNOWN_TASK
    return spoken or _REFUSING[code]


def of_problem(problem: ProblemEnvelope, http_status: int) -> ServiceRefused | AnswerLost:
    """Maps envelope D."""
    words = f"{problem.word} {problem.message}"
    if problem.word in _MISSING_CAPABILITY or "no available channel" in words.lower():
        return refused(RefusalKind.NOT_OFFERED, problem.message, http_status=http_status)
    if _AFTER_SENDING.search(words):
        return AnswerLost(f"HTTP {http_status}: {problem.message[:200]}")
    spoken = by_words(words)
    if spoken in (RefusalKind.NO_CREDIT, RefusalKind.UNKNOWN_TASK):
        return refused(spoken, problem.message, http_status=http_status)
    if http_status == 503 or (spoken and 200 <= http_status < 300):
        return refused(spoken or RefusalKind.SATURATED, problem.message, http_status=http_status)
    return of_status(http_status, problem.message)


def of_filter(filtered: FilteredEnvelope, http_status: int) -> ServiceRefused | AnswerLost:
    """Maps envelope C. With a 5xx it is an unhandled exception of trueai, which may have occurred after the
    generation."""
    if http_status >= 500:
        return AnswerLost(f"HTTP {http_status}: {filtered.message[:200]}")
    if http_status in (401, 403):
        return of_status(http_status, filtered.message)
    kind = by_words(filtered.message) or RefusalKind.LIMIT_REACHED
    return refused(kind, filtered.message, code=-1, http_status=http_status)


def of_status(
    http_status: int, description: str = "", *, code: int | None = None, retry_after: float | None = None
) -> ServiceRefused | AnswerLost:
    """Maps an HTTP status. `description` is the text of the answer, "" for a web page or an empty body."""
    match http_status:
        case 401 | 403:
            kind = RefusalKind.AUTH
        case 402:
            kind = RefusalKind.NO_CREDIT
        case 404 | 405 | 501:
            kind = RefusalKind.NOT_OFFERED
        case 429:
            kind = RefusalKind.NO_CREDIT if by_words(description) is RefusalKind.NO_CREDIT else RefusalKind.SATURATED
        case 301 | 302 | 307 | 308:
            kind, description = RefusalKind.SERVICE_FAULT, "the API URL redirects; set it to where"
        case _ if 400 <= http_status < 500 and http_status != 408:
            kind = by_words(description) or RefusalKind.INVALID
        case _:
            # Includes 408: gateways send it for their own timeouts.
            return AnswerLost(f"HTTP {http_status}{f': {description[:200]}' if description else ''}")
    return refused(kind, description, code=code, http_status=http_status, retry_after=retry_after)
