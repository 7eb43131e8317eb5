"""The objects that the cogs depend on.

What only a platform or the mask editor needs is imported for its types: a bot without them does not load those
packages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import discord

from bot.engines.registry import EngineRegistry
from bot.media import ImageDownloader
from bot.platform.roles import Role
from bot.search.image_search import ImageSearch
from bot.tasks.requests import AttachmentLinks
from bot.tasks.service import TaskService
from bot.tasks.task_images import TaskImages
from bot.ui.cards.card_attachments import AttachmentBuilder, ResultImages
from bot.ui.cards.result_thumbnails import ResultThumbnails
from bot.ui.delivery.removals import Removals
from bot.ui.delivery.worker import Delivery
from bot.ui.inputs.image_attachments import Attachments
from bot.ui.inputs.message_images import MessageImage
from bot.ui.interactions.context import Interaction
from bot.ui.notifications.notifier import Notifier
from storage import Store

if TYPE_CHECKING:
    from bot.chat.chats import Chats
    from bot.chat.speech import Speech
    from bot.platform.service import Platform
    from bot.web.mask_editor import MaskEditor


class ModelWriting(Protocol):
    """What models of a platform write about what a message holds.

    Each method acknowledges the interaction, and raises UserError and StorageError.
    """

    async def describe_image(
        self, interaction: Interaction, services: Services, found: MessageImage, *, linked: bool = False
    ) -> None:
        """Shows prompts that describe an image. `linked`: the user typed its URL."""

    async def write_down(self, interaction: Interaction, services: Services, attachment: discord.Attachment) -> None:
        """Shows what is said in a recording, as a prompt."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Services:
    """The program's services, created in `bot.app`."""

    store: Store
    engines: EngineRegistry
    service: TaskService
    delivery: Delivery
    attachment_builder: AttachmentBuilder
    result_images: ResultImages
    thumbnails: ResultThumbnails
    fetcher: ImageDownloader
    attachments: Attachments
    notifier: Notifier
    links: AttachmentLinks
    removals: Removals
    task_images: TaskImages
    search: ImageSearch
    mask_editor: MaskEditor | None = None
    """None if the bot has no public URL."""
    platform: Platform | None = None
    """None if the platform's other models are switched off."""
    chats: Chats | None = None
    """None without a platform."""
    speech: Speech | None = None
    """None without a platform."""
    writing: ModelWriting | None = None
    """None without a platform."""

    def serves(self, role: Role) -> bool:
        """Whether a platform has a model for this use now, as far as is known."""
        return self.platform is not None and self.platform.models.for_role(role) is not None
