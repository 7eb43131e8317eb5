"""What kind of body an answer is, by the one order of tests that tells all dialects apart
(docs/image-api.md#error-envelopes)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.midjourney import coerce
from bot.midjourney.errors import Unreadable

# Some gateways wrap a body in `data`, and some of those are behind another one.
MAX_UNWRAPPED = 3
_TELLING = frozenset({"code", "id", "result", "data", "error", "success", "content", "status"})


@dataclass(frozen=True, slots=True)
class ProblemEnvelope:
    """Envelope D: the gateway in front refuses (OpenAI style). `word` is its code, such as `model_not_found`."""

    message: str
    word: str


@dataclass(frozen=True, slots=True)
class FilteredEnvelope:
    """Envelope C: a filter of trueai refuses, or broke."""

    message: str


@dataclass(frozen=True, slots=True)
class ListEnvelope:
    """An array."""

    items: Sequence[Any]


@dataclass(frozen=True, slots=True)
class TaskBody:
    """A task object."""

    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ResultEnvelope:
    """Envelopes A and B: a result code. `result` is as it came; `code` None where it is no number."""

    code: int | None
    description: str
    result: Any
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PageEnvelope:
    """The answer to POST /mj/task/query: one page of tasks (docs/image-api.md#query)."""

    fields: Mapping[str, Any]


Envelope = ProblemEnvelope | FilteredEnvelope | ListEnvelope | TaskBody | ResultEnvelope | PageEnvelope


def open_body(body: Any, *, depth: int = MAX_UNWRAPPED) -> Envelope:
    """Tells what a JSON body is. Raises Unreadable for anything that docs/image-api.md does not describe."""
    if isinstance(body, list):
        return ListEnvelope(body)
    if not isinstance(body, Mapping):
        raise Unreadable(f"the body is {type(body).__name__}, not an object or a list")
    if (problem := _problem(body.get("error"))) is not None:
        return problem
    if body.get("success") is False:
        return FilteredEnvelope(coerce.text(coerce.first(body, "message", "description")).strip())
    if depth and (inner := _wrapped(body)) is not None:
        return open_body(inner, depth=depth - 1)
    if isinstance(body.get("content"), list):
        return PageEnvelope(body)
    if coerce.identifier(body.get("id")) and ("status" in body or "action" in body):
        return TaskBody(body)
    if "code" in body:
        return ResultEnvelope(
            code=coerce.number(body["code"]),
            description=coerce.text(coerce.first(body, "description", "message")).strip(),
            result=body.get("result"),
            properties=coerce.mapping(body.get("properties")),
        )
    raise Unreadable("unknown answer format")


def _problem(error: Any) -> ProblemEnvelope | None:
    if isinstance(error, str) and error.strip():
        return ProblemEnvelope(coerce.text(error).strip(), "")
    if isinstance(error, Mapping) and error:
        return ProblemEnvelope(coerce.text(error.get("message")).strip(), coerce.text(error.get("code")).strip())
    return None


def _wrapped(body: Mapping[str, Any]) -> Any:
    """What stands under `data`, if that is the real answer; the outer code goes with a result that has none."""
    inner = body.get("data")
    if "result" in body or "id" in body:
        return None
    if isinstance(inner, list):
        return inner
    if not isinstance(inner, Mapping) or not _TELLING & set(inner):
        return None
    return {"code": body.get("code"), **inner} if "result" in inner else inner
