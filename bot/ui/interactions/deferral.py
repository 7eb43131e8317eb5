"""Acknowledges an interaction while the bot goes on: the request leaves first, and errors wait for its answer."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from bot.ui.interactions.client import Interaction

# After so many turns of the event loop, a request on an open connection has been written. Only then other work begins.
TURNS = 2


class Deferral:
    """A deferral under way. Leaving the context waits for it, so that what follows can answer the interaction.

    If it failed, leaving raises its error, also in place of another one: then there is no way to tell the user.
    """

    def __init__(self, interaction: Interaction) -> None:
        self._task = interaction.client.answers.start(_deferred(interaction), f"deferral-{interaction.id}")

    async def succeeded(self) -> bool:
        """Waits until the interaction is acknowledged. Returns False if it could not be."""
        if not self._task.done():  # waiting for a finished task takes a turn of the loop
            await asyncio.wait({self._task})
        return not self._task.cancelled() and self._task.result() is None

    async def __aenter__(self) -> Self:
        for _ in range(TURNS):
            await asyncio.sleep(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, asyncio.CancelledError):
            return
        if not self._task.done():
            await asyncio.shield(self._task)
        if failure := self._task.result():
            raise failure


async def _deferred(interaction: Interaction) -> Exception | None:
    """Defers an interaction. An error is returned, because the supervisor logs what its tasks raise."""
    try:
        await interaction.response.defer()
    except Exception as error:  # noqa: BLE001 - raised by `__aexit__`
        return error
    return None
