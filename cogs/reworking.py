"""`/edit`, `/retexture`, `/video` and `/upload`: commands on the user's own images."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.engines.models import Feature
from bot.ui.components.catalog_texts import localized
from bot.ui.inputs import image_attachments
from bot.ui.interactions.availability import lacking
from bot.ui.interactions.context import Interaction
from bot.ui.interactions.responses import send_notices
from bot.ui.interactions.router import handle_errors
from bot.ui.services import Services
from bot.ui.workflows.submit_command import NotifyChoice, Prompt, submit_with_files
from storage import Action, Request, chosen_options


class Reworking(commands.Cog):
    """The commands `/edit`, `/retexture`, `/video` and `/upload`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(name="edit", description=localized("edit.description"))
    @app_commands.describe(
        prompt=localized("edit.prompt"), image=localized("edit.image"), notify=localized("imagine.notify")
    )
    async def edit(
        self, interaction: Interaction, prompt: Prompt, image: discord.Attachment, notify: NotifyChoice | None = None
    ) -> None:
        """Edits an image according to a prompt."""
        await submit_with_files(
            interaction, self._services, Request(Action.EDIT, prompt=prompt, notify=notify), [image]
        )

    @app_commands.command(name="retexture", description=localized("retexture.description"))
    @app_commands.describe(
        prompt=localized("retexture.prompt"), image=localized("retexture.image"), notify=localized("imagine.notify")
    )
    async def retexture(
        self, interaction: Interaction, prompt: Prompt, image: discord.Attachment, notify: NotifyChoice | None = None
    ) -> None:
        """Restyles an image according to a prompt."""
        await submit_with_files(
            interaction, self._services, Request(Action.RETEXTURE, prompt=prompt, notify=notify), [image]
        )

    @app_commands.command(name="video", description=localized("video.description"))
    @app_commands.describe(
        prompt=localized("video.prompt"),
        image=localized("video.image"),
        end=localized("video.end"),
        motion=localized("video.motion"),
        loop=localized("video.loop"),
        notify=localized("imagine.notify"),
    )
    async def video(
        self,
        interaction: Interaction,
        prompt: Prompt,
        image: discord.Attachment,
        end: discord.Attachment | None = None,
        motion: Literal["low", "high"] | None = None,
        loop: bool = False,
        notify: NotifyChoice | None = None,
    ) -> None:
        """Animates an image."""
        asked = Request(Action.VIDEO, prompt=prompt, options=chosen_options(motion=motion, loop=loop), notify=notify)
        await submit_with_files(interaction, self._services, asked, [image, end] if end else [image])

    @app_commands.command(name="upload", description=localized("upload.description"))
    @app_commands.describe(
        image1=localized("upload.image"),
        image2=localized("upload.image_more"),
        image3=localized("upload.image_more"),
        image4=localized("upload.image_more"),
        image5=localized("upload.image_more"),
    )
    async def upload(
        self,
        interaction: Interaction,
        image1: discord.Attachment,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        image5: discord.Attachment | None = None,
    ) -> None:
        """Uploads images to the image service and sends their URLs."""
        async with handle_errors(interaction):
            images = [image for image in (image1, image2, image3, image4, image5) if image]
            if self._services.engines.with_feature(Feature.UPLOAD) is None:
                raise lacking("upload")
            image_attachments.check_attachments(images)
            await interaction.response.defer(ephemeral=True, thinking=True)
            async with self._services.attachments.read(interaction.user.id, images) as given:
                urls = await self._services.service.upload(given.pictures)
            await image_attachments.send_urls(interaction, urls)
            await send_notices(interaction, given.notes)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Reworking(bot.services))
