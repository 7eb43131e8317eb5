"""Reading values whose type nobody can rely on: each of these gives a usable value or nothing, and never raises."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

LONGEST_TEXT = 20_000
LONGEST_URL = 4_000
# A text that is longer is no number; blanks without end would keep the expressions below busy for hours.
_MAX_NUMBER = 64
_INTEGER = re.compile(r"\s*(-?\d{1,18})(?:\.0*)?\s*", re.ASCII)
_PERCENT = re.compile(r"\D{0,3}(\d{1,3})(?:\.\d+)?\s*%?\)?\s*", re.ASCII)
_TASK_ID = re.compile(r"[\w.:~-]{1,128}", re.ASCII)
# Up to here a float is still an exact whole number.
_EXACT = 2**53
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# An address relative to the service's: at least a folder and a name, and no "n/a".
_RELATIVE = re.compile(r"(?:[^/\s]+/|/)[^\s]*[^/\s]")
_DATA_URL = re.compile(r"data:image/[\w.+-]{1,40}(?:;[\w.=+-]{1,40})*;base64,", re.IGNORECASE | re.ASCII)
_NOTHING = ("n/a", "null", "none", "undefined")
# 1973 in milliseconds, the year 5138 in seconds: whatever is greater cannot be seconds.
_MILLISECONDS_FROM = 10**11


def text(value: Any) -> str:
    """A text, whole numbers as they are written, everything else ""."""
    if isinstance(value, str):
        # Lone surrogates can neither be stored nor sent, and nobody draws a NUL.
        return value[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 256:
        return str(value)
    return ""


def identifier(value: Any) -> str:
    """An id as an exact string: some services send it as a number (docs/image-api.md#submit-answers)."""
    return text(value).strip()


def task_id(value: Any) -> str:
    """A task's id, or "" for what cannot be one: it has to fit into an address and into the store."""
    found = identifier(value)
    return found if is_task_id(found) else ""


def is_task_id(value: str) -> bool:
    """Can this be a task's id?"""
    return _TASK_ID.fullmatch(value) is not None and value.strip(".") != ""


def number(value: Any) -> int | None:
    """A whole number, also out of a text that holds nothing else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value.bit_length() < 64 else None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and abs(value) < _EXACT else None
    match = _INTEGER.fullmatch(value) if isinstance(value, str) and len(value) <= _MAX_NUMBER else None
    return int(match[1]) if match else None


def percent(value: Any) -> int | None:
    """Progress from 0 to 100, or None where the value is no number: "46%", "(46%)", 46, not "paused"."""
    match = _PERCENT.fullmatch(value) if isinstance(value, str) and len(value) <= _MAX_NUMBER else None
    found = int(match[1]) if match else None if isinstance(value, str) else number(value)
    return None if found is None else min(100, max(0, found))


def moment(value: Any) -> float | None:
    """A time in unix seconds; services send milliseconds, some seconds, and 0 for unset
    (docs/image-api.md#task-fields)."""
    found = number(value)
    if found is None or found <= 0:
        return None
    return found / 1000 if found >= _MILLISECONDS_FROM else float(found)


def size(value: Any) -> int | None:
    """A width or height in pixels."""
    found = number(value)
    return found if found is not None and 0 < found <= 1_000_000 else None


def mapping(value: Any) -> Mapping[str, Any]:
    """An object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> Sequence[Any]:
    """An array, or an empty one."""
    return value if isinstance(value, list | tuple) else ()


def first(body: Mapping[str, Any], *names: str) -> Any:
    """The first of these fields that holds anything, each also in snake case (docs/image-api.md#task-fields)."""
    for name in names:
        for spelling in (name, _snake(name)):
            value = body.get(spelling)
            if value is not None and value != "":
                return value
    return None


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: f"_{match[1].lower()}", name)


def web_address(value: Any) -> str | None:
    """An http(s) address, bare or as the `url` of an object."""
    found = _bare(value)
    if not found.lower().startswith(("http://", "https://")) or len(found) > LONGEST_URL or re.search(r"[^\S ]", found):
        return None
    try:
        parts = urlsplit(found)
        return found.replace(" ", "%20") if parts.hostname and " " not in parts.netloc else None
    except ValueError:
        return None


def picture_address(value: Any) -> str | None:
    """An http(s) address, or one relative to the service's own (`/mj/image/1`), bare or as the `url` of an object."""
    found = _bare(value)
    if _ABSOLUTE.match(found):
        return web_address(found)
    if len(found) > LONGEST_URL or found.lower() in _NOTHING or not _RELATIVE.fullmatch(found):
        return None
    return found


def data_url(value: Any) -> str | None:
    """A picture within an address (`data:image/png;base64,…`), bare or as the `url` of an object; as long as it is."""
    found = value.get("url") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) and _DATA_URL.match(found) else None


def _bare(value: Any) -> str:
    return text(value.get("url") if isinstance(value, Mapping) else value).strip()
