"""Downloads images from the URLs that a service returns: size-limited and examined. Private addresses are rejected
unless allowed.

The module uses its own session without credentials, because the host of an image is not the image service
(docs/image-api.md#image-hosts). An address is checked after name resolution, and again after every redirect. A proxy
resolves names itself, so there the check precedes the request to the proxy (`Proxied`).

A signed URL is valid only in its original spelling: `%2F` is not `/`, and `+` is not a space. Therefore only characters
that a URL must not contain (RFC 3986) are encoded, and nothing is decoded.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.media import image_pool
from bot.media.address_guard import PrivateAddress, Proxied, PublicResolver
from bot.media.containers.file_formats import recognized_extension
from bot.media.containers.recognition import ImageFacts, NotAnImage, recognized
from bot.media.image import clip_extension, inspect, is_whole, open_image
from bot.net.content_codings import BodyTooLarge
from bot.net.special_ranges import is_private
from bot.net.untrusted_data import (
    ABSOLUTE_URL,
    MAX_HEADER,
    MAX_HEADERS,
    Body,
    Endpoint,
    endpoint_of,
    header_fault,
    literal,
    read_body,
)
from bot.runtime.units import MEGABYTE

log = logging.getLogger(__name__)

MAX_BYTES = 64 * MEGABYTE
MAX_REDIRECTS = 5
TOTAL_SECONDS = 90.0
CONNECT_SECONDS = 10.0
SILENT_SECONDS = 20.0
TRIES = 3
PAUSE_SECONDS = 0.3
DOWNLOADS_AT_ONCE = 20
# Some hosts answer 403 to the default user agent of a library (docs/image-api.md#image-hosts).
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


Check = Callable[[bytes], object]
T = TypeVar("T")

_FORBIDDEN = re.compile(r'%(?![0-9A-Fa-f]{2})|[^!-~]|["<>\\^`{|}]')
# Characters that browsers remove from a URL (WHATWG "URL Standard", "basic URL parser").
_LEFT_OUT = re.compile(r"^[\0-\x20]+|[\0-\x20]+$|[\t\r\n]")


class ImageError(Exception):
    """An image could not be downloaded. The text says why and contains no URL."""


class PrivateHost(ImageError):
    """The URL of an image leads to a private address, directly or by name."""


class ImageTooLarge(ImageError):
    """An image exceeds the size limit."""


class _NotYet(Exception):
    """The host returned an unusable answer; a retry may succeed."""


@dataclass(frozen=True, slots=True)
class DownloadedImage:
    """A downloaded image that was recognized as complete, or decoded."""

    data: bytes = field(repr=False)
    facts: ImageFacts


class ImageDownloader:
    """Downloads images and videos. An async context manager."""

    def __init__(
        self,
        *,
        allow_private: bool,
        trusted_hosts: Collection[Endpoint],
        resolver: AbstractResolver | None = None,
        pause_seconds: float = PAUSE_SECONDS,
        proxy_for: Callable[[str], str | None] | None = None,
    ) -> None:
        """`trusted_hosts` may be private regardless of `allow_private`: the image service's own host and port.

        `resolver` resolves host names; the default is the resolver of the operating system. `pause_seconds` is the base
        of the pause between attempts, which doubles each time. `proxy_for` returns the proxy for a URL, None for a
        direct connection; without it, all connections are direct.
        """
        self._allow_private = allow_private
        self._pause_seconds = pause_seconds
        self._trusted = frozenset(trusted_hosts)
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self._proxied: Proxied | None = None
        self._proxy_for = proxy_for

    async def __aenter__(self) -> Self:
        inner = self._resolver or aiohttp.ThreadedResolver()
        resolver = inner if self._allow_private else PublicResolver(self._trusted, inner)
        self._session = _session(aiohttp.TCPConnector(resolver=resolver, limit=DOWNLOADS_AT_ONCE))
        # The proxy itself may have a private address.
        through_proxies = _session(aiohttp.TCPConnector(limit=DOWNLOADS_AT_ONCE))
        self._proxied = Proxied(through_proxies, inner, None if self._allow_private else self._trusted)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()
        if self._proxied:
            await self._proxied.close()

    async def fetch(
        self, url: str, *, limit: int = MAX_BYTES, tries: int = TRIES, seconds: float = TOTAL_SECONDS
    ) -> DownloadedImage:
        """Downloads an image with up to `tries` attempts in `seconds` in total, and decodes it. Raises ImageError."""
        return DownloadedImage(*await self.examined(url, _inspected, limit=limit, tries=tries, seconds=seconds))

    async def fetch_recognized(self, url: str) -> DownloadedImage:
        """Downloads an image that will be shown as it is. It is decoded only if its header and its end do not show that
        it is complete. Raises ImageError."""
        return DownloadedImage(*await self.examined(url, facts_of))

    async def examined(
        self,
        url: str,
        examine: Callable[[bytes], Awaitable[T]],
        *,
        limit: int = MAX_BYTES,
        tries: int = TRIES,
        seconds: float = TOTAL_SECONDS,
    ) -> tuple[bytes, T]:
        """Downloads an image with up to `tries` attempts, and returns it with the result of `examine`, which raises
        NotAnImage for an unusable image. Both together take at most `seconds`. Raises ImageError."""
        try:
            async with asyncio.timeout(seconds):
                data = await self._retried(url, limit, tries, _check_whole, inspect)
                return data, await examine(data)
        except TimeoutError as error:
            raise ImageError(f"no complete answer within {seconds:g} s") from error
        except NotAnImage as error:
            raise ImageError(f"not an image: {error}") from error

    async def fetch_clip(self, url: str, *, limit: int = MAX_BYTES) -> tuple[bytes, str]:
        """Downloads a video and returns it with its file extension. Raises ImageError."""
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                data = await self._retried(url, limit, TRIES, is_whole, is_whole)
                extension = recognized_extension(data)
                return data, await image_pool.run(clip_extension, data) if extension is None else extension
        except TimeoutError as error:
            raise ImageError(f"no complete answer within {TOTAL_SECONDS:g} s") from error
        except NotAnImage as error:
            raise ImageError(f"not a video: {error}") from error

    async def _retried(self, url: str, limit: int, tries: int, check: Check, last_check: Check) -> bytes:
        """Downloads with retries. For a body that was cut off, `check` raises NotAnImage unless the file is complete;
        `last_check` is the check of the last attempt."""
        for attempt in range(1, tries + 1):
            try:
                return await self._download(url, limit, check if attempt < tries else last_check)
            except HasUserInfo as error:
                # aiohttp would send it to the host as a password.
                raise ImageError("the URL contains a user name or password") from error
            except ValueError as error:
                raise ImageError("not an http(s) URL") from error
            except (aiohttp.ClientError, TimeoutError, OSError, _NotYet) as error:
                if _is_refused(error):
                    raise PrivateHost("the URL leads to a private address") from error
                said = _said(error)
                if attempt == tries:
                    raise ImageError(f"the host failed: {said}") from error
                log.debug("image download failed (attempt %d): %s", attempt, said)
            await asyncio.sleep(self._pause_seconds * 2**attempt)
        raise ImageError("not attempted")

    async def _download(self, url: str, limit: int, check: Check) -> bytes:
        target = to_the_letter(url)
        for _ in range(MAX_REDIRECTS + 1):
            self._check(target)
            async with await self._request(target) as response:
                if response.status in (301, 302, 303, 307, 308) and "Location" in response.headers:
                    target = redirected(target, response.headers["Location"])
                    continue
                if response.status != 200:
                    # A 404 may be temporary: the file may not have reached this host yet.
                    raise _NotYet(f"HTTP {response.status}")
                return await _believed(await _read(response, limit), check)
        raise ImageError("too many redirects")

    async def _request(self, target: URL) -> aiohttp.ClientResponse:
        if self._session is None or self._proxied is None:
            raise RuntimeError("the fetcher is not open")
        if self._proxy_for and (proxy := self._proxy_for(str(target))):
            return await self._proxied.get(target, proxy)
        return await self._session.get(target, allow_redirects=False)

    def _check(self, target: URL) -> None:
        if target.scheme not in ("http", "https") or not target.host:
            raise ImageError("not an http(s) URL")
        if self._allow_private or endpoint_of(target) in self._trusted:
            return
        try:
            address = literal(target.raw_host or "")
        except ValueError as error:
            raise ImageError("malformed URL") from error
        # The resolver checks names.
        if address and is_private(address):
            raise PrivateHost("the URL leads to a private address")


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        # The caller limits the total.
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS),
        # Images are already compressed. A compressed body is decompressed here, within the size limit.
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        max_line_size=MAX_HEADER,
        max_field_size=MAX_HEADER,
        max_headers=MAX_HEADERS,
    )


def _is_refused(error: BaseException) -> bool:
    """Whether the connection failed because the name resolves to a private address."""
    os_error = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return isinstance(os_error, PrivateAddress)


async def facts_of(data: bytes) -> ImageFacts:
    """Returns the properties of an image, decoded in the image pool only if its structure does not show that it is
    complete. Raises NotAnImage."""
    facts = recognized(data)
    return await image_pool.run(inspect, data) if facts is None else facts


async def _inspected(data: bytes) -> ImageFacts:
    return await image_pool.run(inspect, data)


def _check_whole(data: bytes) -> None:
    """Raises NotAnImage for an image whose end is missing, even partly."""
    with open_image(data) as picture:
        picture.check_whole()
        if picture.completed:
            raise NotAnImage("incomplete file")


def _said(error: BaseException) -> str:
    """Describes the failure of an attempt without any URL."""
    if isinstance(error, _NotYet):
        return str(error)
    if isinstance(error, aiohttp.ClientResponseError):
        return f"invalid HTTP headers ({header_fault(error)})"
    return f"it failed with {type(error).__name__}"


async def _read(response: aiohttp.ClientResponse, limit: int) -> Body:
    if (response.content_length or 0) > limit:
        raise ImageTooLarge(f"larger than {limit} bytes")
    try:
        return await read_body(response, limit)
    except BodyTooLarge:
        raise ImageTooLarge(f"larger than {limit} bytes") from None


async def _believed(body: Body, check: Check) -> bytes:
    """Returns a complete body. If the connection broke, the content decides whether the file is complete."""
    if not body.whole:
        try:
            await image_pool.run(check, body.data)
        except NotAnImage as error:
            raise _NotYet("the connection broke") from error
    return body.data


class HasUserInfo(ValueError):
    """A URL contains user information (a user name or a password), possibly empty."""


def quoted(text: str) -> str:
    """A path with an optional query: characters that a URL must not contain are percent-encoded, all others are
    unchanged."""
    # Bytes of a header that are not UTF-8 appear in the text as lone surrogates.
    return _FORBIDDEN.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogateescape")), text
    )


def to_the_letter(address: str) -> URL:
    """An absolute URL as it is requested: path and query as given, the host normalized.

    Raises HasUserInfo, or another ValueError if the text is not an absolute URL.
    """
    found = ABSOLUTE_URL.fullmatch(_LEFT_OUT.sub("", address).partition("#")[0])
    if found is None:
        raise ValueError("not an absolute URL")
    scheme, authority, path = found.groups()
    if "@" in authority:
        raise HasUserInfo("a URL with user information")
    host = URL(f"{scheme}://{authority}")
    root = "" if path.startswith("/") else "/"
    return URL(f"{host.scheme}://{host.raw_authority}{root}{quoted(path)}", encoded=True)


def redirected(base: URL, location: str) -> URL:
    """The target of a redirect from a URL. Raises the errors of `to_the_letter`."""
    return to_the_letter(urljoin(str(base), location))
