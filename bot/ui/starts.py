"""How a command begins a task: a public "thinking…" that becomes the task's message, or a private refusal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
import discord

from bot.parts import Parts
from bot.tasks.answers import Answer, Origin, Refusal, Repeated, Unrecorded
from bot.tasks.preferred import with_preferences
from bot.texts import say
from bot.ui import uploads
from bot.ui.asker import origin_of
from bot.ui.guard import ANSWER_SECONDS, Interaction, guarded, refuse
from storage import Request

log = logging.getLogger(__name__)


async def begin_with(
    interaction: Interaction,
    parts: Parts,
    asked: Request,
    attachments: Sequence[discord.Attachment],
    *,
    aspect: str | None = None,
) -> None:
    """Checks what was attached, and begins with it and with this person's defaults; `aspect` is what they chose."""
    async with guarded(interaction):
        objection = uploads.objection(attachments)
        if objection:
            await refuse(interaction, objection)
            return

        async def start(origin: Origin) -> Answer:
            pictures = await uploads.read(attachments)
            if isinstance(pictures, Refusal):
                return pictures
            preferred = await parts.store.preferences.of(origin.user_id)
            return await parts.service.start(origin, with_preferences(asked, preferred, aspect=aspect), pictures)

        await begin(interaction, start)


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
