"""`/blend`, `/describe`, `/shorten` and `/swap`: further commands on images and prompts."""

from __future__ import annotations

from functools import partial
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.errors import UserError
from bot.tasks.prompt import link_in
from bot.ui.components.catalog_texts import localized
from bot.ui.inputs import image_attachments
from bot.ui.inputs.message_images import MessageImage
from bot.ui.interactions.context import Interaction
from bot.ui.interactions.responses import send_error
from bot.ui.interactions.router import handle_errors
from bot.ui.language.message_prompts import describing_instead, describing_model
from bot.ui.services import Services
from bot.ui.workflows.submit_command import NotifyChoice, Prompt, submit_with_files
from storage import Action, Request, chosen_options

MAX_LINK = 2_000


class Pictures(commands.Cog):
    """The commands `/blend`, `/describe`, `/shorten` and `/swap`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @app_commands.command(name="blend", description=localized("blend.description"))
    @app_commands.describe(
        image1=localized("blend.image"),
        image2=localized("blend.image"),
        image3=localized("blend.image_more"),
        image4=localized("blend.image_more"),
        image5=localized("blend.image_more"),
        dimensions=localized("blend.dimensions"),
        notify=localized("imagine.notify"),
    )
    async def blend(
        self,
        interaction: Interaction,
        image1: discord.Attachment,
        image2: discord.Attachment,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        image5: discord.Attachment | None = None,
        dimensions: Literal["portrait", "square", "landscape"] | None = None,
        notify: NotifyChoice | None = None,
    ) -> None:
        """Blends two to five images."""
        images = [image for image in (image1, image2, image3, image4, image5) if image]
        options = chosen_options(dimensions=dimensions and dimensions.upper())
        asked = Request(Action.BLEND, options=options, notify=notify)
        await submit_with_files(interaction, self._services, asked, images)

    @app_commands.command(name="describe", description=localized("describe.description"))
    @app_commands.describe(
        image=localized("describe.image"), link=localized("describe.link"), notify=localized("imagine.notify")
    )
    async def describe(
        self,
        interaction: Interaction,
        image: discord.Attachment | None = None,
        link: app_commands.Range[str, 1, MAX_LINK] | None = None,
        notify: NotifyChoice | None = None,
    ) -> None:
        """Generates prompts that describe an image."""
        async with handle_errors(interaction):
            if image is None and link is None:
                raise UserError("nothing_to_describe")
            # An attached image takes precedence over a link.
            address = link_in(link) if link and image is None else None
            if image is None and address is None:
                raise UserError("no_link")
            urls = () if address is None else (address,)
            found = MessageImage(image, urls, spoiler=bool(image and image.is_spoiler()))
            if writing := describing_model(self._services):
                await writing.describe_image(interaction, self._services, found, linked=image is None)
                return
            asked, files = Request(Action.DESCRIBE, link=address, notify=notify), [image] if image else []
            refused = partial(self._not_described, interaction, found)
            await submit_with_files(interaction, self._services, asked, files, refused=refused)

    async def _not_described(self, interaction: Interaction, found: MessageImage, error: UserError) -> None:
        writing = describing_instead(self._services, error)
        if writing is None:
            await send_error(interaction, error)
            return
        async with handle_errors(interaction):
            await writing.describe_image(interaction, self._services, found, linked=found.attachment is None)

    @app_commands.command(name="shorten", description=localized("shorten.description"))
    @app_commands.describe(prompt=localized("shorten.prompt"))
    async def shorten(self, interaction: Interaction, prompt: Prompt) -> None:
        """Finds out which words of a prompt matter."""
        await submit_with_files(interaction, self._services, Request(Action.SHORTEN, prompt=prompt), [])

    @app_commands.command(name="swap", description=localized("swap.description"))
    @app_commands.describe(
        source=localized("swap.source"), target=localized("swap.target"), notify=localized("imagine.notify")
    )
    async def swap(
        self,
        interaction: Interaction,
        source: discord.Attachment,
        target: discord.Attachment,
        notify: NotifyChoice | None = None,
    ) -> None:
        """Swaps the face of one image into another image or a video."""
        action = Action.SWAP_VIDEO if image_attachments.is_clip(target) else Action.SWAP
        await submit_with_files(interaction, self._services, Request(action, notify=notify), [source, target])


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Pictures(bot.services))
