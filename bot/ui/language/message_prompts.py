"""What a message holds that can become a prompt: text, a recording, or an image. Without a platform, only its text is
one, and images are described by the image service."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.engines.models import Feature
from bot.platform.roles import Role
from bot.tasks.errors import UserError
from bot.tasks.policy import Operation
from bot.ui.interactions.context import Interaction, actor_of
from bot.ui.interactions.responses import open_panel
from bot.ui.interactions.router import check_running
from bot.ui.language.offers import new_image_request, new_offer, show_offer
from bot.ui.services import ModelWriting, Services
from storage import OfferedPrompts, PromptSource

_ENDINGS = (".ogg", ".oga", ".opus", ".mp3", ".m4a", ".wav", ".flac", ".webm", ".mpga")


def describing_model(services: Services) -> ModelWriting | None:
    """What describes images if no image service is set up that can. None if one is, or if no model can either."""
    lacks = services.engines.with_feature(Feature.DESCRIBE) is None
    replaces = lacks and (services.serves(Role.VISION) or not list(services.engines))
    return services.writing if replaces else None


def describing_instead(services: Services, error: UserError) -> ModelWriting | None:
    """What describes an image, because the image service has just refused to. None if that is not why it did."""
    return describing_model(services) if error.code == "not_offered" else None


def find_recording(message: discord.Message) -> discord.Attachment | None:
    """The first recording of a message, or of one that it forwards."""
    sources: Sequence[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    return next((each for source in sources for each in source.attachments if _is_recording(each)), None)


def _is_recording(attachment: discord.Attachment) -> bool:
    declared = attachment.content_type or ""
    return declared.startswith("audio/") or (
        not declared.startswith(("image/", "video/")) and attachment.filename.lower().endswith(_ENDINGS)
    )


async def use_text(interaction: Interaction, services: Services, message: discord.Message) -> None:
    """Shows the text of a message, or the prompt of a task's message, as a prompt. Raises UserError, StorageError."""
    check_running(interaction)
    await open_panel(interaction)
    text = await _text_of(interaction, services, message)
    if not text:
        raise UserError("no_text_there")
    offered = new_offer(interaction, PromptSource.MESSAGE, new_image_request())

    async def write(_: OfferedPrompts) -> tuple[str, ...]:
        return (text,)

    await show_offer(interaction, services, offered, write)


async def _text_of(interaction: Interaction, services: Services, message: discord.Message) -> str:
    sources: Sequence[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    for source in sources:
        if text := source.content.strip():
            return text
    shown = await services.store.messages.by_message_id(message.id)
    if shown is None:
        return ""
    task = await services.service.policy.task_for(actor_of(interaction), Operation.SEE, shown.task_id)
    return task.prompt
