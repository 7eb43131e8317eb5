"""HTTP routes of the mask editor. URLs in its pages are relative, so that it works below any path of a proxy."""

from __future__ import annotations

import asyncio
import binascii
import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import urlsplit

from aiohttp import web

from bot.i18n import DEFAULT, Translator
from bot.media import DownloadedImage, ImageError, TooCostly, image_pool
from bot.media.download import MAX_BYTES
from bot.media.mask_uploads import UploadedMask
from bot.net.untrusted_data import CHUNK, parse_json
from bot.runtime.units import MEGABYTE
from bot.tasks.errors import UserError
from bot.tasks.prompt import MAX_PROMPT
from bot.tasks.results import Duplicate, NotPersisted, Queued
from bot.ui.components.catalog_texts import unformatted_error
from bot.web.mask_editor import pages
from bot.web.mask_editor.editor import LINK_SECONDS, PATH, LinkUnusable, MaskEditor, clean_mask, mask_from_file
from bot.web.mask_editor.pages import MAX_MASK
from bot.web.mask_editor.transfers import DOWNLOAD_BYTES, UPLOAD_BYTES, TransferBusy, TransferLimit
from bot.web.request_body import BodyError, expect_later, read_body
from storage import MaskEditorLink, StorageError

log = logging.getLogger(__name__)

COOKIE = "painter"
# A mask of 64 megapixels is far smaller: it contains only two values.
MAX_BODY = 8 * MEGABYTE
BODY_SECONDS = 60.0
# Memory per byte of a body: the body, its text, the mask in it as base64, and the mask.
BYTES_A_BYTE = 4
# A mask file as base64, and the JSON object around it.
MAX_FILE_BODY = MAX_MASK * 4 // 3 + 64
RETRY_SECONDS = 2
# The format of `secrets.token_urlsafe`. Other cookies are ignored.
_BROWSER = re.compile(r"[A-Za-z0-9_-]{1,64}")

# Texts for accepted submissions with a special outcome.
_TAKEN = {Queued: "mask_editor.queued", NotPersisted: "refused.unrecorded", type(None): "mask_editor.slow"}

# The request key of the current link.
_LINK = web.RequestKey("mask_editor_link", MaskEditorLink)

Handler = Callable[["MaskEditorRoutes", web.Request], Awaitable[web.StreamResponse]]


class _InvalidBody(Exception):
    """The body does not have the format that the page sends."""


def _in_words(handler: Handler) -> Handler:
    """Decorator: errors of a handler become JSON responses for the page's script."""

    @wraps(handler)
    async def answered(self: MaskEditorRoutes, request: web.Request) -> web.StreamResponse:
        try:
            try:
                return await handler(self, request)
            except UserError as error:
                return await self.refused(request, error)
        except LinkUnusable as error:
            return _said(error.text, Translator(error.locale), status=error.status, closed=True)
        except ImageError as error:
            log.warning("region editor: cannot load the image: %s", error)
            return _said("refused.no_picture_to_mask", translator_of(request), status=502)
        except StorageError:
            log.exception("region editor: the database is unavailable")
            return _said("refused.store", translator_of(request), status=503)
        except TransferBusy as error:
            return _said("mask_editor.busy", translator_of(request), status=error.status, retry=True)
        except BodyError as error:
            return _said("mask_editor.unreadable", translator_of(request), status=error.status)
        except _InvalidBody:
            return _said("mask_editor.unreadable", translator_of(request), status=400)

    return answered


