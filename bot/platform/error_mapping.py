"""Maps the errors of the platform and of what stands behind it to exceptions (docs/platform-api.md#meaning-of-errors).

The same HTTP status stands for many things, so the code decides, then the type, then the text, and the status last.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from bot.engines.errors import (
    NOT_ROUTED,
    AnswerLost,
    AuthFailed,
    EngineError,
    RateLimited,
    RefusalKind,
    ServiceRefused,
)
from bot.platform.error_bodies import Problem
from bot.platform.errors import CompletionsOnly, EndpointMissing, FieldRefused, ModelNotOffered

log = logging.getLogger(__name__)

_MAX_EXCERPT = 300


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error means. `kind` is None if the request may have been carried out."""

    error_class: type[ServiceRefused] = ServiceRefused
    kind: RefusalKind | None = None


NO_CREDIT = Meaning(kind=RefusalKind.NO_CREDIT)
KEY = Meaning(AuthFailed, RefusalKind.AUTH)
MODEL = Meaning(ModelNotOffered, RefusalKind.NOT_OFFERED)
COMPLETIONS = Meaning(CompletionsOnly, RefusalKind.NOT_OFFERED)
ENDPOINT = Meaning(EndpointMissing, RefusalKind.NOT_OFFERED)
CONTENT = Meaning(kind=RefusalKind.BANNED_PROMPT)
BUSY = Meaning(RateLimited, RefusalKind.SATURATED)
RATE = Meaning(RateLimited, RefusalKind.LIMIT_REACHED)
INVALID = Meaning(kind=RefusalKind.INVALID)
FAULT = Meaning(kind=RefusalKind.SERVICE_FAULT)
LOST = Meaning()

# Of `code`, and where that says nothing of `type`, both as a whole.
_NAMES = (
    (
        NO_CREDIT,
        (
            r"insufficient_(?:user_)?quota|pre_consume_token_quota_failed|quota_not_enough|billing_hard_limit_reached"
            r"|entitlement_\w*limit_exceeded"
        ),
    ),
    (
        CONTENT,
        (
            r"content_policy_violation|moderation_blocked|content_filter|prompt_blocked|sensitive_words_detected"
            r"|violation_fee\S*|channel:image_generation_failed"
        ),
    ),
    (MODEL, r"model_not_found"),
    (ENDPOINT, r"api_not_implemented"),
    (KEY, r"invalid_api_key"),
    (BUSY, r"rate_limit_(?:error|exceeded)|system_\w+_overloaded"),
    (
        LOST,
        (
            r"do_request_failed|bad_response\w*_body|unmarshal_response_body_failed|read_response_body_failed"
            r"|empty_response|count_audio_tokens_failed|get_text_from_body_err"
        ),
    ),
    (
        INVALID,
        (
            r"invalid_request|invalid_image_request|invalid_voice|convert_request_failed|size_not_supported"
            r"|prompt_too_long|n_not_within_range|count_token_failed|context_length_exceeded"
        ),
    ),
)
# Fixed texts of the gateways' source, in both languages, and those of the models behind them.
_TEXTS = (
    (
        NO_CREDIT,
        (
            r"额度不足|额度已用尽|余额不足|pre-?consumed? (?:token )?quota|credit limit"
            r"|insufficient.{0,12}(?:quota|balance|credit|fund)|exceeded your current quota"
        ),
    ),
    (COMPLETIONS, r"not a chat model|use v1/completions"),
    (MODEL, r"无权访问模型|无可用渠道|no available channel|model\b.{0,100}\bdoes not exist"),
    (KEY, r"令牌分组|IP ?不在|用户已被封禁|无效的令牌|未提供令牌|令牌已过期|令牌状态不可用|access token 无效"),
    (KEY, r"(?:incorrect|invalid) (?:api ?)?(?:key|token)"),
    (
        CONTENT,
        r"safety system|IMAGE_SAFETY|sensitive words|content[_ ]polic|moderation system|banned prompt|content filter",
    ),
    (RATE, r"请求数限制"),
    (ENDPOINT, r"^Invalid URL|not implemented"),
)
_BUSY_TEXT = re.compile(r"负载已饱和|saturated|overloaded|\bbusy\b", re.IGNORECASE)
_COMPILED_NAMES = tuple((meaning, re.compile(names, re.IGNORECASE)) for meaning, names in _NAMES)
_COMPILED_TEXTS = tuple((meaning, re.compile(texts, re.IGNORECASE | re.DOTALL)) for meaning, texts in _TEXTS)
_MINUTES = re.compile(r"(\d{1,4})\s*(?:分钟|minutes?)")
# "Unknown parameter: 'style'", "Unrecognized request argument supplied: style", "does not support parameters: ['n']".
_UNKNOWN_FIELD = re.compile(
    r"(?:unknown|unsupported|unrecognized|extra|unexpected)(?: request)? (?:parameter|argument|field|value)s?"
    r"(?: supplied)?:? *\[?['\"`]?(\w+)"
    r"|does(?: not|n't) support (?:the )?(?:parameter|argument|field)s?:? *\[?['\"`]?(\w+)"
    r"|['\"`]?(\w+)['\"`]? (?:parameter )?is not supported",
    re.IGNORECASE,
)
_FIELD_CODES = ("unknown_parameter", "unsupported_parameter", "unsupported_value")


