"""Options of requests that only this engine has."""

from __future__ import annotations

from enum import StrEnum


class Dimensions(StrEnum):
    """The aspect ratio of a blend: 2:3, 1:1 or 3:2 (docs/image-api.md#blend)."""

    PORTRAIT = "PORTRAIT"
    SQUARE = "SQUARE"
    LANDSCAPE = "LANDSCAPE"


class Motion(StrEnum):
    """The amount of motion in a video (docs/image-api.md#video)."""

    LOW = "low"
    HIGH = "high"


class ChangeAction(StrEnum):
    """The actions of POST /mj/submit/change (docs/image-api.md#change)."""

    UPSCALE = "UPSCALE"
    VARIATION = "VARIATION"
    REROLL = "REROLL"
