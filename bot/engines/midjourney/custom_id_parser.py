"""Parser of customIds (docs/image-api.md#buttons), and of the IDs of jobs, which are part of most of them.

Requests use the customId unchanged; the parsed form only selects modals, labels and emoji. The comparison ignores case.
IDs are split at `::`, and any number of parts is accepted.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from enum import StrEnum

# The ID of a Midjourney job: a UUID in lower case.
JOB_ID_PATTERN = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_JOB_ID = re.compile(JOB_ID_PATTERN)


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


# IDs defined by the bot, for services with the older `change` and without buttons (docs/image-api.md#change).
CHANGE_NAMESPACE = "change"
_OUTPAINT = {
    "50": ParsedId(ActionKind.ZOOM, variant="2x"),
    "75": ParsedId(ActionKind.ZOOM, variant="1.5x"),
    "100": ParsedId(ActionKind.SQUARE),
}
_INTERNAL = re.compile(r".*modal|iframe|settings|picreader")
# Several properties of a button are derived from its customId, one after the other.
_REMEMBERED_PARSED = 1_000


@functools.lru_cache(maxsize=_REMEMBERED_PARSED)
def parse_id(custom_id: str) -> ParsedId:
    """Parses a customId. An unknown one has the kind OTHER."""
    family, head, *rest = [part.strip().lower() for part in custom_id.split("::")] + ["", ""]
    if family == CHANGE_NAMESPACE:
        return ParsedId(ActionKind.CHANGE, index=_number(rest[0]), change=head.upper())
    if family != "mj":
        return ParsedId(ActionKind.OTHER)
    return _parse_job(rest) if head == "job" else _parse_plain(head, rest)


def _parse_plain(head: str, rest: list[str]) -> ParsedId:
    match head:
        case "inpaint":
            # With a UUID instead of an index, this is the ID of Discord's own modal, not of a button
            # (docs/image-api.md#internal-ids).
            return ParsedId(ActionKind.INTERNAL if _JOB_ID.fullmatch(rest[0]) else ActionKind.REGION)
        case "outpaint":
            return _OUTPAINT.get(rest[0], ParsedId(ActionKind.ZOOM))
        case "customzoom":
            return ParsedId(ActionKind.CUSTOM_ZOOM)
        case "bookmark":
            return ParsedId(ActionKind.BOOKMARK)
        case "canceljob":
            return ParsedId(ActionKind.CANCEL)
        case "picread":
            return ParsedId(ActionKind.DESCRIBE_RETRY)
    return ParsedId(ActionKind.INTERNAL if _INTERNAL.fullmatch(head) else ActionKind.OTHER)


_JOBS = {
    "upsample": ActionKind.UPSCALE,
    "variation": ActionKind.VARIATION,
    "reroll": ActionKind.REROLL,
    "low_variation": ActionKind.VARY_SUBTLE,
    "high_variation": ActionKind.VARY_STRONG,
    "video_virtual_upscale": ActionKind.VIDEO_PICK,
    "picreader": ActionKind.DESCRIBE_LINE,
    "promptanalyzer": ActionKind.SHORTEN_LINE,
    "promptanalyzerextended": ActionKind.SHORTEN_DETAILS,
}

_COUNTED = frozenset(
    {
        ActionKind.UPSCALE,
        ActionKind.VARIATION,
        ActionKind.VIDEO_PICK,
        ActionKind.DESCRIBE_LINE,
        ActionKind.SHORTEN_LINE,
    }
)


def _parse_job(rest: list[str]) -> ParsedId:
    name, arguments = rest[0], rest[1:]
    if name == "picreader" and "all" in arguments:
        return ParsedId(ActionKind.DESCRIBE_ALL)
    if name == "video":
        kind = ActionKind.VIDEO_MANUAL if "manual" in arguments else ActionKind.ANIMATE
        return ParsedId(kind, variant=_either(arguments, "high", "low"))
    if known := _JOBS.get(name):
        # Under a single image (SOLO) the index is constant and meaningless (docs/image-api.md#image-buttons).
        counts = known in _COUNTED and arguments and "solo" not in arguments
        return ParsedId(known, _number(arguments[0]) if counts else None)
    return _parse_compound(name.split("_"))


def _parse_compound(words: list[str]) -> ParsedId:
    match words:
        case ["upsample", *more]:
            return ParsedId(ActionKind.UPSCALE_HD, variant=_either(more, "subtle", "creative", "4x", "2x", "max"))
        case ["pan", direction]:
            return ParsedId(ActionKind.PAN, direction=direction)
        case ["animate", *more]:
            kind = ActionKind.VIDEO_EXTEND if "extend" in more else ActionKind.ANIMATE
            return ParsedId(kind, variant=_either(more, "high", "low"))
    return ParsedId(ActionKind.OTHER)


def job_id_in(typed: str) -> str | None:
    """The ID of a Midjourney job in typed text: by itself, or in the URL of its page or image. None if there is
    none."""
    found = _JOB_ID.search(typed.lower())
    return found[0] if found else None


def _number(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    return number or None


def _either(words: list[str], *known: str) -> str:
    return next((word for word in known if word in words), "")
