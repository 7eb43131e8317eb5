"""Creates and connects the components of chats."""

from __future__ import annotations

from bot.chat.chats import Chats
from bot.client import AtelierBot
from bot.media import ImageDownloader
from bot.platform.service import Platform
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.attachment_links import AttachmentLinks
from bot.ui.chat.answer_display import MessageDisplay
from bot.ui.chat.answer_images import AnswerImages
from bot.ui.chat.mentions import MessageReceiver
from bot.ui.delivery.message_sender import MessageSender
from bot.ui.inputs.image_attachments import Attachments
from storage import Store


def chats_of(
    platform: Platform,
    store: Store,
    tasks: TaskSupervisor,
    sender: MessageSender,
    fetcher: ImageDownloader,
    links: AttachmentLinks,
) -> Chats:
    """The chats with the models of a platform. `tasks` owns the answers under way."""
    display = MessageDisplay(sender, AnswerImages(fetcher), platform.models)
    return Chats(store, platform, tasks, display, links.current, now=store.ownership.now)


async def start_chats(bot: AtelierBot, attachments: Attachments) -> None:
    """Ends the answers that an earlier run left, and lets people chat by direct messages and replies, if there are
    chats. Raises StorageError."""
    services = bot.services
    if services.chats and services.platform:
        await services.chats.resume()
        receiver = MessageReceiver(bot, services.chats, services.store, services.platform.models, attachments)
        bot.receive_messages(receiver.receive)
