"""`GET /api/live`: a WebSocket that tells an open page every change, as the acting person may see it."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import web

from playground.discord.events import Subscription, WorldEvent
from playground.discord.people import Person
from playground.discord.records import Json
from playground.driver import World
from playground.page.traffic import interaction_row, request_row
from playground.page.view import View

# The image API keeps lists and sends no events, so they are read this often while a page is open.
POLL_SECONDS = 0.25
HEARTBEAT_SECONDS = 20.0
SEND_SECONDS = 10.0


class Live:
    """The WebSockets of all open pages."""

    def __init__(self, world: World, view: View) -> None:
        self._world = world
        self._view = view

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One page, until it closes: first the whole state, then each change."""
        try:
            person = self._world.person(request.query.get("as", ""))
        except KeyError:
            raise web.HTTPNotFound(text="There is no person of this name.") from None
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, timeout=2.0, max_msg_size=4096)
        await socket.prepare(request)
        subscription = self._world.discord.subscribe()
        connection = _Connection(self._view, person, socket)
        tasks = [
            asyncio.create_task(connection.send_events(subscription), name="page-events"),
            asyncio.create_task(connection.poll(), name="page-image-traffic"),
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


class _Connection:
    """One open page."""

    def __init__(self, view: View, person: Person, socket: web.WebSocketResponse) -> None:
        self._view = view
        self._person = person
        self._socket = socket

    async def send_events(self, subscription: Subscription) -> None:
        """The local Discord's events, each as it comes."""
        await self._send("state", self._view.state(self._person))
        async for event in subscription:
            await self._send_event(event)

    async def _send_event(self, event: WorldEvent) -> None:
        subject, person = event.subject, self._person
        match event.kind:
            case "message_create" | "message_update" if person.sees(subject):
                await self._send("message", {"message": self._view.message(subject)})
            case "message_delete" if not subject.ephemeral or subject.ephemeral_for == person.user.id:
                await self._send("deleted", {"message": str(subject.id), "channel": str(subject.channel_id)})
            case "channel_delete":
                await self._send("state", self._view.state(person))
            case "interaction":
                await self._send("row", {"row": interaction_row(subject, person)})
            case "request":
                await self._send("row", {"row": request_row(subject)})
                if "/commands" in subject.path and subject.method != "GET":
                    await self._send("commands", {"commands": self._view.commands(person)})
            case "gateway":
                await self._send("status", self._view.status())

    async def poll(self) -> None:
        """The image API's logs, the bot's process and the switches."""
        new_rows = self._view.image_traffic.follow()
        sent: Json = {}
        while True:
            await asyncio.sleep(POLL_SECONDS)
            for row in new_rows():
                await self._send("row", {"row": row})
            status = self._view.status()
            if status != sent:
                sent = status
                await self._send("status", status)

    async def _send(self, event: str, fields: Json) -> None:
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.send_json({"event": event, **fields})
