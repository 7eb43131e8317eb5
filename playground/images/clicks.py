"""What a button's customId means, and which services take it."""

import re
from dataclasses import dataclass

from playground.images.tasks import Kind

_KINDS: dict[str, Kind] = {
    "upsample": Kind.UPSCALE,
    "variation": Kind.VARIATION,
    "low_variation": Kind.SUBTLE,
    "high_variation": Kind.STRONG,
    "reroll": Kind.REROLL,
    "video_virtual_upscale": Kind.VIDEO_PICK,
    "inpaint": Kind.REGION,
    "customzoom": Kind.CUSTOM_ZOOM,
}
_REMIXABLE = frozenset((Kind.VARIATION, Kind.SUBTLE, Kind.STRONG, Kind.REROLL, Kind.PAN, Kind.ANIMATE))
_TRUEAI = (
    "upsample:: video_virtual_upscale variation:: reroll:: high_variation:: low_variation:: Outpaint:: pan_ upsample_"
    " CustomZoom:: Inpaint:: animate_ Picread::Retry Job::PicReader"
)


@dataclass(frozen=True)
class Click:
    """A press on a button of a task. `index` counts from 1; `detail` is a direction, a factor or a strength."""

    kind: Kind
    index: int = 1
    detail: str = ""
    every_line: bool = False
    retry: bool = False
    manual: bool = False

    @property
    def remixable(self) -> bool:
        return self.kind in _REMIXABLE

    @property
    def always_window(self) -> bool:
        asks = self.kind in (Kind.REGION, Kind.CUSTOM_ZOOM) or self.manual
        return asks or (self.kind is Kind.LINE and not self.every_line)


def click_of(custom_id: str) -> Click | None:
    """The meaning of a customId of the catalogue (docs/image-api.md#buttons); None for any other."""
    parts = custom_id.split("::")
    if len(parts) < 2 or parts[0] != "MJ":
        return None
    name = parts[2] if parts[1] == "JOB" and len(parts) > 2 else parts[1]
    numbers = [int(part) for part in parts if re.fullmatch(r"\d{1,3}", part)]
    index = numbers[0] if numbers else 1
    lower = name.lower()
    if lower in _KINDS:
        return Click(_KINDS[lower], index)
    if lower == "job" or (parts[1] == "JOB" and name.startswith("PromptAnalyzer")):
        return _text_click(parts[2:], index)
    return _parametrised(parts, lower, index)


def _text_click(parts: list[str], index: int) -> Click | None:
    name = parts[0] if parts else ""
    if name == "PromptAnalyzerExtended":
        return Click(Kind.DETAILS)
    if name in ("PicReader", "PromptAnalyzer"):
        return Click(Kind.LINE, index, name, every_line=parts[-1] == "all")
    return None


def _parametrised(parts: list[str], name: str, index: int) -> Click | None:
    if name.startswith("upsample_"):
        return Click(Kind.UPSCALE_HD, 1, "4x" if "4x" in name else "creative" if "creative" in name else "2x")
    if name.startswith("pan_"):
        return Click(Kind.PAN, 1, name.removeprefix("pan_"))
    if name == "video":
        return Click(Kind.ANIMATE, 1, "high" if "high" in parts else "low", manual=parts[-1] == "manual")
    if name.startswith("animate_"):
        kind = Kind.VIDEO_EXTEND if name.endswith("_extend") else Kind.ANIMATE
        return Click(kind, 1, "high" if "high" in name else "low")
    if name == "outpaint":
        return Click(Kind.SQUARE) if index == 100 else Click(Kind.ZOOM, 1, {75: "1.5"}.get(index, "2"))
    if name == "picread" and parts[-1] == "Retry":
        return Click(Kind.DESCRIBE, retry=True)
    return None


def trueai_takes(custom_id: str) -> bool:
    """Whether trueai's controller of 2026 lets the customId pass (docs/image-api.md#action); older ones take all."""
    return any(part in custom_id for part in _TRUEAI.split())


def newapi_action(custom_id: str) -> str | None:
    """The action that newapi reads from a customId, None for those it refuses (docs/image-api.md#action).

    Raises `IndexError` for a customId without `::`, as the original's parser does.
    """
    parts = custom_id.split("::")
    action = parts[2] if parts[1] == "JOB" else parts[1]
    if "upsample" in action:
        return "UPSCALE" if len(parts) > 3 and parts[3].isdigit() else None
    for part, name in (("pan", "PAN"), ("high_variation", "HIGH_VARIATION"), ("low_variation", "LOW_VARIATION"),
                       ("variation", "VARIATION"), ("reroll", "REROLL")):  # fmt: skip
        if part in action:
            return name
    return {"Outpaint": "ZOOM", "CustomZoom": "CUSTOM_ZOOM", "Inpaint": "INPAINT"}.get(action)
