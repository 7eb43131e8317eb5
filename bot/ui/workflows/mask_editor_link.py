"""The private message with the link to the mask editor, and its update after use."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord

from bot.discord_api.message_requests import webhook_of
from bot.discord_api.message_sender import DiscordClock
from bot.i18n import Translator
from bot.tasks.errors import UserError
from bot.tasks.policy import TOKEN_SECONDS
from bot.tasks.results import Queued, SubmitResult
from bot.ui.components.catalog_texts import error_text
from bot.ui.components.dynamic_items import ActionButton
from bot.ui.components.message_components import ActionId, ModalKind
from bot.ui.delivery.worker import Delivery
from bot.ui.interactions.context import Interaction, translator_of
from bot.ui.interactions.responses import ANSWER_SECONDS, best_effort
from storage import MaskEditorLink

if TYPE_CHECKING:
    from bot.web.mask_editor import AfterSubmit


async def send_editor_link(interaction: Interaction, url: str, key: ActionId) -> int:
    """Answers a button with a private message that offers the link and the modal without the editor. Returns its id.

    Raises discord.HTTPException, aiohttp.ClientError, TimeoutError.
    """
    t = translator_of(interaction)
    view = discord.ui.View(timeout=None)
    link: discord.ui.Button[Any] = discord.ui.Button(url=url, label=t("mask_editor.open"), emoji="🖌️")
    view.add_item(link)
    parts = ActionId(key.task_id, key.digest, ModalKind.AREAS)
    view.add_item(
        ActionButton.make(parts, label=t("mask_editor.parts"), emoji=None, style=discord.ButtonStyle.secondary)
    )
    async with asyncio.timeout(ANSWER_SECONDS):
        sent = await interaction.followup.send(t("mask_editor.invitation"), view=view, ephemeral=True, wait=True)
    return sent.id


async def expire_editor_link(
    client: discord.Client, link: MaskEditorLink, answer: SubmitResult | UserError, now: float
) -> None:
    """Replaces a used link in its private message with the outcome, while the message can be edited.

    `now`: the time by Discord's clock.
    """
    if link.notice_id is None or now > link.created_at + TOKEN_SECONDS:
        return
    t = Translator(link.locale)
    if isinstance(answer, UserError):
        text = error_text(answer, t)
    else:
        text = t("mask_editor.queued" if isinstance(answer, Queued) else "mask_editor.sent")
    webhook = webhook_of(client, link.application_id, link.token)
    async with best_effort("a used link stays in its message"):
        none = discord.AllowedMentions.none()
        await webhook.edit_message(link.notice_id, content=text, view=None, allowed_mentions=none)


def after_mask_submit(client: discord.Client, delivery: Delivery, clock: DiscordClock) -> AfterSubmit:
    """Returns the callback for submitted masks: it updates the card of the pressed button and expires the editor
    link."""

    async def after(link: MaskEditorLink, answer: SubmitResult | UserError) -> None:
        # Before the login no request to Discord is possible; messages are updated after it.
        if client.user is not None:
            await expire_editor_link(client, link, answer, clock.now())
            await delivery.force_update(link.task_id)

    return after
