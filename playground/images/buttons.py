"""Which buttons a finished task has (image API reference, 8.2 to 8.5)."""

import re
from dataclasses import dataclass

from playground.images.profiles import Profile
from playground.images.prompt import parse_prompt
from playground.images.tasks import Json, Kind, Status, Task

_GRIDS = frozenset(
    (Kind.IMAGINE, Kind.BLEND, Kind.VARIATION, Kind.SUBTLE, Kind.STRONG, Kind.REROLL, Kind.REGION, Kind.ZOOM,
     Kind.SQUARE, Kind.CUSTOM_ZOOM, Kind.PAN, Kind.LINE, Kind.EDIT, Kind.RETEXTURE, Kind.SHOW)
)  # fmt: skip
_DIGITS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣")


def buttons_of(task: Task, profile: Profile, *, partner: bool = False) -> list[Json]:
    """The buttons of a task, in the service's order; none before SUCCESS, or where the service has none."""
    if task.status is not Status.SUCCESS or task.buttonless:
        return []
    trueai = profile.dialect == "trueai"
    entries = _entries(task, indexed_zoom=partner or trueai, picks_all=trueai)
    if partner and profile.name == "trueai-9" and task.kind in (Kind.UPSCALE, Kind.UPSCALE_HD):
        entries += _videos_by_name(task.job)
    return [_button(task, *entry) for entry in entries]


def _button(task: Task, custom_id: str, label: str, emoji: str = "") -> Json:
    style = 1 if custom_id in task.used else 2
    return {"customId": custom_id, "emoji": emoji, "label": label, "type": 2, "style": style}


def _entries(task: Task, *, indexed_zoom: bool, picks_all: bool) -> list[tuple[str, str, str]]:
    if task.kind in _GRIDS:
        return _grid(task.job)
    if task.kind in (Kind.UPSCALE, Kind.UPSCALE_HD):
        return _single(task, indexed_zoom=indexed_zoom)
    if task.kind is Kind.DESCRIBE:
        lines = [(f"MJ::Job::PicReader::{n}", "", _DIGITS[n - 1]) for n in range(1, 5)]
        every = [("MJ::Job::PicReader::all", "Imagine all", "🎉")] if picks_all else []
        return [*lines, ("MJ::Picread::Retry", "", "🔄"), *every]
    if task.kind in (Kind.SHORTEN, Kind.DETAILS):
        job = "JOB" if task.gateway_spelling else "Job"
        lines = [(f"MJ::{job}::PromptAnalyzer::{n}", "", _DIGITS[n - 1]) for n in range(1, 6)]
        return [*lines, ("MJ::Job::PromptAnalyzerExtended", "Show Details", "")][
            : 6 if task.kind is Kind.SHORTEN else 5
        ]
    if task.kind in (Kind.ANIMATE, Kind.VIDEO_EXTEND):
        picks = [(f"MJ::JOB::video_virtual_upscale::{n}::{task.job}", f"U{n}", "") for n in range(1, 5)]
        return [*picks, (f"MJ::JOB::reroll::0::{task.job}::SOLO", "", "🔄")]
    if task.kind is Kind.VIDEO_PICK:
        return [
            (f"MJ::JOB::animate_high_extend::1::{task.job}", "Extend (High motion)", "🎞️"),
            (f"MJ::JOB::animate_low_extend::1::{task.job}", "Extend (Low motion)", "🎞️"),
        ]
    return []


def _grid(job: str) -> list[tuple[str, str, str]]:
    ups = [(f"MJ::JOB::upsample::{n}::{job}", f"U{n}", "") for n in range(1, 5)]
    variations = [(f"MJ::JOB::variation::{n}::{job}", f"V{n}", "") for n in range(1, 5)]
    return [*ups, (f"MJ::JOB::reroll::0::{job}::SOLO", "", "🔄"), *variations]


def _single(task: Task, *, indexed_zoom: bool) -> list[tuple[str, str, str]]:
    job, reading = task.job, parse_prompt(task.final_prompt)
    version = reading.version
    old, newest = version[:1] in "1234", version[:1] == "8"
    entries = [] if newest else _enlargements(job, version, again=task.kind is Kind.UPSCALE_HD)
    if old:
        entries.append((f"MJ::JOB::variation::1::{job}::SOLO", "Make Variations", "🪄"))
    else:
        entries.append((f"MJ::JOB::low_variation::1::{job}::SOLO", "Vary (Subtle)", "🪄"))
        entries.append((f"MJ::JOB::high_variation::1::{job}::SOLO", "Vary (Strong)", "🪄"))
        entries.append((f"MJ::Inpaint::1::{job}::SOLO", "Vary (Region)", "🖌️"))
    if not old and not newest:
        entries += _zooms(task, indexed=indexed_zoom)
    if not old and not reading.niji:
        entries.append((f"MJ::JOB::animate_high::1::{job}::SOLO", "Animate (High motion)", "🎞️"))
        entries.append((f"MJ::JOB::animate_low::1::{job}::SOLO", "Animate (Low motion)", "🎞️"))
    return [*entries, (f"MJ::BOOKMARK::{job}", "", "❤️")]


