"""Notifications of changes: waiting for a condition, and subscriptions."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class ServerEvent:
    """One change. `kind`: message_create, _update, _delete, channel_delete, interaction, gateway, request, answer.

    `subject` is the record that changed (a Message, Interaction, Channel, RequestRecord, or None for the gateway).
    """

    kind: str
    subject: Any = None


class Subscription(asyncio.Queue[ServerEvent | None]):
    """Events for `async for`, from its creation until it or the server is closed."""

    closed = False

    def close(self) -> None:
        self.closed = True
        self.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[ServerEvent]:
        while (event := await self.get()) is not None:
            yield event


class EventBus:
    """Every change is published here, synchronously, after it was made."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._waiting: set[asyncio.Event] = set()

    def publish(self, kind: str, subject: Any = None) -> None:
        for waiting in self._waiting:
            waiting.set()
        self._subscriptions = [each for each in self._subscriptions if not each.closed]
        for subscription in self._subscriptions:
            subscription.put_nowait(ServerEvent(kind, subject))

    def subscribe(self) -> Subscription:
        self._subscriptions.append(Subscription())
        return self._subscriptions[-1]

    def close(self) -> None:
        for subscription in self._subscriptions:
            subscription.close()

    async def until(self, predicate: Callable[[], T], timeout: float | None = 10.0, poll: float | None = None) -> T:
        """The predicate's first true value; it is called after every event, and every `poll` seconds if given.

        Raises TimeoutError after `timeout` seconds; None is no limit.
        """
        changed = asyncio.Event()
        self._waiting.add(changed)
        try:
            async with asyncio.timeout(timeout):
                while not (value := predicate()):
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(changed.wait(), poll)
                    changed.clear()
                return value
        finally:
            self._waiting.discard(changed)
