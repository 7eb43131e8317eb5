"""How a command begins a task: a public "thinking…" that becomes the task's message, or a private refusal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp
import discord

from bot.tasks.answers import Answer, Origin, Refusal, Repeated
from bot.ui.asker import origin_of
from bot.ui.guard import ANSWER_SECONDS, Interaction, refuse

log = logging.getLogger(__name__)


async def begin(interaction: Interaction, start: Callable[[Origin], Awaitable[Answer]]) -> None:
    """Acknowledges, then starts; what comes of it is shown in the acknowledgement's own message."""
    deferral = await interaction.response.defer(thinking=True)
    origin = origin_of(interaction)
    if deferral and deferral.message_id:
        origin = origin.showing_in(deferral.message_id)
    answer = await start(origin)
    if isinstance(answer, Refusal):
        await _take_back(interaction)
        await refuse(interaction, answer)
    elif isinstance(answer, Repeated):
        await _take_back(interaction)


async def _take_back(interaction: Interaction) -> None:
    # The first follow-up to a public "thinking…" would take its place and be public too (Discord's "Receiving and
    # Responding to Interactions", "Create Followup Message"); with that gone, an answer can be private.
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await interaction.delete_original_response()
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("interaction %d: its answer could not be taken back: %r", interaction.id, error)
