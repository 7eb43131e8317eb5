"""What the cogs are given to work with."""

from __future__ import annotations

from dataclasses import dataclass

from bot.midjourney import MidjourneyClient
from bot.pictures import PictureFetcher
from bot.tasks.attachment_links import AttachmentLinks
from bot.tasks.service import TaskService
from bot.ui.delivery import Delivery
from bot.ui.exhibits import Exhibitor
from bot.ui.notifications import Notifier
from bot.ui.uploads import Attachments
from bot.web.painter import Painter
from storage import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """The machine's parts, put together in `bot.app`."""

    store: Store
    midjourney: MidjourneyClient
    service: TaskService
    delivery: Delivery
    exhibitor: Exhibitor
    fetcher: PictureFetcher
    attachments: Attachments
    notifier: Notifier
    links: AttachmentLinks
    painter: Painter | None = None
    """None where the bot has no address of its own from outside."""
