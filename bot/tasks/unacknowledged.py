"""Requests that are journaled while their interaction is being acknowledged, which saves the time of one of the two.

Nothing is sent before both have succeeded. If the acknowledgment fails, Discord has told the user that the interaction
failed, so the journaled request is withdrawn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.tasks.journal import JournaledSubmission
from bot.tasks.results import Acknowledgement, Duplicate, NotAcknowledged

Opened = JournaledSubmission | Duplicate


class UnacknowledgedRequests:
    """Journals requests and waits for the acknowledgment of their interaction. In memory only."""

    def __init__(self, withdraw: Callable[[JournaledSubmission], Awaitable[None]]) -> None:
        """`withdraw` records that a journaled request is not sent."""
        self._withdraw = withdraw
        # Each user's requests in the order of their arrival. A result tells whether the request was withdrawn.
        self._waiting: dict[int, list[asyncio.Future[bool]]] = {}

    async def open(
        self, user_id: int, journal: Callable[[], Awaitable[Opened]], acknowledged: Acknowledgement
    ) -> Opened | NotAcknowledged:
        """Journals a request with `journal` while its interaction is being acknowledged. Raises StorageError."""
        earlier = self._waiting.setdefault(user_id, [])
        before, ours = list(earlier), asyncio.get_running_loop().create_future()
        earlier.append(ours)
        withdrawn = False
        try:
            opened = await journal()
            while isinstance(opened, Duplicate) and await _any_withdrawn(before):
                opened = await journal()  # it repeats a request that was not sent
            if await acknowledged():
                return opened
            if isinstance(opened, JournaledSubmission):
                await self._withdraw(opened)
                withdrawn = True
            return NotAcknowledged()
        finally:
            ours.set_result(withdrawn)
            earlier.remove(ours)
            if not earlier:
                self._waiting.pop(user_id, None)


async def _any_withdrawn(before: list[asyncio.Future[bool]]) -> bool:
    """Waits for requests that arrived earlier. Returns whether one was withdrawn; each is asked only once."""
    waited, before[:] = list(before), []
    return any([await each for each in waited])
