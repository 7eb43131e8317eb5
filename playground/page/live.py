"""What changes, told to each open page as the acting person may see it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from aiohttp import web

from playground.discord import Json, Person, ServerEvent, Subscription
from playground.driver import Environment
from playground.page.image_traffic import Changes
from playground.page.view import View

log = logging.getLogger(__name__)

# The image API keeps lists and tells nobody, so they are looked at this often while a page is open.
LOOK_SECONDS = 0.25
HEARTBEAT_SECONDS = 20.0
SEND_SECONDS = 10.0


class Live:
    """The WebSockets of all open pages."""

    def __init__(self, world: Environment, view: View) -> None:
        self._world = world
        self._view = view
        self._open: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One page, until it closes: first everything that stands, then what changes."""
        try:
            person = self._world.person(request.query.get("as", ""))
        except KeyError:
            raise web.HTTPNotFound(text="Nobody here is called so.") from None
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, timeout=2.0, max_msg_size=4096)
        await socket.prepare(request)
        self._open.add(socket)
        subscription = self._world.discord.subscribe()
        teller = _Teller(self._world, self._view, person, socket)
        tasks = [
            asyncio.create_task(teller.tell(subscription), name="page-news"),
            asyncio.create_task(teller.watch(), name="page-image-traffic"),
        ]
        try:
            async for _ in socket:
                pass
        finally:
            subscription.close()
            self._open.discard(socket)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    async def close(self) -> None:
        """Says goodbye to all pages."""
        await asyncio.gather(*(socket.close(code=1001) for socket in list(self._open)), return_exceptions=True)


class _Teller:
    """Tells one page."""

    def __init__(self, world: Environment, view: View, person: Person, socket: web.WebSocketResponse) -> None:
        self._world = world
        self._view = view
        self._person = person
        self._socket = socket
        self._reads: dict[str, Callable[[ServerEvent], Json | None]] = {
            "message_create": self._message,
            "message_update": self._message,
            "message_delete": self._gone,
            "channel_delete": lambda event: self._state(),
            "interaction": self._interaction,
            "request": self._request,
            "gateway": lambda event: self._bot(),
        }

    async def tell(self, subscription: Subscription) -> None:
        """The world's events, each as it comes."""
        await self._send(self._state())
        async for event in subscription:
            read = self._reads.get(event.kind)
            news = read(event) if read else None
            if news is not None:
                await self._send(news)
            if event.kind == "request" and "/commands" in event.subject.path and event.subject.method != "GET":
                await self._send({"event": "commands", "commands": self._view.commands(self._person)})

    async def watch(self) -> None:
        """The image API's lists, the bot's process and the switches."""
        changes = Changes(self._view.image_traffic)
        standing: Json = {}
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for row in changes.since():
                await self._send({"event": "row", "row": row})
            now = self._bot()
            if now != standing:
                standing = now
                await self._send(now)

    async def _send(self, news: Json) -> None:
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.send_json(news)

    def _state(self) -> Json:
        return {"event": "state", **self._view.state(self._person)}

    def _bot(self) -> Json:
        return {"event": "bot", **self._view.standing()}

    def _message(self, event: ServerEvent) -> Json | None:
        if not self._person.sees(event.subject):
            return None
        return {"event": "message", "message": self._view.message(event.subject)}

    def _gone(self, event: ServerEvent) -> Json | None:
        message = event.subject
        if message.ephemeral and message.ephemeral_for != self._person.user.id:
            return None
        return {"event": "gone", "message": str(message.id), "channel": str(message.channel_id)}

    def _interaction(self, event: ServerEvent) -> Json:
        return {"event": "row", "row": self._view.interaction(event.subject, self._person)}

    def _request(self, event: ServerEvent) -> Json:
        return {"event": "row", "row": self._view.request(event.subject)}
