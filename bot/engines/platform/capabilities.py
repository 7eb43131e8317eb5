"""What the engines of a platform can do: they make images of prompts, without Midjourney's modes and flags."""

from __future__ import annotations

from collections.abc import Collection

from bot.engines.models import Feature
from bot.engines.options import Mode


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
