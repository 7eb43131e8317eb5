"""The painter over HTTP. Addresses in its pages are relative, so that it works below any path of a proxy."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import urlsplit

from aiohttp import web

from bot.pictures import PictureError
from bot.tasks.answers import Refusal, Repeated, Unrecorded
from bot.texts import say
from bot.ui.messages import unformatted
from bot.ui.windows import MAX_PROMPT
from bot.web.painter import pages
from bot.web.painter.painter import LINK_SECONDS, PATH, Closed, Painter
from storage import PainterLink, StorageError

log = logging.getLogger(__name__)

COOKIE = "painter"
# A mask of 64 megapixels is far smaller: it holds two values.
MAX_BODY = 8 * 1024 * 1024
BODY_SECONDS = 60.0

# What is said of an answer that is no plain yes.
_TAKEN = {Unrecorded: "refused.unrecorded", type(None): "painter.slow"}

Handler = Callable[["PainterRoutes", web.Request], Awaitable[web.StreamResponse]]


class _Unreadable(Exception):
    """What was sent is not what the page sends."""


def _in_words(handler: Handler) -> Handler:
    """What the page's script asks for is answered in JSON, and so is what goes wrong."""

    @wraps(handler)
    async def answered(self: PainterRoutes, request: web.Request) -> web.StreamResponse:
        try:
            return await handler(self, request)
        except Closed as error:
            return _said(error.text, error.locale, status=error.status, closed=True)
        except PictureError as error:
            log.warning("the painter has no picture: %s", error)
            return _said("refused.no_picture_to_mask", status=502)
        except StorageError:
            log.exception("the painter could not look something up")
            return _said("refused.store", status=503)
        except _Unreadable:
            return _said("painter.unreadable", status=400)

    return answered


class PainterRoutes:
    """The routes."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter
        address = urlsplit(painter.public_url)
        self._prefix = address.path
        self._secure = address.scheme == "https"

    def add_to(self, app: web.Application) -> None:
        """Adds the routes to the bot's web application."""
        router = app.router
        router.add_get(f"{PATH}/static/{{name}}", self._static)
        router.add_get(f"{PATH}/{{ticket}}", self._page, allow_head=False)
        router.add_post(f"{PATH}/{{ticket}}/open", self._open)
        router.add_get(f"{PATH}/{{ticket}}/picture", self._picture, allow_head=False)
        router.add_post(f"{PATH}/{{ticket}}/mask", self._mask)

    async def _static(self, request: web.Request) -> web.Response:
        found = await asyncio.to_thread(pages.static, request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        return web.Response(text=found[0], content_type=found[1], headers={"Cache-Control": "no-cache"})

    async def _page(self, request: web.Request) -> web.Response:
        # Nothing is tied to a browser here: what only looks at addresses for people must not use one up.
        try:
            link = await self._painter.look(request.match_info["ticket"], request.cookies.get(COOKIE))
            text, status = await asyncio.to_thread(pages.page, link.locale), 200
        except Closed as error:
            text, status = await asyncio.to_thread(pages.closed, error.text, error.locale), error.status
        except StorageError:
            log.exception("a link to the painter could not be looked up")
            text, status = await asyncio.to_thread(pages.closed, "painter.store", None), 503
        headers = {"Content-Security-Policy": pages.CONTENT_SECURITY_POLICY}
        return web.Response(text=text, status=status, content_type="text/html", headers=headers)

    @_in_words
    async def _open(self, request: web.Request) -> web.Response:
        browser = request.cookies.get(COOKIE) or secrets.token_urlsafe(24)
        link = await self._painter.open(request.match_info["ticket"], browser)
        response = web.json_response(
            {
                "prompt": (await self._painter.proposal(link))[:MAX_PROMPT],
                "expiresAt": link.expires_at,
                # The same for every link to one picture: what was painted is found again with the next one.
                "picture": f"{link.task_id}.{link.digest}",
            }
        )
        response.set_cookie(
            COOKIE,
            browser,
            path=f"{self._prefix}{PATH}/{request.match_info['ticket']}",
            max_age=LINK_SECONDS,
            httponly=True,
            secure=self._secure,
            samesite="Lax",
        )
        return response

    @_in_words
    async def _picture(self, request: web.Request) -> web.Response:
        picture = await self._painter.picture(await self._opened(request))
        return web.Response(body=picture.data, content_type=picture.facts.media_type)

    @_in_words
    async def _mask(self, request: web.Request) -> web.Response:
        link = await self._opened(request)
        prompt, mask = await asyncio.to_thread(_painted, await _body(request))
        answer = await self._painter.submit(link, prompt, mask)
        if isinstance(answer, Repeated):
            raise Closed("painter.closed_used", 410, link.locale)
        if isinstance(answer, Refusal):
            used = await self._painter.used(link)
            said = unformatted(answer.text, link.locale, **answer.values)
            kept = say("painter.kept", link.locale) if used else ""
            return _answered(422, f"{said} {kept}".strip(), closed=used)
        return _said(_TAKEN.get(type(answer), "painter.sent"), link.locale, status=200, closed=True)

    async def _opened(self, request: web.Request) -> PainterLink:
        return await self._painter.opened(request.match_info["ticket"], request.cookies.get(COOKIE))


async def _body(request: web.Request) -> bytes:
    # The application's own limit is for callbacks, and smaller.
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_chunked(65536):
                data += chunk
                if len(data) > MAX_BODY:
                    raise _Unreadable
    except TimeoutError as error:
        raise _Unreadable from error
    return bytes(data)


def _painted(body: bytes) -> tuple[str, bytes]:
    """The prompt and the mask that a page sends."""
    try:
        sent = json.loads(body)
        prompt, mask = sent["prompt"], base64.b64decode(sent["mask"], validate=True)
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error) as error:
        raise _Unreadable from error
    if not isinstance(prompt, str) or len(prompt) > MAX_PROMPT:
        raise _Unreadable
    return prompt, mask


def _said(text: str, locale: str | None = None, *, status: int, closed: bool = False) -> web.Response:
    return _answered(status, say(text, locale), closed=closed)


def _answered(status: int, message: str, *, closed: bool) -> web.Response:
    return web.json_response({"message": message, "closed": closed}, status=status)
