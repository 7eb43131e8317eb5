"""The HTTP server: routes, authorisation, rate limits, faults, and the log of requests."""

import json
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web

from playground.discord import errors
from playground.discord.account import Account
from playground.discord.answers import Answers, CommandRoutes
from playground.discord.attachments import Files
from playground.discord.control import AnswerLost, Faults
from playground.discord.errors import ApiError
from playground.discord.events import Bus
from playground.discord.limits import Buckets
from playground.discord.places import Places
from playground.discord.requests import Call, CutOff, RequestRecord, open_call, read_body

PREFIX = "/api/v10"
MAJOR = ("channel_id", "guild_id", "webhook_token")
Handler = Callable[[Call], Awaitable[tuple[int, Any]]]


@dataclass(frozen=True)
class Route:
    """`by_token`: the path's token is the authorisation; `free`: no rate limit."""

    method: str
    path: str
    handler: Handler
    by_token: bool = False
    free: bool = False


def routes(places: Places, answers: Answers, commands: CommandRoutes) -> Iterable[Route]:
    """All REST routes, more special paths before more general ones."""
    yield Route("GET", "/gateway", places.gateway, by_token=True)
    yield Route("GET", "/gateway/bot", places.gateway_bot)
    yield Route("GET", "/users/@me", places.own_user)
    yield Route("POST", "/users/@me/channels", places.open_dm)
    yield Route("GET", "/users/{user_id}", places.user)
    yield Route("GET", "/oauth2/applications/@me", places.application)
    yield Route("GET", "/applications/@me", places.application)
    yield Route("POST", "/attachments/refresh-urls", places.refresh_links)
    yield Route("GET", "/guilds/{guild_id}", places.guild)
    yield Route("GET", "/guilds/{guild_id}/channels", places.guild_channels)
    yield Route("GET", "/guilds/{guild_id}/members/{user_id}", places.member)
    yield Route("GET", "/channels/{channel_id}", places.channel)
    yield Route("POST", "/channels/{channel_id}/typing", places.typing)
    yield Route("GET", "/channels/{channel_id}/messages", places.messages)
    yield Route("POST", "/channels/{channel_id}/messages", places.post)
    one_message = "/channels/{channel_id}/messages/{message_id}"
    yield Route("GET", one_message, places.message)
    yield Route("PATCH", one_message, places.edit)
    yield Route("DELETE", one_message, places.delete)
    yield Route(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        answers.callback,
        by_token=True,
        free=True,
    )
    webhook = "/webhooks/{webhook_id}/{webhook_token}"
    yield Route("POST", webhook, answers.follow_up, by_token=True)
    for which in ("@original", "{message_id}"):
        yield Route("GET", f"{webhook}/messages/{which}", answers.get, by_token=True)
        yield Route("PATCH", f"{webhook}/messages/{which}", answers.edit, by_token=True)
        yield Route("DELETE", f"{webhook}/messages/{which}", answers.delete, by_token=True)
    for scope in ("/applications/{application_id}", "/applications/{application_id}/guilds/{guild_id}"):
        yield Route("GET", f"{scope}/commands", commands.listed)
        yield Route("POST", f"{scope}/commands", commands.upsert)
        yield Route("PUT", f"{scope}/commands", commands.replace_all)
        if "guild_id" in scope:
            yield Route("GET", f"{scope}/commands/permissions", commands.all_permissions)
            yield Route("GET", f"{scope}/commands/{{command_id}}/permissions", commands.permissions)
        yield Route("GET", f"{scope}/commands/{{command_id}}", commands.get)
        yield Route("PATCH", f"{scope}/commands/{{command_id}}", commands.patch)
        yield Route("DELETE", f"{scope}/commands/{{command_id}}", commands.delete)


