"""Options of commands that an engine may have."""

from __future__ import annotations

from enum import StrEnum


class BotType(StrEnum):
    """The `botType` of a submit (docs/image-api.md#common-fields)."""

    MIDJOURNEY = "MID_JOURNEY"
    NIJI = "NIJI_JOURNEY"


class Mode(StrEnum):
    """The speed of a task. The values are those of the path prefixes (docs/image-api.md#modes)."""

    FAST = "fast"
    RELAX = "relax"
    TURBO = "turbo"
