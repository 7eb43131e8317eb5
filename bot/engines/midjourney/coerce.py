"""Reads values of unreliable type. Each function returns a usable value or an empty one, and never raises."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.engines.models import is_task_id

LONGEST_TEXT = 20_000
LONGEST_URL = 4_000
# Longer texts are not numbers. The limit also bounds the run time of the regular expressions below.
_MAX_NUMBER = 64
_INTEGER = re.compile(r"\s*(-?\d{1,18})(?:\.0*)?\s*", re.ASCII)
_PERCENT = re.compile(r"\D{0,3}(\d{1,3})(?:\.\d+)?\s*%?\)?\s*", re.ASCII)
# Floats represent all whole numbers up to here exactly.
_EXACT = 2**53
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# A URL relative to the service: at least a folder and a name, which excludes "n/a".
_RELATIVE = re.compile(r"(?:[^/\s]+/|/)[^\s]*[^/\s]")
_DATA_URL = re.compile(r"data:image/[\w.+-]{1,40}(?:;[\w.=+-]{1,40})*;base64,", re.IGNORECASE | re.ASCII)
_NOTHING = ("n/a", "null", "none", "undefined")
# 1973 in milliseconds, the year 5138 in seconds: a greater number is in milliseconds.
_MILLISECONDS_FROM = 10**11


def text(value: Any) -> str:
    """Returns a text, a whole number as text, and "" for everything else."""
    if isinstance(value, str):
        # Lone surrogates can neither be stored nor sent, and a NUL is never visible.
        return value[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 256:
        return str(value)
    return ""


def identifier(value: Any) -> str:
    """Returns an ID as an exact string. Some services send it as a number (docs/image-api.md#submit-answers)."""
    return text(value).strip()


def task_id(value: Any) -> str:
    """Returns a task ID that is safe in URLs and in the database, or ""."""
    found = identifier(value)
    return found if is_task_id(found) else ""


def number(value: Any) -> int | None:
    """Returns a whole number, also from a text that contains only a number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value.bit_length() < 64 else None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and abs(value) < _EXACT else None
    match = _INTEGER.fullmatch(value) if isinstance(value, str) and len(value) <= _MAX_NUMBER else None
    return int(match[1]) if match else None


def percent(value: Any) -> int | None:
    """Returns progress from 0 to 100 ("46%", "(46%)", 46), or None if the value is not a number ("paused")."""
    match = _PERCENT.fullmatch(value) if isinstance(value, str) and len(value) <= _MAX_NUMBER else None
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


def mapping(value: Any) -> Mapping[str, Any]:
    """Returns an object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> Sequence[Any]:
    """Returns an array, or an empty one."""
    return value if isinstance(value, list | tuple) else ()


def first(body: Mapping[str, Any], *names: str) -> Any:
    """Returns the first non-empty field of these names. Each name is also tried in snake case
    (docs/image-api.md#task-fields)."""
    for name in names:
        for spelling in (name, _snake(name)):
            value = body.get(spelling)
            if value is not None and value != "":
                return value
    return None


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", name)


def web_address(value: Any) -> str | None:
    """Returns an http(s) URL, given as a string or as the `url` of an object."""
    found = _bare(value)
    if not found.lower().startswith(("http://", "https://")) or len(found) > LONGEST_URL or re.search(r"[^\S ]", found):
        return None
    try:
        parts = urlsplit(found)
        return found.replace(" ", "%20") if parts.hostname and " " not in parts.netloc else None
    except ValueError:
        return None


def picture_address(value: Any) -> str | None:
    """Returns an http(s) URL or one relative to the service (`/mj/image/1`), given as a string or as the `url` of an
    object."""
    found = _bare(value)
    if _ABSOLUTE.match(found):
        return web_address(found)
    if len(found) > LONGEST_URL or found.lower() in _NOTHING or not _RELATIVE.fullmatch(found):
        return None
    return found


def data_url(value: Any) -> str | None:
    """Returns an image as a data URL (`data:image/png;base64,…`) of any length, given as a string or as the `url` of an
    object."""
    found = value.get("url") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) and _DATA_URL.match(found) else None


def _bare(value: Any) -> str:
    return text(value.get("url") if isinstance(value, Mapping) else value).strip()