class Server:
    """Turns HTTP requests into calls of the handlers, and what they return or raise into Discord's answers."""

    def __init__(self, account: Account, buckets: Buckets, faults: Faults, bus: Bus, files: Files) -> None:
        self.requests: list[RequestRecord] = []
        self.buckets = buckets
        self._account = account
        self._faults = faults
        self._bus = bus
        self._files = files

    def application(
        self, all_routes: Iterable[Route], gateway: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.Application:
        app = web.Application(client_max_size=256 * 1024 * 1024)
        for route in all_routes:
            app.router.add_route(route.method, PREFIX + route.path, self._serving(route))
        app.router.add_get("/gateway/", gateway)
        app.router.add_get("/gateway", gateway)
        app.router.add_get("/attachments/{channel_id}/{attachment_id}/{filename}", self._download)
        app.router.add_get(r"/stickers/{sticker_id:\d+}.png", self._sticker)
        app.router.add_route("*", PREFIX + "/{rest:.*}", self._unknown)
        return app

    def _serving(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            call = open_call(request, route.path, PREFIX)
            headers: dict[str, str] = {}
            try:
                await self._receive(request, call)
                self._bus.tell("request", call.record)
                await self._faults.meet("before", request.method, call.record.path)
                status, answer = await self._carry_out(request, route, call, headers)
                await self._faults.meet("after", request.method, call.record.path)
            except ApiError as error:
                return self._refused(call.record, error, headers)
            except AnswerLost:
                return self._lost(request, call.record)
            except CutOff:
                return web.Response(status=HTTPStatus.BAD_REQUEST)  # nobody is there to read it
            return self._answered(call.record, status, answer, headers)

        return serve

    async def _receive(self, request: web.Request, call: Call) -> None:
        """Reads and records a request. Raises ApiError; CutOff, for what then was no request, and is not recorded."""
        try:
            await read_body(request, call)
        except ApiError:
            self.requests.append(call.record)
            raise
        self.requests.append(call.record)

    async def _carry_out(
        self, request: web.Request, route: Route, call: Call, headers: dict[str, str]
    ) -> tuple[int, Any]:
        if not route.by_token and request.headers.get("Authorization") != f"Bot {self._account.token}":
            raise errors.unauthorized()
        if not route.free:
            major = "/".join(call.params[name] for name in MAJOR if name in call.params)
            headers |= self.buckets.take(route.method, route.path, major)
        return await route.handler(call)

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        call = open_call(request, "", PREFIX)
        self.requests.append(call.record)
        return self._refused(call.record, errors.not_found(), {})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        channel_id, attachment_id, name = (
            request.match_info[key] for key in ("channel_id", "attachment_id", "filename")
        )
        attachment = self._files.find(channel_id, attachment_id, name, request.query)
        if attachment is None:
            return web.Response(status=404, text="This content is no longer available.")
        content_type = attachment.content_type or "application/octet-stream"
        return web.Response(body=attachment.data, headers={"Content-Type": content_type})

    async def _sticker(self, request: web.Request) -> web.StreamResponse:
        sticker = self._files.stickers.get(int(request.match_info["sticker_id"]))
        if sticker is None:
            return web.Response(status=404)
        return web.Response(body=sticker.data, headers={"Content-Type": "image/png"})

    # answers

    def _answered(self, record: RequestRecord, status: int, answer: Any, headers: dict[str, str]) -> web.Response:
        record.answer = answer
        self._finish(record, status)
        if status == HTTPStatus.NO_CONTENT:
            return web.Response(status=status, headers=headers)
        return _json(status, answer, headers)

    def _refused(self, record: RequestRecord, error: ApiError, headers: dict[str, str]) -> web.Response:
        record.error = error.body()
        self._finish(record, error.status)
        if error.page is not None:
            return web.Response(status=error.status, text=error.page, content_type="text/html", headers=error.headers)
        return _json(error.status, record.error, headers | error.headers)

    def _lost(self, request: web.Request, record: RequestRecord) -> web.Response:
        self._finish(record, None)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    def _finish(self, record: RequestRecord, status: int | None) -> None:
        record.status = status
        record.answered_at = time.monotonic()
        self._bus.tell("answer", record)


def _json(status: int, answer: Any, headers: dict[str, str]) -> web.Response:
    """Exactly application/json: clients that compare the whole header take anything else for text."""
    body = json.dumps(answer).encode()
    return web.Response(status=status, body=body, headers=headers | {"Content-Type": "application/json"})
