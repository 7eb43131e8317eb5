"""Responses to interactions: deferrals that leave while the bot goes on, and panels.

Panels are private messages that answer their own buttons and selects (task lists, settings). Like a card's buttons,
their components are recognized by their custom_id alone, so a panel works after a restart. An interaction is
acknowledged first; then the panel is replaced.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import discord

from bot.ui.components.payloads import chosen_in
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.error_handling import ANSWER_DELETED, best_effort

# After so many turns of the event loop, a request on an open connection has been written. Only then other work begins.
TURNS = 2


class Deferral:
    """A deferral under way: the request leaves first, and errors wait for its answer. Leaving the context waits for it,
    so that what follows can answer the interaction.

    If it failed, leaving raises its error, also in place of another one: then there is no way to tell the user.
    """

    def __init__(self, interaction: Interaction) -> None:
        self._task = interaction.client.answers.start(_deferred(interaction), f"deferral-{interaction.id}")

    async def succeeded(self) -> bool:
        """Waits until the interaction is acknowledged. Returns False if it could not be."""
        if not self._task.done():  # waiting for a finished task takes a turn of the loop
            await asyncio.wait({self._task})
        return not self._task.cancelled() and self._task.result() is None

    def call_when_done(self, work: Callable[[], None]) -> None:
        """Calls `work` soon after Discord has answered, unless it has answered before."""
        if not self._task.done():
            self._task.add_done_callback(lambda _: work())

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
        await interaction.client.token_session.defer_update(interaction)
    except Exception as error:  # noqa: BLE001 - raised by `__aexit__`
        return error
    return None


def chosen_values(interaction: Interaction) -> list[str]:
    """The selected values of a select."""
    data: Any = interaction.data
    return list(chosen_in(data))


async def open_panel(interaction: Interaction) -> None:
    """Acknowledges a command that is answered with a panel, if it is not acknowledged yet."""
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=True, thinking=True)


async def draw_panel(interaction: Interaction, view: discord.ui.LayoutView, files: Sequence[discord.File] = ()) -> None:
    """Replaces the acknowledged message with the panel and these files; if it was deleted, the panel is a new private
    message. A failure is logged."""
    async with best_effort(f"interaction {interaction.id}: cannot send the panel"):
        none = discord.AllowedMentions.none()
        if ANSWER_DELETED in interaction.extras:
            await interaction.followup.send(view=view, files=list(files), ephemeral=True, allowed_mentions=none)
            return
        await interaction.edit_original_response(view=view, attachments=list(files), allowed_mentions=none)