class MaskEditorRoutes:
    """The routes of the mask editor."""

    def __init__(self, mask_editor: MaskEditor) -> None:
        self._mask_editor = mask_editor
        address = urlsplit(mask_editor.public_url)
        self._prefix = address.path
        self._secure = address.scheme == "https"
        self._downloads = TransferLimit(DOWNLOAD_BYTES)
        self._uploads = TransferLimit(UPLOAD_BYTES)

    def add_to(self, app: web.Application) -> None:
        """Adds the routes to the bot's web application."""
        router = app.router
        router.add_get(f"{PATH}/static/{{name}}", self._static, expect_handler=expect_later)
        router.add_get(f"{PATH}/{{token}}", self._page, allow_head=False, expect_handler=expect_later)
        router.add_post(f"{PATH}/{{token}}/open", self._open, expect_handler=expect_later)
        router.add_get(f"{PATH}/{{token}}/picture", self._picture, allow_head=False, expect_handler=expect_later)
        router.add_post(f"{PATH}/{{token}}/upload", self._upload, expect_handler=expect_later)
        router.add_post(f"{PATH}/{{token}}/mask", self._mask, expect_handler=expect_later)

    async def _static(self, request: web.Request) -> web.Response:
        found = await asyncio.to_thread(pages.static, request.match_info["name"])
        if found is None:
            return web.Response(status=404)
        return web.Response(text=found[0], content_type=found[1], headers={"Cache-Control": "no-cache"})

    async def _page(self, request: web.Request) -> web.Response:
        # This request does not bind the link to a browser, because link previews must not use it up.
        try:
            link = await self._mask_editor.look(request.match_info["token"], _browser(request))
            text, status = await asyncio.to_thread(pages.page, Translator(link.locale)), 200
        except LinkUnusable as error:
            t = Translator(error.locale)
            text, status = await asyncio.to_thread(pages.closed, error.text, t, error.back), error.status
        except StorageError:
            log.exception("region editor: cannot look up a link")
            text, status = await asyncio.to_thread(pages.closed, "mask_editor.store", Translator(DEFAULT)), 503
        headers = {"Content-Security-Policy": pages.CONTENT_SECURITY_POLICY}
        return web.Response(text=text, status=status, content_type="text/html", headers=headers)

    @_in_words
    async def _open(self, request: web.Request) -> web.Response:
        browser = _browser(request) or secrets.token_urlsafe(24)
        link = await self._mask_editor.open(request.match_info["token"], browser)
        response = web.json_response(
            {
                "prompt": (await self._mask_editor.prefilled_prompt(link))[:MAX_PROMPT],
                "expiresAt": link.expires_at,
                # The same for every link to one image, so that the page restores the painted region with the next link.
                "picture": f"{link.task_id}.{link.digest}",
                "discord": await self._mask_editor.back(link),
            }
        )
        response.set_cookie(
            COOKIE,
            browser,
            path=f"{self._prefix}{PATH}/{request.match_info['token']}",
            max_age=LINK_SECONDS,
            httponly=True,
            secure=self._secure,
            samesite="Lax",
        )
        return response

    @_in_words
    async def _picture(self, request: web.Request) -> web.StreamResponse:
        link = await self._opened(request)
        with self._downloads.running(link, MAX_BYTES) as hold:
            try:
                picture = await self._mask_editor.picture(link)
            except UserError as error:
                return await self.refused(request, error, closed=True)
            hold.resize(len(picture.data))
            return await _streamed(request, picture)

    @_in_words
    async def _mask(self, request: web.Request) -> web.Response:
        link = await self._opened(request)
        prompt, mask = await self._received(link, request)
        answer = await self._mask_editor.submit(link, prompt, mask)
        if isinstance(answer, Duplicate):
            raise LinkUnusable("mask_editor.closed_used", 410, link.locale)
        return _said(_TAKEN.get(type(answer), "mask_editor.sent"), translator_of(request), status=200, closed=True)

    @_in_words
    async def _upload(self, request: web.Request) -> web.Response:
        """Converts an uploaded mask file to black and white and returns it. Nothing is submitted."""
        link = await self._opened(request)
        with self._uploads.running(link) as hold:
            body = await read_body(request, limit=MAX_FILE_BODY, seconds=BODY_SECONDS, hold=hold, weight=BYTES_A_BYTE)
            try:
                mask = await image_pool.run(_from_file, link, body)
            except TooCostly as error:
                raise UserError("picture_too_costly") from error
        notes = [translator_of(request)(f"told.mask_{reading}") for reading in mask.readings]
        return web.json_response({"mask": binascii.b2a_base64(mask.data, newline=False).decode(), "notes": notes})

    async def _received(self, link: MaskEditorLink, request: web.Request) -> tuple[str, bytes]:
        with self._uploads.running(link) as hold:
            body = await read_body(request, limit=MAX_BODY, seconds=BODY_SECONDS, hold=hold, weight=BYTES_A_BYTE)
            try:
                return await image_pool.run(_submitted_mask, link, body)
            except TooCostly as error:
                raise UserError("picture_too_costly") from error

    async def _opened(self, request: web.Request) -> MaskEditorLink:
        link = await self._mask_editor.opened(request.match_info["token"], _browser(request))
        request[_LINK] = link
        return link

    async def refused(self, request: web.Request, error: UserError, *, closed: bool = False) -> web.Response:
        """Returns the response for a refusal, in the language of the link. `closed`: the page cannot continue.

        Raises StorageError.
        """
        link: MaskEditorLink | None = request.get(_LINK)
        t = translator_of(request)
        text = unformatted_error(error, t)
        used = link is not None and await self._mask_editor.used(link)
        kept = t("mask_editor.kept") if used else ""
        return _answered(422, f"{text} {kept}".strip(), closed=closed or used)


