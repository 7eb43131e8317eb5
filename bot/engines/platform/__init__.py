"""The image models of a platform: one engine for each model (docs/platform-api.md#engines)."""

from bot.engines.platform.engines import PlatformEngines

__all__ = ["PlatformEngines"]
