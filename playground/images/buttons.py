"""Which buttons a finished task has (docs/image-api.md#buttons)."""

import re

from playground.images.profiles import Profile
from playground.images.prompt import parse_prompt
from playground.images.tasks import ButtonAction, Json, Kind, Status, Task

Entry = tuple[str, str, str]  # customId, label, emoji
_NO_GRID = frozenset((Kind.UPSCALE, Kind.UPSCALE_HD, Kind.DESCRIBE, Kind.SHORTEN, Kind.DETAILS, Kind.ANIMATE,
                      Kind.VIDEO_EXTEND, Kind.VIDEO_PICK, Kind.SWAP, Kind.SWAP_VIDEO))  # fmt: skip
DIGITS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣")


def buttons_of(task: Task, profile: Profile, *, partner: bool = False) -> list[Json]:
    """The buttons of a task, in the service's order; none before SUCCESS, or where the service has none."""
    if task.status is not Status.SUCCESS or task.buttonless:
        return []
    trueai = profile.dialect == "trueai"
    if task.kind not in _NO_GRID:
        entries = _grid(task.job)
    elif task.kind in (Kind.UPSCALE, Kind.UPSCALE_HD):
        entries = _single(task, indexed_zoom=partner or trueai)
        if partner and profile.name == "trueai-9":
            entries += _videos_by_name(task.job)
    else:
        entries = _others(task, picks_all=trueai)
    return [
        {"customId": key, "emoji": emoji, "label": label, "type": 2, "style": 1 if key in task.used else 2}
        for key, label, emoji in entries
    ]


def _grid(job: str) -> list[Entry]:
    ups = [(f"MJ::JOB::upsample::{n}::{job}", f"U{n}", "") for n in range(1, 5)]
    variations = [(f"MJ::JOB::variation::{n}::{job}", f"V{n}", "") for n in range(1, 5)]
    return [*ups, (f"MJ::JOB::reroll::0::{job}::SOLO", "", "🔄"), *variations]


def _others(task: Task, *, picks_all: bool) -> list[Entry]:
    job = task.job
    if task.kind is Kind.DESCRIBE:
        lines = [(f"MJ::Job::PicReader::{n}", "", DIGITS[n - 1]) for n in range(1, 5)]
        every = [("MJ::Job::PicReader::all", "Imagine all", "🎉")] if picks_all else []
        return [*lines, ("MJ::Picread::Retry", "", "🔄"), *every]
    if task.kind in (Kind.SHORTEN, Kind.DETAILS):
        spelling = "JOB" if task.gateway_spelling else "Job"
        lines = [(f"MJ::{spelling}::PromptAnalyzer::{n}", "", DIGITS[n - 1]) for n in range(1, 6)]
        details = [("MJ::Job::PromptAnalyzerExtended", "Show Details", "")] if task.kind is Kind.SHORTEN else []
        return lines + details
    if task.kind in (Kind.ANIMATE, Kind.VIDEO_EXTEND):
        picks = [(f"MJ::JOB::video_virtual_upscale::{n}::{job}", f"U{n}", "") for n in range(1, 5)]
        return [*picks, (f"MJ::JOB::reroll::0::{job}::SOLO", "", "🔄")]
    ways = ("high", "low") if task.kind is Kind.VIDEO_PICK else ()
    return [(f"MJ::JOB::animate_{way}_extend::1::{job}", f"Extend ({way.title()} motion)", "🎞️") for way in ways]


