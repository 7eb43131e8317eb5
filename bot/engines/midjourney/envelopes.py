"""Classifies the JSON body of an answer. One order of tests distinguishes all dialects
(docs/image-api.md#error-envelopes)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bot.engines.errors import Unreadable
from bot.engines.midjourney.coerce import first, identifier
from bot.net.json_values import mapping, number, text

# Some gateways wrap the body in `data`, and gateways can be chained.
MAX_UNWRAPPED = 3
_TELLING = frozenset({"code", "id", "result", "data", "error", "success", "content", "status"})


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


def open_body(body: Any, *, depth: int = MAX_UNWRAPPED) -> Envelope:
    """Classifies a JSON body. Raises Unreadable for a body that docs/image-api.md does not describe."""
    if isinstance(body, list):
        return ListEnvelope(body)
    if not isinstance(body, Mapping):
        raise Unreadable(f"the body is {type(body).__name__}, not an object or a list")
    if (problem := _problem(body.get("error"))) is not None:
        return problem
    if body.get("success") is False:
        return FilteredEnvelope(text(first(body, "message", "description")).strip())
    if depth and (inner := _wrapped(body)) is not None:
        return open_body(inner, depth=depth - 1)
    if isinstance(body.get("content"), list):
        return PageEnvelope(body)
    if identifier(body.get("id")) and ("status" in body or "action" in body):
        return TaskBody(body)
    if "code" in body:
        return ResultEnvelope(
            code=number(body["code"]),
            description=text(first(body, "description", "message")).strip(),
            result=body.get("result"),
            properties=mapping(body.get("properties")),
        )
    raise Unreadable("unknown answer format")


def _problem(error: Any) -> ProblemEnvelope | None:
    if isinstance(error, str) and error.strip():
        return ProblemEnvelope(text(error).strip(), "")
    if isinstance(error, Mapping) and error:
        return ProblemEnvelope(text(error.get("message")).strip(), text(error.get("code")).strip())
    return None


def _wrapped(body: Mapping[str, Any]) -> Any:
    """Returns the content of `data` if it is the real answer. A result without a code of its own gets the outer
    code."""
    inner = body.get("data")
    if "result" in body or "id" in body:
        return None
    if isinstance(inner, list):
        return inner
    if not isinstance(inner, Mapping) or not _TELLING & set(inner):
        return None
    return {"code": body.get("code"), **inner} if "result" in inner else inner
