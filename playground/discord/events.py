"""News of a local Discord: who waits for a change is woken, who subscribed hears of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class WorldEvent:
    """One change. `kind`: message_create, _update, _delete, channel_delete, interaction, gateway, request, answer.

    `subject` is the record that changed (a Message, Interaction, Channel, RequestRecord, or None for the gateway).
    """

    kind: str
    subject: Any = None
    at: float = field(default_factory=time.monotonic)


class Subscription:
    """An endless `async for` over the events from its making on, until it or the local Discord is closed."""

    def __init__(self, bus: "Bus") -> None:
        self._bus = bus
        self._queue: asyncio.Queue[WorldEvent | None] = asyncio.Queue()

    def put(self, event: WorldEvent | None) -> None:
        self._queue.put_nowait(event)

    def close(self) -> None:
        self._bus.leave(self)
        self.put(None)

    async def __aiter__(self) -> AsyncIterator[WorldEvent]:
        while (event := await self._queue.get()) is not None:
            yield event


class Bus:
    """Everything that changes is told here, synchronously, after the change."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._waiting: set[asyncio.Event] = set()

    def tell(self, kind: str, subject: Any = None) -> None:
        for waiting in self._waiting:
            waiting.set()
        event = WorldEvent(kind, subject)
        for subscription in self._subscriptions:
            subscription.put(event)

    def subscribe(self) -> Subscription:
        subscription = Subscription(self)
        self._subscriptions.append(subscription)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def close(self) -> None:
        for subscription in list(self._subscriptions):
            subscription.close()

    async def until(self, predicate: Callable[[], T], timeout: float) -> T:
        """The predicate's first true value, asked again after every event. TimeoutError after `timeout` seconds."""
        changed = asyncio.Event()
        self._waiting.add(changed)
        try:
            async with asyncio.timeout(timeout):
                while not (value := predicate()):
                    await changed.wait()
                    changed.clear()
                return value
        finally:
            self._waiting.discard(changed)
