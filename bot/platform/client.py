"""The client of one platform with one key: all its endpoints, over one transport (docs/platform-api.md)."""

from __future__ import annotations

import aiohttp
from pydantic import SecretStr

from bot.platform.audio import AudioApi
from bot.platform.calls import Calls
from bot.platform.chat import ChatApi
from bot.platform.embeddings import EmbeddingsApi
from bot.platform.image_tasks import ImageTasks
from bot.platform.images_api import ImagesApi
from bot.platform.models import ModelsApi
from bot.platform.switches import LearnedSwitches
from bot.platform.transport import PlatformLimits, PlatformTransport


class PlatformClient:
    """The parts share what they learn about the platform. The key appears in no message, log line or repr."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        key: SecretStr | str,
        limits: PlatformLimits | None = None,
        switches: LearnedSwitches | None = None,
    ) -> None:
        """`base_url` with or without `/v1` (docs/platform-api.md#base-url). The caller closes the session."""
        self.switches = switches or LearnedSwitches()
        calls = Calls(PlatformTransport(session, base_url, key=key, limits=limits or PlatformLimits()), self.switches)
        self.base_url = calls.transport.base_url
        self.chat = ChatApi(calls)
        self.images = ImagesApi(calls)
        self.image_tasks = ImageTasks(calls)
        self.embeddings = EmbeddingsApi(calls)
        self.audio = AudioApi(calls)
        self.models = ModelsApi(calls)
