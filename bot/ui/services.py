"""The objects that the cogs depend on."""

from __future__ import annotations

from dataclasses import dataclass

from bot.chat.chats import Chats
from bot.chat.speech import Speech
from bot.engines.registry import EngineRegistry
from bot.media import ImageDownloader
from bot.platform.service import Platform
from bot.search.image_search import ImageSearch
from bot.tasks.attachment_links import AttachmentLinks
from bot.tasks.service import TaskService
from bot.tasks.task_images import TaskImages
from bot.ui.cards.card_attachments import AttachmentBuilder
from bot.ui.cards.result_images import ResultImages
from bot.ui.cards.result_thumbnails import ResultThumbnails
from bot.ui.delivery.removals import Removals
from bot.ui.delivery.worker import Delivery
from bot.ui.inputs.image_attachments import Attachments
from bot.ui.notifications.notifier import Notifier
from bot.web.mask_editor import MaskEditor
from storage import Store


@dataclass(frozen=True, slots=True)
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
