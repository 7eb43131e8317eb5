"""Which buttons a finished task has (docs/image-api.md#buttons)."""

from playground.images.profiles import Profile
from playground.images.tasks import Json, Kind, Status, Task
from playground.images.words import read

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
    job, reading = task.job, read(task.final_prompt)
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
