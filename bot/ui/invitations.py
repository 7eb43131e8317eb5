"""The private message that leads to the painter, and what becomes of it."""

from __future__ import annotations

import asyncio
from typing import Any

import discord

from bot.tasks.answers import TOKEN_SECONDS, Answer, Queued, Refusal
from bot.texts import say
from bot.ui import webhooks
from bot.ui.button import ActionButton
from bot.ui.guard import ANSWER_SECONDS, Interaction, as_far_as_possible
from bot.ui.keys import ActionKey, Window
from bot.ui.messages import message
from storage import PainterLink


async def offer(interaction: Interaction, url: str, key: ActionKey) -> int:
    """Answers a press with a private message of the link and the way without it; the message's id.

    Raises discord.HTTPException, aiohttp.ClientError, TimeoutError.
    """
    locale = str(interaction.locale)
    view = discord.ui.View(timeout=None)
    link: discord.ui.Button[Any] = discord.ui.Button(url=url, label=say("painter.open", locale), emoji="🖌️")
    view.add_item(link)
    parts = ActionKey(key.task_id, key.digest, Window.AREAS)
    view.add_item(
        ActionButton.make(parts, label=say("painter.parts", locale), emoji=None, style=discord.ButtonStyle.secondary)
    )
    async with asyncio.timeout(ANSWER_SECONDS):
        sent = await interaction.followup.send(say("painter.invitation", locale), view=view, ephemeral=True, wait=True)
    return sent.id


async def retire(client: discord.Client, link: PainterLink, answer: Answer, now: float) -> None:
    """Puts what became of a used link in its place in the private message, as long as that can be reached.

    `now`: the time by Discord's clock.
    """
    if link.notice_id is None or now > link.created_at + TOKEN_SECONDS:
        return
    sent = Refusal("painter.queued" if isinstance(answer, Queued) else "painter.sent")
    refusal = answer if isinstance(answer, Refusal) else sent
    text = message(refusal.text, link.locale, **refusal.values)
    webhook = webhooks.of_interaction(client, link.application_id, link.token)
    async with as_far_as_possible("a used link stays in its message"):
        none = discord.AllowedMentions.none()
        await webhook.edit_message(link.notice_id, content=text, view=None, allowed_mentions=none)
