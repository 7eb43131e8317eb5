"""Offers for which a model was asked when the program was killed: their messages say what is unknown, and offer to ask
again. Nothing is sent to the model."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence

import discord

from bot.discord_api.message_sender import ORIGINAL, TokenRequests
from bot.i18n import Translator
from bot.tasks.errors import UserError
from bot.tasks.policy import TOKEN_SECONDS
from bot.ui.components.catalog_texts import error_text
from bot.ui.interactions.responses import best_effort
from bot.ui.language.offer_panel import offer_panel
from storage import OfferedPrompts, StorageError, Store

log = logging.getLogger(__name__)


async def show_interrupted(
    store: Store, client: discord.Client, interrupted: Sequence[OfferedPrompts], now: float
) -> None:
    """Brings the messages of offers of an earlier run up to date, as far as their tokens are still valid. `now` is in
    unix seconds. Failures are logged."""
    try:
        for offered in interrupted:
            if offered.created_at + TOKEN_SECONDS > now:
                await _show(client, offered)
            await store.offered_prompts.save(dataclasses.replace(offered, token=None))
    except StorageError as error:
        log.warning("cannot clear the offers of an earlier run: %r", error)


async def _show(client: discord.Client, offered: OfferedPrompts) -> None:
    t = Translator(offered.locale or "")
    problem = error_text(UserError("platform_answer_lost"), t)
    async with best_effort(f"offer {offered.id}: cannot say that its answer was lost"):
        view = offer_panel(offered, t, problem=problem)
        await TokenRequests(client).edit(offered.application_id, offered.token or "", ORIGINAL, view, None)
