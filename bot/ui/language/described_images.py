"""*Describe in words*: any image of a message, a command or a task, as prompts that each create an image."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import discord

from bot.language.image_descriptions import DESCRIBED_EDGE, image_descriptions
from bot.language.model_calls import model_for
from bot.media import ImageError, NotAnImage, TooCostly, image_pool, preview
from bot.platform.roles import Role
from bot.tasks.errors import UserError
from bot.tasks.policy import Operation
from bot.ui.inputs import image_attachments
from bot.ui.inputs.message_images import MessageImage, download_image
from bot.ui.interactions.context import Interaction, actor_of
from bot.ui.interactions.responses import open_panel
from bot.ui.interactions.router import check_running
from bot.ui.language.offers import language_for, new_image_request, new_offer, show_offer
from bot.ui.services import Services
from bot.ui.workflows.drafts import attachment_of, files_of
from storage import DraftFile, OfferedPrompts, PromptSource


async def describe_image(
    interaction: Interaction, services: Services, found: MessageImage, *, linked: bool = False
) -> None:
    """Acknowledges the interaction and describes an image. `linked`: the user typed its URL.

    Raises UserError, StorageError.
    """
    check_running(interaction)
    model_for(services.platform, Role.VISION)
    if found.attachment:
        image_attachments.check_attachments([found.attachment])
        inputs = files_of([found.attachment])
    else:
        inputs = tuple(DraftFile("0", "image", url, 0, None) for url in found.urls)
    await open_panel(interaction)
    request = dataclasses.replace(new_image_request(), spoiler=found.spoiler)
    try:
        await describe(interaction, services, new_offer(interaction, PromptSource.IMAGE, request, inputs=inputs))
    except UserError as error:
        if linked and error.code in ("picture_unreachable", "no_picture_there"):
            raise UserError("link_unreachable") from error
        raise


async def describe_task(interaction: Interaction, services: Services, task_id: str) -> None:
    """Describes the result of a task in the acknowledged private message. Raises UserError, StorageError."""
    task = await services.service.policy.task_for(actor_of(interaction), Operation.SHOW, task_id)
    request = dataclasses.replace(new_image_request(), spoiler=task.request.spoiler)
    await describe(interaction, services, new_offer(interaction, PromptSource.IMAGE, request, task_id=task.id))


async def describe(interaction: Interaction, services: Services, offered: OfferedPrompts) -> None:
    """Shows descriptions of the offer's image in the acknowledged private message. Raises UserError, StorageError."""
    check_running(interaction)
    model_for(services.platform, Role.VISION)
    # Only the small image stays in memory while the model looks at it.
    async with _image(interaction, services, offered) as image:
        small = await _reduced(image)
    language = language_for(interaction, offered)

    async def write(_: OfferedPrompts) -> tuple[str, ...]:
        return await image_descriptions(services.platform, small, language)

    await show_offer(interaction, services, offered, write)


@asynccontextmanager
async def _image(interaction: Interaction, services: Services, offered: OfferedPrompts) -> AsyncIterator[bytes]:
    user_id = offered.user_id
    if offered.task_id:
        async with services.attachments.room(user_id, image_attachments.MAX_GIVEN):
            yield await _result(interaction, services, offered.task_id)
        return
    files = [dataclasses.replace(each, url=await services.links.current(each.url)) for each in offered.inputs]
    if files[0].size:
        attachments: list[discord.Attachment] = [attachment_of(interaction, files[0])]
        async with services.attachments.read(user_id, attachments) as given:
            yield given.pictures[0].data
        return
    async with services.attachments.room(user_id, image_attachments.MAX_GIVEN):
        given = await download_image(services.fetcher, tuple(each.url for each in files))
        yield given.pictures[0].data


async def _result(interaction: Interaction, services: Services, task_id: str) -> bytes:
    task = await services.service.policy.task_for(actor_of(interaction), Operation.SHOW, task_id)
    try:
        first, *_ = await services.result_images.of(task)
    except (ImageError, NotAnImage, ValueError) as error:
        raise UserError("picture_unreachable") from error
    return first.data


async def _reduced(image: bytes) -> bytes:
    try:
        return await image_pool.run(partial(preview, edge=DESCRIBED_EDGE), image)
    except TooCostly as error:
        raise UserError("picture_too_costly") from error
    except NotAnImage as error:
        raise UserError("no_picture_there") from error