def _videos_by_name(job: str) -> list[tuple[str, str, str]]:
    return [
        (f"MJ::JOB::video::{motion}::{job}::vid_1.1_i2v_480::{how}", f"{how.title()} {motion.title()} Motion", "🎞️")
        for how in ("auto", "manual")
        for motion in ("low", "high")
    ]


def _enlargements(job: str, version: str, *, again: bool) -> list[tuple[str, str, str]]:
    redo = "Redo " if again else ""
    if version[:1] in "1234":
        return [(f"MJ::JOB::upsample_max::1::{job}::SOLO", "Upscale to Max", "upscale_1")]
    if version[:1] == "5":
        return [(f"MJ::JOB::upsample_v5_{n}x::1::{job}::SOLO", f"{redo}Upscale ({n}x)", "upscale_1") for n in (2, 4)]
    model = {"6": "v6", "6.1": "v6r1"}.get(version, "v7")
    return [
        (f"MJ::JOB::upsample_{model}_2x_{way}::1::{job}::SOLO", f"{redo}Upscale ({way.title()})", "upscale_1")
        for way in ("subtle", "creative")
    ]


def _zooms(task: Task, *, indexed: bool) -> list[tuple[str, str, str]]:
    job = task.job
    zoom = f"MJ::CustomZoom::1::{job}" if indexed else f"MJ::CustomZoom::{job}"
    entries = [
        (f"MJ::Outpaint::50::1::{job}::SOLO", "Zoom Out 2x", "🔍"),
        (f"MJ::Outpaint::75::1::{job}::SOLO", "Zoom Out 1.5x", "🔍"),
        (zoom, "Custom Zoom", "🔍"),
    ]
    if task.artwork and task.artwork.size[0] != task.artwork.size[1]:
        entries.insert(2, (f"MJ::Outpaint::100::1::{job}::SOLO", "Make Square", "↔️"))
    arrows = (("left", "⬅️"), ("right", "➡️"), ("up", "⬆️"), ("down", "⬇️"))
    return [*entries, *((f"MJ::JOB::pan_{way}::1::{job}::SOLO", "", arrow) for way, arrow in arrows)]


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
class ButtonAction:
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
    def needs_modal(self) -> bool:
        asks = self.kind in (Kind.REGION, Kind.CUSTOM_ZOOM) or self.manual
        return asks or (self.kind is Kind.LINE and not self.every_line)


def parse_custom_id(custom_id: str) -> ButtonAction | None:
    """The meaning of a customId of the catalogue (image API reference, 8); None for any other."""
    parts = custom_id.split("::")
    if len(parts) < 2 or parts[0] != "MJ":
        return None
    name = parts[2] if parts[1] == "JOB" and len(parts) > 2 else parts[1]
    numbers = [int(part) for part in parts if re.fullmatch(r"\d{1,3}", part)]
    index = numbers[0] if numbers else 1
    lower = name.lower()
    if lower in _KINDS:
        return ButtonAction(_KINDS[lower], index)
    if lower == "job" or (parts[1] == "JOB" and name.startswith("PromptAnalyzer")):
        return _text_click(parts[2:], index)
    return _parametrised(parts, lower, index)


def _text_click(parts: list[str], index: int) -> ButtonAction | None:
    name = parts[0] if parts else ""
    if name == "PromptAnalyzerExtended":
        return ButtonAction(Kind.DETAILS)
    if name in ("PicReader", "PromptAnalyzer"):
        return ButtonAction(Kind.LINE, index, name, every_line=parts[-1] == "all")
    return None


def _parametrised(parts: list[str], name: str, index: int) -> ButtonAction | None:
    if name.startswith("upsample_"):
        return ButtonAction(Kind.UPSCALE_HD, 1, "4x" if "4x" in name else "creative" if "creative" in name else "2x")
    if name.startswith("pan_"):
        return ButtonAction(Kind.PAN, 1, name.removeprefix("pan_"))
    if name == "video":
        return ButtonAction(Kind.ANIMATE, 1, "high" if "high" in parts else "low", manual=parts[-1] == "manual")
    if name.startswith("animate_"):
        kind = Kind.VIDEO_EXTEND if name.endswith("_extend") else Kind.ANIMATE
        return ButtonAction(kind, 1, "high" if "high" in name else "low")
    if name == "outpaint":
        return ButtonAction(Kind.SQUARE) if index == 100 else ButtonAction(Kind.ZOOM, 1, {75: "1.5"}.get(index, "2"))
    if name == "picread" and parts[-1] == "Retry":
        return ButtonAction(Kind.DESCRIBE, retry=True)
    return None


def trueai_takes(custom_id: str) -> bool:
    """Whether trueai's controller of 2026 lets the customId pass (image API reference, 5.4); older ones take all."""
    return any(part in custom_id for part in _TRUEAI.split())


def newapi_action(custom_id: str) -> str | None:
    """The action that newapi reads from a customId, None for those it refuses (image API reference, 5.4).

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
