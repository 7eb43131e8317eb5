"""How a command begins a task: a public "thinking…" that becomes the task's message, or a private refusal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp
import discord

from bot.tasks.answers import Answer, Origin, Refusal, Repeated, Unrecorded
from bot.texts import say
from bot.ui.asker import origin_of
from bot.ui.guard import ANSWER_SECONDS, Interaction, refuse

log = logging.getLogger(__name__)


async def begin(interaction: Interaction, start: Callable[[Origin], Awaitable[Answer]]) -> None:
    """Acknowledges, then starts; what comes of it is shown in the acknowledgement's own message."""
    deferral = await interaction.response.defer(thinking=True)
    origin = origin_of(interaction)
    if deferral and deferral.message_id:
        origin = origin.showing_in(deferral.message_id)
    try:
        answer = await start(origin)
    except Exception:
        await _take_back(interaction)
        raise
    match answer:
        case Refusal():
            await _take_back(interaction)
            await refuse(interaction, answer)
        case Repeated():
            await _take_back(interaction)
        case Unrecorded():
            await _say_in_place(interaction, "refused.unrecorded")
        case _:
            pass  # the message shows it


async def _take_back(interaction: Interaction) -> None:
    # The first follow-up to a public "thinking…" would take its place and be public too (Discord's "Receiving and
    # Responding to Interactions", "Create Followup Message"); with that gone, an answer can be private.
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await interaction.delete_original_response()
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("interaction %d: its answer could not be taken back: %r", interaction.id, error)


async def _say_in_place(interaction: Interaction, name: str) -> None:
    """Puts words where the task's card will be."""
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(say(name, str(interaction.locale))))
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("interaction %d could not be told %s: %r", interaction.id, name, error)
