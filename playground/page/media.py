"""`GET /media/…`: files and images through the page's own URL, so that the page loads nothing from any other."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
from aiohttp import web

MAX_BYTES = 64 * 1024 * 1024
SECONDS = 20.0
CHUNK = 64 * 1024
# What the page shows; anything else is for download only.
SHOWN = ("image/", "video/", "audio/")
PASSED_ON = ("Content-Type", "Content-Length", "Content-Range", "Accept-Ranges")
IMAGE_KEYS = ("image", "thumbnail", "video")


class Media:
    """Remembers the URLs that the page was told, and fetches those and no others."""

    def __init__(self, origin: str, session: aiohttp.ClientSession) -> None:
        """`origin` is the local Discord's URL; the session must not decompress."""
        self._origin = origin
        self._session = session
        self._known: dict[str, str] = {}

    def with_sources(self, part: Any) -> Any:
        """A copy of a payload in which every file and image has a `src` of this page's own."""
        if isinstance(part, list):
            return [self.with_sources(each) for each in part]
        if not isinstance(part, Mapping):
            return part
        found = {key: self.with_sources(value) for key, value in part.items()}
        if isinstance(part.get("proxy_url"), str):
            found["src"] = self.address(part["proxy_url"])
        for key in IMAGE_KEYS:
            image = part.get(key)
            if isinstance(image, Mapping) and str(image.get("url")).startswith(("http://", "https://")):
                found[key]["src"] = self.address(str(image["url"]))
        return found

    def address(self, url: str) -> str:
        """This page's URL for a file; the same as long as the file is the same, so that browsers keep it."""
        parts = urlsplit(url)
        name = quote(parts.path.rpartition("/")[2] or "file")
        own = url.startswith(self._origin + "/")
        key = hashlib.sha256((parts.path if own else url).encode()).hexdigest()[:24]
        self._known[key] = url
        return f"/media/{key}/{name}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Streams a file that the page was told of; 404 for any other, 502 when its host does not serve it."""
        url = self._known.get(request.match_info["key"])
        if url is None:
            raise web.HTTPNotFound(text="This page has not shown such a file.")
        wanted = {"Range": request.headers["Range"]} if "Range" in request.headers else {}
        limit = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with self._session.get(url, headers=wanted, timeout=limit, allow_redirects=False) as answer:
                return await _stream(request, answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise web.HTTPBadGateway(text=f"The file could not be fetched: {type(error).__name__}") from error


async def _stream(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    if answer.status not in (200, 206) or (answer.content_length or 0) > MAX_BYTES:
        raise web.HTTPBadGateway(text=f"The file's host answered {answer.status}.")
    response = web.StreamResponse(status=answer.status)
    response.headers.update({name: answer.headers[name] for name in PASSED_ON if name in answer.headers})
    response.headers["Cache-Control"] = "private, max-age=3600"
    if not answer.content_type.startswith(SHOWN) or answer.content_type == "image/svg+xml":
        response.headers["Content-Disposition"] = "attachment"
    await response.prepare(request)
    sent = 0
    async for chunk in answer.content.iter_chunked(CHUNK):
        sent += len(chunk)
        if sent > MAX_BYTES:
            break
        await response.write(chunk)
    return response
