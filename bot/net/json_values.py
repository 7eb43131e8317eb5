"""Reads JSON values of unreliable type. Each function returns a usable value or an empty one, and never raises."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

LONGEST_TEXT = 20_000
LONGEST_URL = 4_000
# Longer texts are not numbers. The limit also bounds the run time of regular expressions for numbers.
MAX_NUMBER = 64
# The beginning of an image in a data URL (RFC 2397); base64 follows.
DATA_URL_HEAD = re.compile(r"data:image/[\w.+-]{1,40}(?:;[\w.=+-]{1,40})*;base64,", re.IGNORECASE | re.ASCII)
_INTEGER = re.compile(r"\s*(-?\d{1,18})(?:\.0*)?\s*", re.ASCII)
# The database stores integers in eight bytes.
_INT64 = 2**63
# Floats represent all whole numbers up to here exactly.
_EXACT = 2**53


def text(value: Any, longest: int = LONGEST_TEXT) -> str:
    """Returns a text, a whole number as text, and "" for everything else."""
    if value is None:
        return ""
    if isinstance(value, str):
        # Lone surrogates can neither be stored nor sent, and a NUL is never visible.
        found = value[:longest]
        if found.isascii() and "\0" not in found:
            return found
        return found.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() < 256:
        return str(value)
    return ""


def number(value: Any) -> int | None:
    """Returns a whole number, also from a text that contains only a number."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if -_INT64 < value < _INT64 else None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and abs(value) < _EXACT else None
    match = _INTEGER.fullmatch(value) if isinstance(value, str) and len(value) <= MAX_NUMBER else None
    return int(match[1]) if match else None


def mapping(value: Any) -> Mapping[str, Any]:
    """Returns an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> Sequence[Any]:
    """Returns an array, or an empty one."""
    return value if isinstance(value, list | tuple) else ()


def web_address(value: Any) -> str | None:
    """Returns an http(s) URL, given as a string or as the `url` of an object."""
    return checked_address(url_text(value))


# Several fields of a task contain the same URL, and every poll returns it again.
@functools.lru_cache(maxsize=200)
def checked_address(found: str) -> str | None:
    """Returns a text if it is an http(s) URL."""
    if not found.lower().startswith(("http://", "https://")) or len(found) > LONGEST_URL or re.search(r"[^\S ]", found):
        return None
    try:
        parts = urlsplit(found)
        return found.replace(" ", "%20") if parts.hostname and " " not in parts.netloc else None
    except ValueError:
        return None


def url_text(value: Any) -> str:
    """The text of a string, or of the `url` of an object, without blanks around it."""
    return text(value.get("url") if isinstance(value, dict) else value).strip()
