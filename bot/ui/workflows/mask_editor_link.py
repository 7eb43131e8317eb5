"""The private message that leads to the painter, and what becomes of it."""

from __future__ import annotations

import asyncio
from typing import Any

import discord

from bot.tasks.errors import UserError
from bot.tasks.results import TOKEN_SECONDS, Queued, SubmitResult
from bot.texts import say
from bot.ui.components.custom_ids import ActionId, ModalKind
from bot.ui.components.dynamic_items import ActionButton
from bot.ui.components.safe_text import error_text
from bot.ui.interactions import webhooks
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.error_handling import ANSWER_SECONDS, best_effort
from storage import MaskEditorLink


async def send_editor_link(interaction: Interaction, url: str, key: ActionId) -> int:
    """Answers a press with a private message of the link and the way without it; the message's id.

    Raises discord.HTTPException, aiohttp.ClientError, TimeoutError.
    """
    locale = str(interaction.locale)
    view = discord.ui.View(timeout=None)
    link: discord.ui.Button[Any] = discord.ui.Button(url=url, label=say("painter.open", locale), emoji="🖌️")
    view.add_item(link)
    parts = ActionId(key.task_id, key.digest, ModalKind.AREAS)
    view.add_item(
        ActionButton.make(parts, label=say("painter.parts", locale), emoji=None, style=discord.ButtonStyle.secondary)
    )
    async with asyncio.timeout(ANSWER_SECONDS):
        sent = await interaction.followup.send(say("painter.invitation", locale), view=view, ephemeral=True, wait=True)
    return sent.id


async def expire_editor_link(
    client: discord.Client, link: MaskEditorLink, answer: SubmitResult | UserError, now: float
) -> None:
    """Puts what became of a used link in its place in the private message, as long as that can be reached.

    `now`: the time by Discord's clock.
    """
    if link.notice_id is None or now > link.created_at + TOKEN_SECONDS:
        return
    if isinstance(answer, UserError):
        text = error_text(answer, link.locale)
    else:
        text = say("painter.queued" if isinstance(answer, Queued) else "painter.sent", link.locale)
    webhook = webhooks.of_interaction(client, link.application_id, link.token)
    async with best_effort("a used link stays in its message"):
        none = discord.AllowedMentions.none()
        await webhook.edit_message(link.notice_id, content=text, view=None, allowed_mentions=none)