async def _streamed(request: web.Request, picture: DownloadedImage) -> web.StreamResponse:
    """Sends an image in chunks, as fast as the client reads, so that the connection buffers no second copy."""
    response = web.StreamResponse()
    response.content_type = picture.facts.media_type
    response.content_length = len(picture.data)
    data = memoryview(picture.data)
    try:
        await response.prepare(request)
        for start in range(0, len(data), CHUNK):
            await response.write(data[start : start + CHUNK])
        await response.write_eof()
    except ConnectionError:
        log.info("region editor: an image download ended early")
    return response


def _submitted_mask(link: MaskEditorLink, body: bytearray) -> tuple[str, bytes]:
    """Returns the prompt and the cleaned mask of a body. Raises _InvalidBody."""
    try:
        sent = parse_json(body.decode())
        prompt, mask = sent["prompt"], binascii.a2b_base64(sent["mask"], strict_mode=True)
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        raise _InvalidBody from error
    if not isinstance(prompt, str) or len(prompt) > MAX_PROMPT:
        raise _InvalidBody
    # A lone surrogate can neither be stored nor sent.
    prompt = prompt.encode("utf-8", "replace").decode("utf-8")
    return prompt, clean_mask(link, prompt, mask)


def _from_file(link: MaskEditorLink, body: bytearray) -> UploadedMask:
    """Returns the mask of an uploaded file. Raises _InvalidBody."""
    try:
        data = binascii.a2b_base64(parse_json(body.decode())["mask"], strict_mode=True)
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        raise _InvalidBody from error
    return mask_from_file(link, data)


def _browser(request: web.Request) -> str | None:
    """Returns the browser's secret from the cookie, if the request has a valid one."""
    secret = request.cookies.get(COOKIE, "")
    return secret if _BROWSER.fullmatch(secret) else None


def translator_of(request: web.Request) -> Translator:
    """Returns the texts in the language of the link, or in the default language if the link is not known yet."""
    link = request.get(_LINK)
    return Translator(link.locale if link else DEFAULT)


def _said(text: str, t: Translator, *, status: int, closed: bool = False, retry: bool = False) -> web.Response:
    return _answered(status, t(text), closed=closed, retry=retry)


def _answered(status: int, message: str, *, closed: bool, retry: bool = False) -> web.Response:
    headers = {"Retry-After": str(RETRY_SECONDS)} if retry else {}
    return web.json_response({"message": message, "closed": closed}, status=status, headers=headers)
