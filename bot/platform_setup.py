"""Creates and connects what a platform serves: its engines, chats, speech, and what its models write.

`bot.app` imports this only if there is a platform. A bot without one needs none of the packages behind it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp
from pydantic import SecretStr

from bot.chat.chats import Chats
from bot.chat.speech import Speech
from bot.client import AtelierBot
from bot.discord_api.message_sender import MessageSender
from bot.engines.platform import ImageTaskReader, PlatformEngines
from bot.media import ImageDownloader
from bot.platform.service import Platform, open_platform
from bot.runtime.supervisor import TaskSupervisor
from bot.settings import Settings
from bot.tasks.requests import AttachmentLinks
from bot.ui.cards.card_attachments import ResultImages
from bot.ui.chat.answer_display import MessageDisplay
from bot.ui.chat.answer_images import AnswerImages
from bot.ui.chat.mentions import MessageReceiver
from bot.ui.inputs.image_attachments import Attachments
from bot.ui.language.alt_texts import AltTexts
from bot.ui.language.described_images import describe_image
from bot.ui.language.spoken_prompts import write_down
from bot.ui.services import ModelWriting
from storage import Store, TaskId


class PlatformSetup:
    """A platform, and how the rest of the program is connected to it."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    @classmethod
    async def open(
        cls, session: aiohttp.ClientSession, base_url: str, key: SecretStr, settings: Settings, store: Store
    ) -> PlatformSetup:
        """Connects to the platform at this URL. No request is sent. Raises EnginesFileError, StorageError."""
        return cls(await open_platform(session, base_url, key, settings.engines_file, store.key_values))

    def engines(self) -> PlatformEngines:
        """The engines of its image models."""
        return PlatformEngines(self.platform.client, self.platform.models)

    def task_reader(self) -> ImageTaskReader:
        """Reads the tasks of all its engines."""
        return ImageTaskReader(self.platform.client)

    def speech(self) -> Speech:
        """Makes sound of text."""
        return Speech(self.platform)

    def writing(self) -> ModelWriting:
        """Makes prompts of what messages hold."""
        return _Writing()

    def chats(
        self,
        store: Store,
        tasks: TaskSupervisor,
        sender: MessageSender,
        fetcher: ImageDownloader,
        links: AttachmentLinks,
    ) -> Chats:
        """The chats with its models. `tasks` owns the answers under way."""
        display = MessageDisplay(sender, AnswerImages(fetcher), self.platform.models)
        return Chats(store, self.platform, tasks, display, links.current, now=store.ownership.now)

    async def start_chats(self, bot: AtelierBot, attachments: Attachments) -> None:
        """Ends the answers that an earlier run left, and lets people chat by direct messages and replies. Raises
        StorageError."""
        if chats := bot.services.chats:
            await chats.resume()
            receiver = MessageReceiver(bot, chats, bot.services.store, self.platform.models, attachments)
            bot.receive_messages(receiver.receive)

    def alt_texts(
        self,
        store: Store,
        images: ResultImages,
        background: TaskSupervisor,
        redraw: Callable[[TaskId], Awaitable[None]],
    ) -> AltTexts:
        """Writes the alt texts of results. `redraw` edits the messages of a task."""
        return AltTexts(store, self.platform, images, background, redraw)


class _Writing:
    """What its models write about what a message holds."""

    describe_image = staticmethod(describe_image)
    write_down = staticmethod(write_down)