def _single(task: Task, *, indexed_zoom: bool) -> list[Entry]:
    job, prompt = task.job, parse_prompt(task.final_prompt)
    old, newest = prompt.version[:1] in "1234", prompt.version[:1] == "8"

    def solo(name: str, label: str, emoji: str) -> Entry:
        return f"MJ::{name}::1::{job}::SOLO", label, emoji

    entries = [] if newest else [solo(*entry) for entry in _enlargements(prompt.version, task.kind is Kind.UPSCALE_HD)]
    if old:
        return [*entries, solo("JOB::variation", "Make Variations", "🪄"), (f"MJ::BOOKMARK::{job}", "", "❤️")]
    entries += [solo(f"JOB::{way}_variation", label, "🪄") for way, label in _VARIATIONS]
    entries.append(solo("Inpaint", "Vary (Region)", "🖌️"))
    if not newest:
        zoom = f"MJ::CustomZoom::1::{job}" if indexed_zoom else f"MJ::CustomZoom::{job}"
        entries += [(f"MJ::Outpaint::{n}::1::{job}::SOLO", f"Zoom Out {x}x", "🔍") for n, x in ((50, "2"), (75, "1.5"))]
        if task.artwork and task.artwork.size[0] != task.artwork.size[1]:
            entries.append((f"MJ::Outpaint::100::1::{job}::SOLO", "Make Square", "↔️"))
        entries.append((zoom, "Custom Zoom", "🔍"))
        entries += [solo(f"JOB::pan_{way}", "", arrow) for way, arrow in _ARROWS]
    if not prompt.niji:
        entries += [solo(f"JOB::animate_{way}", f"Animate ({way.title()} motion)", "🎞️") for way in ("high", "low")]
    return [*entries, (f"MJ::BOOKMARK::{job}", "", "❤️")]


_VARIATIONS = (("low", "Vary (Subtle)"), ("high", "Vary (Strong)"))
_ARROWS = (("left", "⬅️"), ("right", "➡️"), ("up", "⬆️"), ("down", "⬇️"))


def _videos_by_name(job: str) -> list[Entry]:
    return [
        (f"MJ::JOB::video::{motion}::{job}::vid_1.1_i2v_480::{how}", f"{how.title()} {motion.title()} Motion", "🎞️")
        for how in ("auto", "manual")
        for motion in ("low", "high")
    ]


def _enlargements(version: str, again: bool) -> list[Entry]:
    redo = "Redo " if again else ""
    if version[:1] in "1234":
        return [("JOB::upsample_max", "Upscale to Max", "upscale_1")]
    if version[:1] == "5":
        return [(f"JOB::upsample_v5_{n}x", f"{redo}Upscale ({n}x)", "upscale_1") for n in (2, 4)]
    model = {"6": "v6", "6.1": "v6r1"}.get(version, "v7")
    ways = ("subtle", "creative")
    return [(f"JOB::upsample_{model}_2x_{way}", f"{redo}Upscale ({way.title()})", "upscale_1") for way in ways]


# What a customId means


_KINDS = {"upsample": Kind.UPSCALE, "variation": Kind.VARIATION, "low_variation": Kind.SUBTLE,
          "high_variation": Kind.STRONG, "reroll": Kind.REROLL, "video_virtual_upscale": Kind.VIDEO_PICK,
          "inpaint": Kind.REGION, "customzoom": Kind.CUSTOM_ZOOM}  # fmt: skip
_TRUEAI = (
    "upsample:: video_virtual_upscale variation:: reroll:: high_variation:: low_variation:: Outpaint:: pan_ upsample_"
    " CustomZoom:: Inpaint:: animate_ Picread::Retry Job::PicReader"
)


def parse_custom_id(custom_id: str) -> ButtonAction | None:
    """The meaning of a customId of the catalog (docs/image-api.md#buttons); None for any other."""
    parts = custom_id.split("::")
    if len(parts) < 2 or parts[0] != "MJ":
        return None
    name = parts[2] if parts[1] == "JOB" and len(parts) > 2 else parts[1]
    index = next((int(part) for part in parts if re.fullmatch(r"\d{1,3}", part)), 1)
    if kind := _KINDS.get(name.lower()):
        return ButtonAction(kind, index)
    if name == "Job" or name.startswith("PromptAnalyzer"):
        detail = parts[2] if len(parts) > 2 else ""
        if detail in ("PicReader", "PromptAnalyzer"):
            return ButtonAction(Kind.LINE, index, detail, every_line=parts[-1] == "all")
        return ButtonAction(Kind.DETAILS) if detail == "PromptAnalyzerExtended" else None
    return _with_detail(parts, name.lower(), index)


def _with_detail(parts: list[str], name: str, index: int) -> ButtonAction | None:
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
    return ButtonAction(Kind.DESCRIBE, retry=True) if name == "picread" and parts[-1] == "Retry" else None


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
