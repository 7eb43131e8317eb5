"""Bodies from outside: read within limits, parsed as JSON within limits, and read as plain values.

aiohttp rejects a response whose compression differs from its headers, and discards the bytes of one that ends before
its framing says so. `read_body` reads both. The request must be made with `auto_decompress=False`.

`json.loads` holds the interpreter lock from start to end, in whatever thread it runs: 8 MiB of `[],[],…` delay every
acknowledgement by 1.4 s. The cost depends far more on the number of values than on bytes, so values are counted first.
A text within the limits takes at most about 30 ms (20,000 long numbers); usual answers take 1 ms.

JSON values have unreliable types. Each function that reads one returns a usable value or an empty one, and never
raises.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.net.content_codings import GZIP_MAGIC, ZSTD_MAGIC, BodyTooLarge, unpacked

log = logging.getLogger(__name__)

# Maximum size of one header in bytes (CDNs add policies and cookies of several KiB), and maximum number of headers.
MAX_HEADER = 64 * 1024
MAX_HEADERS = 512
CHUNK = 64 * 1024
# Maximum number of values of all kinds in one text. A task has between 50 and 400.
MAX_VALUES = 20_000
# Maximum number of values of all kinds in one array whose items are read one by one.
MAX_VALUES_OF_ITEMS = 500_000
# A number with more digits is neither an id nor an amount; parsing it takes time quadratic in its length.
MAX_DIGITS = 100
_OPENING = "[{,"
_STRING_OR_MARK = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[{,\]}]', re.DOTALL)
_START = re.compile(r"[ \t\n\r]*\[[ \t\n\r]*")
_SEPARATOR = re.compile(r"[ \t\n\r]*([,\]])[ \t\n\r]*")
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


@dataclass(slots=True, eq=False)
class Body:
    """A decompressed body. `whole`: it was received completely according to its framing."""

    data: bytes
    whole: bool


async def read_body(response: aiohttp.ClientResponse, limit: int, *, seconds: float | None = None) -> Body:
    """Reads the body of a response, at most `limit` bytes, within `seconds`.

    A body that breaks off or does not end in time is returned as far as it was received. Raises BodyTooLarge;
    aiohttp.ClientError, OSError or TimeoutError if nothing was received.
    """
    # The parts are joined once. Adding each one to a buffer would copy a large image again and again.
    parts, size, whole = list[bytes](), 0, True
    try:
        if response.content.is_eof():  # most bodies have arrived together with the headers
            parts.append(response.content.read_nowait())
        else:
            async with asyncio.timeout(seconds):
                async for part in response.content.iter_any():
                    parts.append(part)
                    size += len(part)
                    if size > limit:
                        response.close()
                        raise BodyTooLarge
    except (aiohttp.ClientError, OSError) as error:  # includes TimeoutError
        parts.append(_arrived(response))
        if not any(parts):
            raise
        whole = False
        response.close()
        log.debug("a body was cut off after %d bytes: %s", sum(map(len, parts)), type(error).__name__)
    raw = b"".join(parts)
    parts.clear()
    if len(raw) > limit:
        raise BodyTooLarge
    announced = response.headers.get("Content-Encoding", "")
    if announced or raw.startswith((GZIP_MAGIC, ZSTD_MAGIC)):
        raw = await asyncio.to_thread(unpacked, raw, announced, limit)
    return Body(raw, whole)


def header_fault(error: aiohttp.ClientResponseError) -> str:
    """The problem with the headers of an unreadable response, without their values."""
    return (error.message.strip().partition("\n")[0].partition(":")[0])[:80] or "no reason given"


def _arrived(response: aiohttp.ClientResponse) -> bytes:
    """The bytes that were received before the connection broke and not yet read.

    aiohttp's stream raises its exception before it returns them; only a private method gives access.
    """
    with suppress(TimeoutError):
        return response.content._read_nowait(-1)
    return b""


class TooComplex(ValueError):
    """A text with more values than allowed."""


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


_decoder = json.JSONDecoder(parse_int=_whole)


def _count(source: str, most: int, *, by_item: bool) -> None:
    """Raises TooComplex for more than `most` values outside strings; with `by_item`, also for an item with more than
    MAX_VALUES."""
    values, of_item, depth = 0, 0, 0
    for match in _STRING_OR_MARK.finditer(source):
        mark = source[match.start()]
        if mark in _OPENING:
            values += 1
            of_item = 0 if by_item and depth == 1 and mark == "," else of_item + 1
        depth += (mark in "[{") - (mark in "]}")
        if values > most or (by_item and of_item > MAX_VALUES):
            raise TooComplex(f"more than {most if values > most else MAX_VALUES} values")


def parse_json(source: str, most: int = MAX_VALUES) -> Any:
    """Parses a JSON text with at most `most` values; numbers with more than `MAX_DIGITS` digits become None.

    Raises TooComplex, another ValueError for invalid JSON, and RecursionError for too deep nesting.
    """
    # Counting within strings as well is fast, and sufficient except for texts with very many commas.
    if sum(map(source.count, _OPENING)) > most:
        _count(source, most, by_item=False)
    return _decoder.decode(source)


def json_items(source: str) -> Iterator[tuple[Any, int]]:
    """Yields the items of a JSON array one by one, each with a hash of its text, so that few are in memory at a time.

    Raises the errors of `parse_json`, possibly after some items; ValueError if the text is not an array.
    """
    if sum(map(source.count, _OPENING)) > MAX_VALUES:
        _count(source, MAX_VALUES_OF_ITEMS, by_item=True)
    start = _START.match(source)
    if start is None:
        raise ValueError("not an array")
    at = start.end()
    ended = _SEPARATOR.match(source, at) if source[at : at + 1] == "]" else None
    while ended is None:
        item, end = _decoder.raw_decode(source, at)
        yield item, hash(source[at:end])
        separator = _SEPARATOR.match(source, end)
        if separator is None:
            raise ValueError(f"expected a comma or the end of the array at {end}")
        at, ended = separator.end(), separator if separator[1] == "]" else None
    if ended.end() != len(source):
        raise ValueError("unexpected data after the array")


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
