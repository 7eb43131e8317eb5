"""`GET /api/live`: a WebSocket that tells an open page every change, as the acting person may see it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from aiohttp import web

from playground.discord import Json, Person, ServerEvent, Subscription
from playground.driver import Environment
from playground.page.traffic import interaction_row, request_row
from playground.page.view import View

# The image API keeps lists and sends no events, so they are read this often while a page is open.
POLL_SECONDS = 0.25
HEARTBEAT_SECONDS = 20.0
SEND_SECONDS = 10.0


class Live:
    """The WebSockets of all open pages."""

    def __init__(self, env: Environment, view: View) -> None:
        self._env = env
        self._view = view

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One page, until it closes: first the whole state, then each change."""
        try:
            person = self._env.person(request.query.get("as", ""))
        except KeyError:
            raise web.HTTPNotFound(text="There is no person of this name.") from None
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, timeout=2.0, max_msg_size=4096)
        await socket.prepare(request)
        subscription = self._env.discord.subscribe()
        tasks = [
            asyncio.create_task(self._send_events(socket, person, subscription), name="page-events"),
            asyncio.create_task(self._poll(socket), name="page-image-traffic"),
        ]
        try:
            async for _ in socket:
                pass
        finally:
            subscription.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    async def _send_events(self, socket: web.WebSocketResponse, person: Person, subscription: Subscription) -> None:
        """The local Discord's events, each as it comes."""
        await _send(socket, "state", self._view.state(person))
        async for event in subscription:
            for name, fields in self._changes(event, person):
                await _send(socket, name, fields)

    def _changes(self, event: ServerEvent, person: Person) -> Iterator[tuple[str, Json]]:
        """What a person's page is told of an event: a name and its fields."""
        subject = event.subject
        match event.kind:
            case "message_create" | "message_update" if person.sees(subject):
                yield "message", {"message": self._view.message(subject)}
            case "message_delete" if not subject.ephemeral or subject.ephemeral_for == person.user.id:
                yield "deleted", {"message": str(subject.id), "channel": str(subject.channel_id)}
            case "channel_delete":
                yield "state", self._view.state(person)
            case "interaction":
                yield "row", {"row": interaction_row(subject)}
            case "request":
                yield "row", {"row": request_row(subject)}
                if "/commands" in subject.path and subject.method != "GET":
                    yield "status", {"commands": self._view.commands(person)}
            case "gateway":
                yield "status", self._view.status()

    async def _poll(self, socket: web.WebSocketResponse) -> None:
        """The image API's logs, the bot's process and the switches."""
        new_rows = self._view.image_traffic.follow()
        sent: Json = {}
        while True:
            await asyncio.sleep(POLL_SECONDS)
            for row in new_rows():
                await _send(socket, "row", {"row": row})
            status = self._view.status()
            if status != sent:
                sent = status
                await _send(socket, "status", status)


async def _send(socket: web.WebSocketResponse, event: str, fields: Json) -> None:
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(SEND_SECONDS):
            await socket.send_json({"event": event, **fields})
