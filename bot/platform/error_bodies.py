"""Finds the error in a body, whatever its envelope (docs/platform-api.md#error-envelopes)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.net.untrusted_data import mapping, sequence, text
from bot.platform.image_collector import without_data_urls

_REQUEST_IDS = re.compile(r"\s*\(request id: ?([^()]{0,200})\)", re.IGNORECASE)
_LONGEST_MESSAGE = 4_000
# Where the vendors behind a gateway put their text.
_VENDOR_FIELDS = ("message", "msg", "err", "error_msg", "detail")


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as the platform reported it.

    `message` is stripped of request IDs, which are in `request_ids`. `structured`: it came as JSON, so it is from the
    platform or from what is behind it, not from a proxy before it. `status` is the HTTP status, 0 within a stream.
    """

    message: str = ""
    code: str = ""
    type: str = ""
    param: str = ""
    status: int = 0
    retry_after: float | None = None
    request_ids: tuple[str, ...] = ()
    structured: bool = True


def problem_of(body: Any, status: int = 200, retry_after: float | None = None) -> Problem | None:
    """The error that a JSON body reports. None for a success, and for a body that does not say."""
    fields = mapping(body)
    found = _reported(fields)
    if found is None and (status >= 300 or fields.get("success") is False):
        found = {"message": vendor_message(fields)}
    if found is None:
        return None
    message, request_ids = without_request_ids(_words(found))
    return Problem(
        message,
        text(found.get("code")).strip(),
        text(found.get("type")).strip(),
        text(found.get("param")).strip(),
        status,
        retry_after,
        request_ids,
    )


def _reported(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The content of `error`, at the top or in the first choice."""
    for error in (fields.get("error"), *_of_choices(fields)):
        if isinstance(error, str) and error.strip():
            return {"message": error}
        if isinstance(error, Mapping) and error:
            return error
    return None


def _of_choices(fields: Mapping[str, Any]) -> Iterator[Any]:
    for choice in map(mapping, sequence(fields.get("choices"))):
        for holder in ("delta", "message"):
            yield mapping(choice.get(holder)).get("error")


def _words(error: Mapping[str, Any]) -> str:
    return vendor_message(error) or text(error.get("code")) or text(error.get("type"))


def vendor_message(fields: Mapping[str, Any], depth: int = 2) -> str:
    """The text of an error in the fields that vendors use, "" if there is none."""
    for name in _VENDOR_FIELDS:
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            # Some services repeat what they were sent.
            return without_data_urls(text(value, _LONGEST_MESSAGE)).strip()
        if isinstance(value, Mapping) and depth and (inner := vendor_message(value, depth - 1)):
            return inner
    for holder in ("header", "response", "error"):
        inner = vendor_message(mapping(fields.get(holder)), depth - 1) if depth else ""
        if inner:
            return inner
    return ""


def without_request_ids(message: str) -> tuple[str, tuple[str, ...]]:
    """The text without the request IDs that each gateway on the way appends, and these IDs."""
    found = tuple(each.strip() for each in _REQUEST_IDS.findall(message))
    return _REQUEST_IDS.sub("", message).strip(), found
