"""Errors mean what docs/platform-api.md says: the code decides, then the type, then the text, the status last."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engines.errors import AnswerLost, AuthFailed, EngineError, RateLimited, RefusalKind, ServiceRefused
from bot.platform.answer_json import json_answer
from bot.platform.error_bodies import Problem, problem_of
from bot.platform.error_mapping import error_of, meaning_of
from bot.platform.errors import CompletionsOnly, EndpointMissing, FieldRefused, ModelNotOffered
from bot.platform.transport import AnswerHead, PlatformAnswer

K = RefusalKind


def told(message: str = "", status: int = 200, **more: Any) -> EngineError:
    """The error for a body in the usual envelope."""
    problem = problem_of({"error": {"message": message, **more}}, status)
    assert problem is not None
    return error_of(problem)


MEANINGS: list[tuple[dict[str, Any], type[EngineError], RefusalKind | None]] = [
    # The code wins over the status and the text.
    ({"message": "上游负载已饱和", "code": "insufficient_user_quota", "status": 429}, ServiceRefused, K.NO_CREDIT),
    ({"message": "saturated", "type": "insufficient_quota", "status": 429}, ServiceRefused, K.NO_CREDIT),
    ({"code": "pre_consume_token_quota_failed", "status": 403}, ServiceRefused, K.NO_CREDIT),
    ({"code": "entitlement_monthly_limit_exceeded", "status": 429}, ServiceRefused, K.NO_CREDIT),
    ({"message": "该令牌额度已用尽", "status": 401}, ServiceRefused, K.NO_CREDIT),
    ({"message": "You exceeded your current quota", "status": 429}, ServiceRefused, K.NO_CREDIT),
    ({"message": "insufficient balance"}, ServiceRefused, K.NO_CREDIT),
    ({"status": 402}, ServiceRefused, K.NO_CREDIT),
    ({"message": "该令牌已过期", "status": 401}, AuthFailed, K.AUTH),
    ({"message": "Incorrect API key provided", "code": "invalid_api_key", "status": 401}, AuthFailed, K.AUTH),
    ({"message": "用户已被封禁", "status": 403}, AuthFailed, K.AUTH),
    ({"message": "x", "code": "model_not_found", "status": 404}, ModelNotOffered, K.NOT_OFFERED),
    ({"message": "The model `x` does not exist or you do not have access to it.", "status": 404}, ModelNotOffered,
     K.NOT_OFFERED),
    ({"message": "No available channel for model x under group default", "status": 503}, ModelNotOffered,
     K.NOT_OFFERED),
    ({"message": "This is not a chat model. Did you mean to use v1/completions?", "status": 404}, CompletionsOnly,
     K.NOT_OFFERED),
    ({"message": "Invalid URL (POST /v1/audio/speech)", "status": 404}, EndpointMissing, K.NOT_OFFERED),
    ({"status": 405}, EndpointMissing, K.NOT_OFFERED),
    ({"message": "x", "status": 501}, EndpointMissing, K.NOT_OFFERED),
    ({"message": "当前分组上游负载已饱和", "status": 429}, RateLimited, K.SATURATED),
    ({"message": "x", "type": "rate_limit_error", "status": 400}, RateLimited, K.SATURATED),
    ({"message": "x", "status": 503}, RateLimited, K.SATURATED),
    ({"message": "您已达到总请求数限制：5分钟内最多请求100次，包括失败次数", "status": 429}, RateLimited,
     K.LIMIT_REACHED),
    ({"message": "x", "code": "violation_fee.grok", "status": 403}, ServiceRefused, K.BANNED_PROMPT),
    ({"message": "blocked", "code": "moderation_blocked", "status": 429}, ServiceRefused, K.BANNED_PROMPT),
    ({"message": "Rejected by our safety system", "status": 500}, ServiceRefused, K.BANNED_PROMPT),
    ({"message": "No candidates returned", "code": "prompt_blocked", "status": 500}, ServiceRefused, K.BANNED_PROMPT),
    ({"message": "prompt too long", "code": "prompt_too_long", "status": 400}, ServiceRefused, K.INVALID),
    ({"message": "x", "code": "count_token_failed", "status": 500}, ServiceRefused, K.INVALID),
    ({"message": "x", "status": 422}, ServiceRefused, K.INVALID),
    ({"message": "json: cannot unmarshal array into Go value", "code": "json: cannot unmarshal", "status": 400},
     ServiceRefused, K.INVALID),
    # Whatever may have reached the model is lost.
    ({"message": "No candidates returned", "code": 500, "status": 500}, AnswerLost, None),
    ({"message": "x", "code": "do_request_failed", "status": 500}, AnswerLost, None),
    ({"message": "x", "code": "bad_response_body", "status": 400}, AnswerLost, None),
    ({"message": "x", "code": "empty_response"}, AnswerLost, None),
    ({"message": "x", "status": 408}, AnswerLost, None),
    ({"message": "x", "status": 524}, AnswerLost, None),
    ({"message": "all accounts are busy", "status": 500}, AnswerLost, None),
    ({"message": "x"}, AnswerLost, None),
]  # fmt: skip


@pytest.mark.parametrize(("error", "cls", "kind"), MEANINGS, ids=lambda value: str(value)[:60])
def test_an_error_means_what_its_code_type_text_and_status_say(
    error: dict[str, Any], cls: type[EngineError], kind: RefusalKind | None
) -> None:
    found = told(**error)
    assert (type(found), getattr(found, "kind", None)) == (cls, kind)


@pytest.mark.parametrize(("minutes", "seconds"), [("1分钟", 60), ("15 分钟", 900), ("10 minutes", 600)])
def test_the_rate_limit_of_the_key_says_how_long_to_wait(minutes: str, seconds: int) -> None:
    found = told(f"您已达到请求数限制：{minutes}内最多请求20次", 429)
    assert isinstance(found, RateLimited)
    assert found.retry_after == seconds


FIELDS = [
    ({"message": "Unknown parameter: 'style'.", "param": "style", "code": "unknown_parameter"}, "style"),
    ({"message": "Unknown parameter: 'response_format'."}, "response_format"),
    ({"message": "Unrecognized request argument supplied: style"}, "style"),
    ({"message": "Unsupported parameter(s): n"}, ""),
    ({"message": "x does not support parameters: ['moderation']"}, "moderation"),
    ({"message": "'input_fidelity' is not supported"}, "input_fidelity"),
    ({"message": "no", "param": "temperature", "code": "unsupported_value"}, "temperature"),
    ({"message": "size must be one of 1024x1024", "param": "size"}, ""),
    ({"message": "Invalid value for n", "param": "n", "code": "invalid_value"}, ""),
]


@pytest.mark.parametrize(("error", "field"), FIELDS, ids=lambda value: str(value)[:50])
def test_a_refused_field_is_named(error: dict[str, Any], field: str) -> None:
    found = told(**error, status=400)
    assert (found.field if isinstance(found, FieldRefused) else "") == field
    assert isinstance(found, ServiceRefused)


ENVELOPES: dict[str, tuple[Any, int]] = {
    "usual": ({"error": {"message": "boom"}}, 400),
    "under 200": ({"error": {"message": "boom"}}, 200),
    "text": ({"error": "boom"}, 200),
    "nested": ({"error": {"error": {"message": "boom"}}}, 400),
    "response": ({"response": {"error": {"message": "boom"}}}, 500),
    "header": ({"header": {"code": 10013, "message": "boom"}}, 500),
    "detail": ({"detail": {"message": "boom"}}, 400),
    "detail as text": ({"detail": "boom"}, 400),
    "management": ({"success": False, "message": "boom"}, 200),
    "msg": ({"code": 1, "msg": "boom"}, 500),
    "err": ({"err": "boom"}, 400),
    "error_msg": ({"error_code": 17, "error_msg": "boom"}, 400),
    "in the message": ({"choices": [{"message": {"error": "boom"}, "finish_reason": "stop"}]}, 500),
    "in the delta": ({"choices": [{"delta": {"error": {"message": "boom"}}}]}, 200),
    "request IDs": ({"error": {"message": "boom (request id: 1) (request id: 2a)"}}, 400),
}


@pytest.mark.parametrize("name", ENVELOPES)
async def test_an_error_is_found_in_every_envelope(name: str) -> None:
    body, status = ENVELOPES[name]
    problem = problem_of(body, status)
    assert problem is not None
    assert problem.message == "boom"
    with pytest.raises(EngineError, match="boom"):
        await json_answer(PlatformAnswer(AnswerHead(status), json.dumps(body).encode()))


@pytest.mark.parametrize(
    "body",
    [{}, {"error": None}, {"error": ""}, {"error": {}}, {"success": True, "data": []}, {"message": "hello"}, [], None],
)
def test_a_success_has_no_error(body: Any) -> None:
    assert problem_of(body) is None


def test_request_ids_are_kept_apart() -> None:
    problem = problem_of({"error": {"message": "boom (request id: 1) (request id: 2a)"}})
    assert problem is not None
    assert problem.request_ids == ("1", "2a")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "message", "code", "type", "param", "detail", "choices", "delta", "success", "header"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(body=VALUES, status=st.integers(200, 599))
def test_every_body_has_a_meaning(body: Any, status: int) -> None:
    problem = problem_of(body, status)
    assert problem is not None or status < 300
    if problem:
        str(error_of(problem)).encode()
        assert meaning_of(problem) is not None


def test_a_status_without_a_body_has_a_meaning() -> None:
    for status in range(300, 600):
        assert str(error_of(Problem(status=status)))
