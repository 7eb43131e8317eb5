"""What the engines have in common whose images come in the answer of a chat model."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engines.base import ReportProgress
from bot.engines.models import Feature
from bot.engines.platform.chat_results import answer_to
from bot.engines.platform.platform_engine import PlatformEngine
from bot.platform.chat_answer import ChatAnswer
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineProfile, InputForm
from bot.platform.requests import ChatMessage, ChatRequest


class ChatEngine(PlatformEngine):
    """One chat model. Its answer is the result, so nothing is polled."""

    def __init__(self, model: str, profile: EngineProfile, client: PlatformClient, *features: Feature) -> None:
        # A model that reads images changes them by words, and only as a whole.
        takes_images = profile.inputs is not InputForm.NONE
        by_words = profile.model_copy(update={"edits": takes_images, "masks": False, "upscale": None})
        super().__init__(model, by_words, client, features)

    @property
    def takes_links(self) -> bool:
        """Models behind a person's account download images themselves (docs/platform-api.md#vision)."""
        return self._profile.inputs is InputForm.LINK

    async def _answer(self, messages: Sequence[ChatMessage], report: ReportProgress) -> ChatAnswer:
        """Sends a conversation once. Raises NotSent, ServiceRefused, AnswerLost."""
        request = ChatRequest(
            model=self._model,
            messages=list(messages),
            stream=True if self._profile.stream else None,
            extra=dict(self._profile.extra),
        )
        return await answer_to(self._client, request, report)