def error_of(problem: Problem) -> EngineError:
    """The exception for a problem. AnswerLost means that the request may have been carried out, and billed."""
    meaning = meaning_of(problem)
    if problem.request_ids:
        log.info("HTTP %d, %s: request id %s", problem.status, problem.code or "no code", " ".join(problem.request_ids))
    if meaning.kind is None:
        status = f"HTTP {problem.status}: " if problem.status >= 300 else ""
        return AnswerLost(f"{status}{problem.message[:_MAX_EXCERPT] or problem.code or 'no reason given'}")
    if meaning is INVALID and (field := _refused_field(problem)):
        return FieldRefused(field, problem.message, http_status=problem.status)
    return meaning.error_class(
        meaning.kind, problem.message, http_status=problem.status, retry_after=_pause(problem, meaning)
    )


def meaning_of(problem: Problem) -> Meaning:
    """What a problem means."""
    for name in (problem.code, problem.type):
        for meaning, names in _COMPILED_NAMES:
            if names.fullmatch(name):
                return meaning
    return meaning_of_text(problem.message) or _meaning_of_status(problem)


def meaning_of_text(text: str) -> Meaning | None:
    """What a text of a service means, if it is one of the known ones. No service guarantees its texts."""
    return next((meaning for meaning, texts in _COMPILED_TEXTS if texts.search(text)), None)


def _meaning_of_status(problem: Problem) -> Meaning:
    match problem.status:
        case 401:
            return KEY
        case 403:
            # A firewall's page or text says nothing about the key (docs/platform-api.md#headers).
            return KEY if problem.structured else FAULT
        case 402:
            return NO_CREDIT
        case 429:
            return BUSY
        case 503 if problem.structured or _BUSY_TEXT.search(problem.message):
            return BUSY
        case status if status in NOT_ROUTED:
            return ENDPOINT
        case status if 300 <= status < 400:
            return FAULT
        case status if 400 <= status < 500 and status != 408:
            return INVALID
        case _:
            # Includes errors under HTTP 200, and 408: gateways send it for their own timeouts.
            return LOST


def _refused_field(problem: Problem) -> str:
    found = _UNKNOWN_FIELD.search(problem.message)
    if found:
        return problem.param or next(filter(None, found.groups()))
    return problem.param if problem.code in _FIELD_CODES else ""


def _pause(problem: Problem, meaning: Meaning) -> float | None:
    """Seconds until another attempt makes sense: those of the header, or the minutes in the text of the rate limit."""
    if problem.retry_after is None and meaning is RATE and (found := _MINUTES.search(problem.message)):
        return 60.0 * int(found[1])
    return problem.retry_after
