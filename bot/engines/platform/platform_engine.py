"""What the engines of a platform have in common: one model, described by its profile. It makes images of prompts,
without Midjourney's modes and flags."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot.engines.base import ImageEngine
from bot.engines.models import PLATFORM, Feature
from bot.engines.options import Mode
from bot.engines.platform import image_requests
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineProfile
from storage import Request


class PlatformCapabilities:
    """The capabilities of one model (`EngineCapabilities`)."""

    reads_mode_flag = False
    ignores_modes = True

    def __init__(self, features: Collection[Feature] = ()) -> None:
        self._features = frozenset(features)

    def has(self, feature: Feature) -> bool:
        """Whether the model has the feature."""
        return feature in self._features

    def supports_mode(self, mode: Mode) -> bool:
        """No model has modes."""
        return False


class PlatformEngine(ImageEngine):
    """One image model of a platform. A lost answer cannot be found again."""

    # The result, or the task that will have it, is only in the answer.
    answers_with_result = True
    # All models of the platform share it.
    service = PLATFORM
    # *Again* sends the images of the request once more.
    repeats_inputs = True

    def __init__(self, model: str, profile: EngineProfile, client: PlatformClient, features: Iterable[Feature]) -> None:
        """`features`: those in addition to its buttons."""
        self._model = model
        self._profile = profile
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

    def check(self, request: Request, images: int) -> None:
        """Compares a request with the profile. Raises Unsuitable."""
        image_requests.check(self._model, self._profile, request, images)
