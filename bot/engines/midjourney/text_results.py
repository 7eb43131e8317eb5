"""The texts of finished tasks: those of describe and shorten, with numbered lines (docs/image-api.md#results)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.net.untrusted_data import text

# Results of describe and shorten are texts with numbered lines, in a different field in every dialect
# (docs/image-api.md#results). These actions have images as their results.
DRAWN = frozenset(
    {
        "IMAGINE", "BLEND", "UPSCALE", "UPSCALE_HD", "VARIATION", "HIGH_VARIATION", "LOW_VARIATION", "REROLL", "ZOOM",
        "CUSTOM_ZOOM", "OUTPAINT", "PAN", "INPAINT", "SHOW", "SWAP_FACE", "SWAP_VIDEO_FACE", "VIDEO", "VIDEO_EXTEND",
        "EDIT", "EDITS", "RETEXTURE", "UPLOAD",
    }
)  # fmt: skip
# A line begins with a keycap digit and continues up to a blank line or the next number.
_LINE = re.compile(
    "^[ \\t]*([1-9])\ufe0f?\u20e3[ \\t]*(.*(?:\n(?![ \\t]*(?:\n|[1-9]\ufe0f?\u20e3|#)).+)*)", re.MULTILINE
)
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")


def text_of(action: str, final_prompt: Any, fields: Mapping[str, Any]) -> str | None:
    """Returns the text of a finished task whose action is not one of `DRAWN`, or None if its result is an image.
    `action` is in upper case, the names of `fields` in camel case."""
    final = _clean(final_prompt)
    if action == "SHORTEN":
        places = [final, _clean(fields.get("description"))]
    else:
        places = [final, _clean(fields.get("promptEn")), _clean(fields.get("prompt"))]
    numbered = next((place for place in places if text_lines(place)), None)
    if numbered or action not in ("DESCRIBE", "SHORTEN"):
        return numbered
    return next((place for place in places if place), None)


def text_lines(result: str) -> tuple[str, ...]:
    """Returns the numbered lines from 1 on, without numbers and link targets. The first missing number ends the
    list."""
    found: dict[int, str] = {}
    for match in _LINE.finditer(result):
        words = " ".join(_LINK.sub(r"\1", match[2]).split())
        found.setdefault(int(match[1]), words)
    count = next(index for index in range(11) if index + 1 not in found)
    return tuple(found[index] for index in range(1, count + 1))


def _clean(value: Any) -> str:
    return text(value).replace("\r\n", "\n").replace("\r", "\n").strip()
