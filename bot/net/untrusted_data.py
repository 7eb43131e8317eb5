"""Untrusted data: bodies and JSON within limits, plain values, and URLs that may be shown.

aiohttp rejects a response whose compression differs from its headers, and discards the bytes of one that ends before
its framing says so. `read_body` reads both. The request must be made with `auto_decompress=False`.

`json.loads` holds the interpreter lock from start to end, in whatever thread it runs: 8 MiB of `[],[],…` delay every
acknowledgement by 1.4 s. The cost depends far more on the number of values than on bytes, so values are counted first.
A text within the limits takes at most about 30 ms (20,000 long numbers); usual answers take 1 ms.

JSON values have unreliable types. Each function that reads one returns a usable value or an empty one, and never
raises.

All code that shows a URL calls `public_link` or `without_private`. They hide URLs with user info, URLs of private
addresses, and all URLs of the image service's own host, which only the bot uses.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import json
import logging
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from bot.net.content_codings import GZIP_MAGIC, ZSTD_MAGIC, BodyTooLarge, unpacked
from bot.net.special_ranges import is_private

log = logging.getLogger(__name__)

# Maximum size of one header in bytes (CDNs add policies and cookies of several KiB), and maximum number of headers.
MAX_HEADER = 64 * 1024
MAX_HEADERS = 512
JSON_TYPE = "application/json"
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

ABSOLUTE_URL = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)([^#]*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z]{2,}(?::\d{1,5})?|[^/?#]*:\d{1,5}", re.IGNORECASE)
# A host whose last label is a number is an IPv4 address in an older notation (2130706433, 127.1, 0x7f.1), which the
# operating system would accept (WHATWG "URL Standard", "ends in a number").
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?", re.IGNORECASE | re.DOTALL)
MAX_LINK = 500
# Characters that could end a URL in Discord's `<…>` and `[…](…)`.
_BREAKING = frozenset(" <>()[]`|\\\"'")
# Top-level domains that are never in the public DNS (RFC 6761, 6762, 7686, 8375, 9476). ICANN reserves `internal`;
# routers and containers use the others.
_PRIVATE_SUFFIXES = frozenset(
    {"alt", "corp", "docker", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost", "onion"}
    | {"private", "test"}
)
_HOME = "home.arpa"
# A URL inside a text, up to the next one. It is ASCII, because text in another script may follow without a space. If
# the host is in such a script, the pattern matches only its beginning, which is not a public name.
_SCHEME = r"[a-z][a-z0-9+.\-]{0,20}://"
_ADDRESS = re.compile(
    rf"{_SCHEME}[!$%&*+,\-.0-9:;=@A-Z\[\]^_{{}}~]*(?:[/?#](?:(?!{_SCHEME})[!-~])*)?", re.IGNORECASE | re.ASCII
)
# A name in the public DNS. Top-level domains contain digits only in their encoded form.
_NAME = re.compile(r"(?:[a-z0-9_-]+\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)")
_own_hosts: set[str] = set()


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


def resolved(base_url: str, address: str) -> str:
    """A URL from a service's answer as an absolute URL; relative ones refer to the service itself.

    `base_url` is the service's URL; its path is prepended to relative URLs. A URL without a scheme gets the service's.
    """
    if ABSOLUTE_URL.match(address):
        return address
    base = urlsplit(base_url)
    host = address.lstrip("/").partition("/")[0]
    names_host = address.startswith("//") or not address.startswith("/")
    if names_host and _HOST.fullmatch(host):
        return f"{base.scheme}://{address.lstrip('/')}"
    path = "/" + address.lstrip("/").removeprefix("./")
    prefix = base.path.rstrip("/")
    if prefix and path.startswith(f"{prefix}/"):
        prefix = ""  # the path already contains it
    return f"{base.scheme}://{base.netloc.rpartition('@')[2]}{prefix}{path}"


class Endpoint(NamedTuple):
    """A host and a port in the normal form of `endpoint`."""

    host: str
    port: int


@lru_cache(maxsize=256)  # the hosts of a service's images
def endpoint(host: str, port: int) -> Endpoint:
    """Normalizes a host: any case, with or without brackets and a trailing dot, IDNA-encoded or not."""
    bare = host.strip("[]").rstrip(".").lower()
    try:
        return Endpoint(str(ipaddress.ip_address(bare)), port)
    except ValueError:
        pass
    try:
        return Endpoint(bare.encode("idna").decode("ascii") if not bare.isascii() else bare, port)
    except UnicodeError:
        return Endpoint(bare, port)


def endpoint_of(url: str | URL) -> Endpoint | None:
    """Returns host and port of an http(s) URL, with the default port of the scheme. Returns None for any other URL.

    Raises ValueError for an invalid URL.
    """
    target = URL(url)
    if target.scheme not in ("http", "https") or not target.raw_host or target.port is None:
        return None
    return endpoint(target.raw_host, target.port)


def literal(host: str) -> str | None:
    """Returns the IP address that the host consists of, None for a name. Raises ValueError for an unusual notation of
    an address."""
    bare = host.strip("[]")
    try:
        ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        if _NUMERIC.fullmatch(host) or ":" in host:
            raise
        return None
    return bare


def hide_hosts(hosts: Iterable[str]) -> None:
    """Hides all URLs of these hosts, on any port: the image service's own. Replaces the earlier hosts."""
    _own_hosts.clear()
    _own_hosts.update(endpoint(host, 0).host for host in hosts)
    _is_shown.cache_clear()


def public_link(url: str, longest: int = MAX_LINK) -> str | None:
    """Returns the URL if it may be shown as a link: http(s), without user info, of a public host that is not the
    service's own, at most `longest` characters, and without characters that end a link in Discord."""
    plain = url.isascii() and url.isprintable() and len(url) <= longest and not set(url) & _BREAKING
    return url if plain and _is_shown(url) else None


def without_private(text: str, instead: str) -> str:
    """Returns the text with `instead` in place of every URL that must not be shown."""
    if "://" not in text:
        return text
    return _ADDRESS.sub(lambda found: found[0] if _is_shown(found[0]) else instead, text)


@lru_cache(maxsize=1024)
def _is_shown(url: str) -> bool:
    """Whether this URL may be shown."""
    try:
        target = URL(url)
        authority = urlsplit(url).netloc
        host = target.raw_host
        if target.scheme not in ("http", "https") or not host or "@" in authority or "\\" in url:
            return False
        return _is_public_host(endpoint(host, 0).host)
    except (ValueError, IndexError):  # yarl raises IndexError for some hosts in brackets (1.25.1)
        return False


def _is_public_host(host: str) -> bool:
    if host in _own_hosts:
        return False
    if address := literal(host):
        return not is_private(address)
    labels = host.split(".")
    return bool(_NAME.fullmatch(host)) and labels[-1] not in _PRIVATE_SUFFIXES and not f".{host}".endswith(f".{_HOME}")
