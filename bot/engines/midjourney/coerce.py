"""Reads values of unreliable type. Each function returns a usable value or an empty one, and never raises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.engines.models import TASK_ID
from bot.net.json_values import DATA_URL_HEAD, LONGEST_URL, MAX_NUMBER, checked_address, number, text, url_text

_PERCENT = re.compile(r"\D{0,3}(\d{1,3})(?:\.\d+)?\s*%?\)?\s*", re.ASCII)
_UNDERSCORE = re.compile(r"_([a-z])")
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# A URL relative to the service: at least a folder and a name, which excludes "n/a".
_RELATIVE = re.compile(r"(?:[^/\s]+/|/)[^\s]*[^/\s]")
_NOTHING = ("n/a", "null", "none", "undefined")
# 1973 in milliseconds, the year 5138 in seconds: a greater number is in milliseconds.
_MILLISECONDS_FROM = 10**11


def identifier(value: Any) -> str:
    """Returns an ID as an exact string. Some services send it as a number (docs/image-api.md#submit-answers)."""
    return text(value).strip()


def valid_task_id(value: Any) -> str:
    """Returns a task ID that is safe in URLs and in the database, or ""."""
    found = identifier(value)
    return found if TASK_ID.fullmatch(found) else ""


def percent(value: Any) -> int | None:
    """Returns progress from 0 to 100 ("46%", "(46%)", 46), or None if the value is not a number ("paused")."""
    match = _PERCENT.fullmatch(value) if isinstance(value, str) and len(value) <= MAX_NUMBER else None
    found = int(match[1]) if match else None if isinstance(value, str) else number(value)
    return None if found is None else min(100, max(0, found))


def moment(value: Any) -> float | None:
    """Returns a time in unix seconds. Services send milliseconds, some send seconds, and 0 means unset
    (docs/image-api.md#task-fields)."""
    found = number(value)
    if found is None or found <= 0:
        return None
    return found / 1000 if found >= _MILLISECONDS_FROM else float(found)


def size(value: Any) -> int | None:
    """Returns a width or height in pixels, from 1 to 1,000,000."""
    found = number(value)
    return found if found is not None and 0 < found <= 1_000_000 else None


def first(body: Mapping[str, Any], *names: str) -> Any:
    """Returns the first non-empty field of these names."""
    for name in names:
        value = body.get(name)
        if value is not None and value != "":
            return value
    return None


def camel_case(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the fields with names in camel case. Some services write them in snake case
    (docs/image-api.md#task-fields); of two spellings, the one in camel case counts unless it is empty."""
    if "_" not in "".join(body):
        return body
    found = dict(body)
    for name, value in body.items():
        spelled = _UNDERSCORE.sub(_upper, name) if "_" in name else name
        if spelled != name and found.get(spelled) in (None, ""):
            found[spelled] = value
    return found


def _upper(match: re.Match[str]) -> str:
    return match[1].upper()


def picture_address(value: Any) -> str | None:
    """Returns an http(s) URL or one relative to the service (`/mj/image/1`), given as a string or as the `url` of an
    object."""
    found = url_text(value)
    if not found:
        return None
    if _ABSOLUTE.match(found):
        return checked_address(found)
    if len(found) > LONGEST_URL or found.lower() in _NOTHING or not _RELATIVE.fullmatch(found):
        return None
    return found


def data_url(value: Any) -> str | None:
    """Returns an image as a data URL (`data:image/png;base64,…`) of any length, given as a string or as the `url` of an
    object."""
    found = value.get("url") if isinstance(value, dict) else value
    return found if isinstance(found, str) and DATA_URL_HEAD.match(found) else None
