"""Speech as a prompt: a recording is written down or translated, and shown for confirmation."""

from __future__ import annotations

import asyncio

import discord

from bot.language.model_calls import model_for
from bot.language.recordings import Recording, check_length, check_size, recorded_words, recording_of
from bot.platform.roles import Role
from bot.tasks.errors import UserError
from bot.ui.interactions.context import Interaction
from bot.ui.interactions.responses import open_panel
from bot.ui.interactions.router import check_running
from bot.ui.language.offers import new_image_request, new_offer, show_offer
from bot.ui.services import Services
from bot.ui.workflows.drafts import attachment_of, files_of
from storage import DraftFile, OfferedPrompts, PromptSource

# What a file without speech declares. Other types are judged by the file's content.
_SILENT_TYPES = ("image/", "text/", "application/pdf", "application/zip")


async def write_down(
    interaction: Interaction, services: Services, attachment: discord.Attachment, *, translated: bool = False
) -> None:
    """Acknowledges the interaction and shows what is said in a recording. Raises UserError, StorageError."""
    check_running(interaction)
    source = PromptSource.FOREIGN_RECORDING if translated else PromptSource.RECORDING
    platform, _ = model_for(services.platform, _role_of(source))
    name = attachment.filename
    if (attachment.content_type or "").startswith(_SILENT_TYPES):
        raise UserError("not_a_recording", name=name)
    check_size(attachment.size, name)
    check_length(attachment.duration, platform.file.recording_seconds, name)
    await open_panel(interaction)
    request = new_image_request()
    await write_down_again(
        interaction, services, new_offer(interaction, source, request, inputs=files_of([attachment]))
    )


async def write_down_again(interaction: Interaction, services: Services, offered: OfferedPrompts) -> None:
    """Shows what is said in the offer's recording in the acknowledged private message.

    Raises UserError, StorageError.
    """
    check_running(interaction)
    platform, _ = model_for(services.platform, _role_of(offered.source))
    file = offered.inputs[0]
    current = DraftFile(file.id, file.filename, await services.links.current(file.url), file.size, file.content_type)
    async with services.attachments.file(offered.user_id, attachment_of(interaction, current)) as data:
        recording = await asyncio.to_thread(recording_of, data)
        if recording is None:
            raise UserError("not_a_recording", name=file.filename)
        check_length(recording.seconds, platform.file.recording_seconds, file.filename)

        async def write(asked: OfferedPrompts, recording: Recording = recording) -> tuple[str, ...]:
            translated = asked.source is PromptSource.FOREIGN_RECORDING
            return (await recorded_words(platform, recording, translated=translated),)

        await show_offer(interaction, services, offered, write)


def _role_of(source: PromptSource) -> Role:
    return Role.TRANSLATION if source is PromptSource.FOREIGN_RECORDING else Role.TRANSCRIPTION
