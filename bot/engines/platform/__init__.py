"""The image models of a platform: one engine for each model (docs/platform-api.md#engines)."""

from bot.engines.platform.engines import PlatformEngines
from bot.engines.platform.image_answers import ImageTaskReader

__all__ = ["ImageTaskReader", "PlatformEngines"]
