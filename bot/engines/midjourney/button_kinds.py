"""The kinds of Midjourney's buttons: what their IDs are parsed into, and their labels, emoji, groups and inputs
(docs/image-api.md#buttons)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.engines.models import ButtonGroup, ButtonInput

# The ID of a Midjourney job: a UUID in lower case.
JOB_ID_PATTERN = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

# IDs defined by the bot, for services with the older `change` and without buttons (docs/image-api.md#change).
CHANGE_NAMESPACE = "change"

# Names of Midjourney's custom emoji, which other bots cannot use.
CUSTOM_EMOJI = {
    "upscale_1": "⏫",
    "upscale_2": "⏫",
    "upscale": "⏫",
    "vary": "🪄",
    "zoom": "🔍",
    "animate": "🎞️",
    "reroll": "🔄",
}
ARROWS = {"left": "⬅️", "right": "➡️", "up": "⬆️", "down": "⬇️"}


class ActionKind(StrEnum):
    """What a button does."""

    UPSCALE = "upscale"
    VARIATION = "variation"
    REROLL = "reroll"
    UPSCALE_HD = "upscale_hd"
    VARY_SUBTLE = "vary_subtle"
    VARY_STRONG = "vary_strong"
    REGION = "region"
    ZOOM = "zoom"
    SQUARE = "square"
    CUSTOM_ZOOM = "custom_zoom"
    PAN = "pan"
    ANIMATE = "animate"
    DESCRIBE_LINE = "describe_line"
    DESCRIBE_ALL = "describe_all"
    DESCRIBE_RETRY = "describe_retry"
    SHORTEN_LINE = "shorten_line"
    SHORTEN_DETAILS = "shorten_details"
    VIDEO_PICK = "video_pick"
    VIDEO_EXTEND = "video_extend"
    VIDEO_MANUAL = "video_manual"
    BOOKMARK = "bookmark"
    CANCEL = "cancel"
    CHANGE = "change"
    INTERNAL = "internal"
    OTHER = "other"


class ChangeAction(StrEnum):
    """The actions of POST /mj/submit/change (docs/image-api.md#change)."""

    UPSCALE = "UPSCALE"
    VARIATION = "VARIATION"
    REROLL = "REROLL"


@dataclass(frozen=True, slots=True)
class ParsedId:
    """A parsed customId.

    `index` is the number of the image, video or line that the button refers to, or None. `direction` belongs to PAN.
    `variant` distinguishes buttons of one kind ("subtle", "2x", "high", "1.5x" …). `change` is the action of a CHANGE
    button.
    """

    kind: ActionKind
    index: int | None = None
    direction: str | None = None
    variant: str = ""
    change: str = ""


WINDOWED = frozenset(
    {
        ActionKind.REGION,
        ActionKind.CUSTOM_ZOOM,
        ActionKind.DESCRIBE_LINE,
        ActionKind.SHORTEN_LINE,
        ActionKind.VIDEO_MANUAL,
    }
)
REMIXABLE = frozenset(
    {
        ActionKind.VARIATION,
        ActionKind.VARY_SUBTLE,
        ActionKind.VARY_STRONG,
        ActionKind.REROLL,
        ActionKind.PAN,
        ActionKind.ANIMATE,
    }
)
EMOJI_OF_KIND = {
    ActionKind.REROLL: "🔄",
    ActionKind.UPSCALE_HD: "⏫",
    ActionKind.VARY_SUBTLE: "🪄",
    ActionKind.VARY_STRONG: "🪄",
    ActionKind.REGION: "🖌️",
    ActionKind.ZOOM: "🔍",
    ActionKind.CUSTOM_ZOOM: "🔍",
    ActionKind.SQUARE: "↔️",
    ActionKind.ANIMATE: "🎞️",
    ActionKind.VIDEO_EXTEND: "🎞️",
    ActionKind.VIDEO_MANUAL: "🎞️",
    ActionKind.DESCRIBE_ALL: "🎉",
    ActionKind.DESCRIBE_RETRY: "🔄",
    ActionKind.BOOKMARK: "❤️",
}
LABELS = {
    ActionKind.REROLL: "Reroll",
    ActionKind.VARY_SUBTLE: "Vary (Subtle)",
    ActionKind.VARY_STRONG: "Vary (Strong)",
    ActionKind.REGION: "Vary (Region)",
    ActionKind.SQUARE: "Make Square",
    ActionKind.CUSTOM_ZOOM: "Custom Zoom",
    ActionKind.DESCRIBE_ALL: "Imagine all",
    ActionKind.DESCRIBE_RETRY: "Retry",
    ActionKind.SHORTEN_DETAILS: "Show Details",
    ActionKind.BOOKMARK: "Favorite",
    ActionKind.CANCEL: "Cancel Job",
}
NUMBERED = {
    ActionKind.UPSCALE: ("U", "Upscale"),
    ActionKind.VARIATION: ("V", "Make Variations"),
    ActionKind.VIDEO_PICK: ("U", "Upscale"),
    ActionKind.DESCRIBE_LINE: ("", "Line"),
    ActionKind.SHORTEN_LINE: ("", "Line"),
}
CHANGES: dict[str, ActionKind] = {
    ChangeAction.UPSCALE: ActionKind.UPSCALE,
    ChangeAction.VARIATION: ActionKind.VARIATION,
    ChangeAction.REROLL: ActionKind.REROLL,
}

# Buttons of a line of text, which can also be generated as a prompt (docs/image-api.md#text-buttons).
TEXT_LINES = frozenset({ActionKind.DESCRIBE_LINE, ActionKind.SHORTEN_LINE})

GROUPS = {
    ActionKind.UPSCALE: ButtonGroup.UPSCALE,
    ActionKind.UPSCALE_HD: ButtonGroup.UPSCALE,
    ActionKind.VIDEO_PICK: ButtonGroup.UPSCALE,
    ActionKind.VARIATION: ButtonGroup.VARY,
    ActionKind.VARY_SUBTLE: ButtonGroup.VARY,
    ActionKind.VARY_STRONG: ButtonGroup.VARY,
    ActionKind.REGION: ButtonGroup.VARY,
    ActionKind.ZOOM: ButtonGroup.ZOOM,
    ActionKind.CUSTOM_ZOOM: ButtonGroup.ZOOM,
    ActionKind.SQUARE: ButtonGroup.ZOOM,
    ActionKind.PAN: ButtonGroup.PAN,
    ActionKind.ANIMATE: ButtonGroup.ANIMATE,
    ActionKind.VIDEO_EXTEND: ButtonGroup.ANIMATE,
    ActionKind.VIDEO_MANUAL: ButtonGroup.ANIMATE,
    ActionKind.BOOKMARK: ButtonGroup.FAVORITE,
}
INPUTS = {
    ActionKind.CUSTOM_ZOOM: ButtonInput.ZOOM,
    ActionKind.REGION: ButtonInput.REGION,
    ActionKind.DESCRIBE_LINE: ButtonInput.LINE,
    ActionKind.SHORTEN_LINE: ButtonInput.LINE,
}
