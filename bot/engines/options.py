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


class Dimensions(StrEnum):
    """The aspect ratio of a blend by Midjourney: 2:3, 1:1 or 3:2 (docs/image-api.md#blend)."""

    PORTRAIT = "PORTRAIT"
    SQUARE = "SQUARE"
    LANDSCAPE = "LANDSCAPE"


class Motion(StrEnum):
    """The amount of motion in a video by Midjourney (docs/image-api.md#video)."""

    LOW = "low"
    HIGH = "high"


# Options of requests to engines that do not read Midjourney's flags.
RATIO = "aspect"
"""The aspect ratio, such as `16:9`."""
QUALITY = "quality"
"""A word of the model."""
COUNT = "n"
"""How many images one request makes."""
TRANSPARENT = "transparent"
"""A switch: the background is transparent."""
MASKED = "masked"
"""A switch: the last image of the request is the mask of a region."""
LEFT_OUT = "left_out"
"""The flags that were typed and not sent, because the engine does not read them."""

# How many images of one request a message shows.
MAX_COUNT = 4
# The aspect ratios that people can choose.
RATIOS = ("1:1", "3:2", "2:3", "4:3", "3:4", "16:9", "9:16", "21:9")
