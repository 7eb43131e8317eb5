"""Downloads pictures from wherever a service says they are: bounded, decoded, and never from inside our own network.

The session is this module's own and carries no credentials: a picture's host is not the service's
(docs/image-api.md#image-hosts). An address is checked after its name was resolved, and again at every redirect; behind
a proxy, which resolves names itself, before the proxy is asked (`bot.media.proxied`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.media import image_pool
from bot.media.address_guard import Endpoint, PrivateAddress, PublicResolver, endpoint_of, is_private, literal
from bot.media.containers.headers import NotAnImage
from bot.media.image import ImageFacts, inspect, open_image
from bot.media.proxied import Proxied
from bot.media.video import clip_extension, is_whole
from bot.net import urls
from bot.net.http_bodies import MAX_HEADER, MAX_HEADERS, Body, BodyTooLarge, header_fault, read_body
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
# Some hosts answer 403 to a library's own name (docs/image-api.md#image-hosts).
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


Check = Callable[[bytes], object]


class ImageError(Exception):
    """A picture could not be had; the text says why and names no address."""


class PrivateHost(ImageError):
    """A picture is at an address that only we can reach, whatever its name looks like."""


class ImageTooLarge(ImageError):
    """A picture has more bytes than are wanted."""


class _NotYet(Exception):
    """Its host answers badly; it may do better in a moment."""


@dataclass(frozen=True, slots=True)
class DownloadedImage:
    """A picture that was downloaded and decoded."""

    data: bytes = field(repr=False)
    facts: ImageFacts


class ImageDownloader:
    """Downloads pictures; an async context manager."""

    def __init__(
        self,
        *,
        allow_private: bool,
        trusted_hosts: Collection[Endpoint],
        resolver: AbstractResolver | None = None,
        pause_seconds: float = PAUSE_SECONDS,
        proxy_for: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """`trusted_hosts` may be private whatever `allow_private` says: the image service's own host and port.

        `resolver` finds the addresses of names: the operating system if left out. `pause_seconds` lie between the
        first two tries, twice as many between the next. `proxy_for` gives the proxy through which an address is
        reached, None for the direct way.
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
        # The proxy itself may well have a private address.
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
        """The picture at an address, tried a few times, within `seconds` in all. Raises PictureError."""
        try:
            async with asyncio.timeout(seconds):
                data = await self._retried(url, limit, tries, _check_whole, inspect)
                facts = await image_pool.run(inspect, data)
        except TimeoutError as error:
            raise ImageError(f"no complete answer within {seconds:g} s") from error
        except NotAnImage as error:
            raise ImageError(f"not an image: {error}") from error
        return DownloadedImage(data, facts)

    async def fetch_clip(self, url: str, *, limit: int = MAX_BYTES) -> tuple[bytes, str]:
        """The clip at an address, with the file ending that fits it. Raises PictureError."""
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                data = await self._retried(url, limit, TRIES, is_whole, is_whole)
                return data, await image_pool.run(clip_extension, data)
        except TimeoutError as error:
            raise ImageError(f"no complete answer within {TOTAL_SECONDS:g} s") from error
        except NotAnImage as error:
            raise ImageError(f"not a video: {error}") from error

    async def _retried(self, url: str, limit: int, tries: int, check: Check, last_check: Check) -> bytes:
        """What is there. `check` raises NotAPicture for what broke off and is not whole either, `last_check` for what
        is of no use even after the last try."""
        for attempt in range(1, tries + 1):
            try:
                return await self._download(url, limit, check if attempt < tries else last_check)
            except urls.HasUserInfo as error:
                # It would be sent to that host as a password.
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
        target = urls.to_the_letter(url)
        for _ in range(MAX_REDIRECTS + 1):
            self._check(target)
            async with await self._request(target) as response:
                if response.status in (301, 302, 303, 307, 308) and "Location" in response.headers:
                    target = urls.redirected(target, response.headers["Location"])
                    continue
                if response.status != 200:
                    # Even what is "not found" may only not have arrived yet at the host that was asked.
                    raise _NotYet(f"HTTP {response.status}")
                return await _believed(await _read(response, limit), check)
        raise ImageError("too many redirects")

    async def _request(self, target: URL) -> aiohttp.ClientResponse:
        if self._session is None or self._proxied is None:
            raise RuntimeError("the fetcher is not open")
        if proxy := self._proxy_for(str(target)):
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
        # A name is looked at by the resolver.
        if address and is_private(address):
            raise PrivateHost("the URL leads to a private address")


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS),
        # Pictures are packed already. What is sent packed all the same is unpacked here, within the limit.
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        max_line_size=MAX_HEADER,
        max_field_size=MAX_HEADER,
        max_headers=MAX_HEADERS,
    )


def _is_refused(error: BaseException) -> bool:
    """Was a connection not made because the name leads to a private address?"""
    os_error = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return isinstance(os_error, PrivateAddress)


def _check_whole(data: bytes) -> None:
    """Raises NotAPicture for a picture that lacks anything of its end."""
    with open_image(data) as picture:
        picture.check_whole()
        if picture.completed:
            raise NotAnImage("incomplete file")


def _said(error: BaseException) -> str:
    """What a try failed with, without any address."""
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
    """What came, if it is whole; of what broke off its content tells."""
    data = bytes(body.data)
    if not body.whole:
        try:
            await image_pool.run(check, data)
        except NotAnImage as error:
            raise _NotYet("the connection broke") from error
    return data
