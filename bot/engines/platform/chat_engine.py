"""What the engines have in common whose images come in the answer of a chat model."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engines.base import ImageEngine, ReportProgress
from bot.engines.models import PLATFORM, Feature, ServiceLabel
from bot.engines.platform import image_requests
from bot.engines.platform.capabilities import PlatformCapabilities
from bot.engines.platform.chat_results import answer_to
from bot.platform.chat_answer import ChatAnswer
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineProfile, InputForm
from bot.platform.requests import ChatMessage, ChatRequest
from storage import Request


class ChatEngine(ImageEngine):
    """One chat model. Its answer is the result: nothing is polled, and a lost answer cannot be found again."""

    def __init__(self, model: str, profile: EngineProfile, client: PlatformClient, *features: Feature) -> None:
        self._model = model
        # A model that reads images changes them by words, and only as a whole.
        takes_images = profile.inputs is not InputForm.NONE
        self._profile = profile.model_copy(update={"edits": takes_images, "masks": False, "upscale": None})
        self._client = client
        self._capabilities = PlatformCapabilities({Feature.BUTTONS, Feature.ACTION, *features})

    @property
    def name(self) -> str:
        """The model's name, as the platform sells it."""
        return self._model

    @property
    def capabilities(self) -> PlatformCapabilities:
        """What the model can do, by its profile."""
        return self._capabilities

    @property
    def answers_with_result(self) -> bool:
        """The image comes in the answer."""
        return True

    @property
    def service(self) -> ServiceLabel:
        """The platform, which all its models share."""
        return PLATFORM

    @property
    def repeats_inputs(self) -> bool:
        """*Again* sends the images of the request once more."""
        return True

    @property
    def takes_links(self) -> bool:
        """Models behind a person's account download images themselves (docs/platform-api.md#vision)."""
        return self._profile.inputs is InputForm.LINK

    def check(self, request: Request, images: int) -> None:
        """Compares a request with the profile. Raises Unsuitable."""
        image_requests.check(self._model, self._profile, request, images)

    async def _answer(self, messages: Sequence[ChatMessage], report: ReportProgress) -> ChatAnswer:
        """Sends a conversation once. Raises NotSent, ServiceRefused, AnswerLost."""
        request = ChatRequest(
            model=self._model,
            messages=list(messages),
            stream=True if self._profile.stream else None,
            extra=dict(self._profile.extra),
        )
        return await answer_to(self._client, request, report)
