"""Speech as a prompt: a recording is written down or translated, and shown for confirmation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import discord

from bot.language.model_calls import model_for
from bot.language.recordings import Recording, check_length, check_size, recorded_words, recording_of
from bot.platform.engines_file import Role
from bot.tasks.errors import UserError
from bot.tasks.policy import Operation
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.context import actor_of
from bot.ui.interactions.error_handling import check_running
from bot.ui.interactions.responses import open_panel
from bot.ui.language.offers import new_image_request, new_offer, show_offer
from bot.ui.services import Services
from bot.ui.workflows.drafts import attachment_of, files_of
from storage import DraftFile, OfferedPrompts, PromptSource

# What a file without speech declares. Other types are judged by the file's content.
_SILENT_TYPES = ("image/", "text/", "application/pdf", "application/zip")
_ENDINGS = (".ogg", ".oga", ".opus", ".mp3", ".m4a", ".wav", ".flac", ".webm", ".mpga")


def find_recording(message: discord.Message) -> discord.Attachment | None:
    """The first recording of a message, or of one that it forwards."""
    sources: Sequence[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    return next((each for source in sources for each in source.attachments if _is_recording(each)), None)


def _is_recording(attachment: discord.Attachment) -> bool:
    declared = attachment.content_type or ""
    return declared.startswith("audio/") or (
        not declared.startswith(("image/", "video/")) and attachment.filename.lower().endswith(_ENDINGS)
    )


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


def _role_of(source: PromptSource) -> Role:
    return Role.TRANSLATION if source is PromptSource.FOREIGN_RECORDING else Role.TRANSCRIPTION
