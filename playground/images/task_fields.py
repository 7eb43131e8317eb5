"""What the task objects of several dialects have in common."""

from playground.images.profiles import Profile
from playground.images.rendering import clip_form
from playground.images.tasks import Json, Kind, Status, Task
from playground.images.urls import PictureUrls

INSTANCE = "900000000000000001"
CHANNEL = "900000000000000002"

_ACTIONS: dict[str, dict[Kind, str]] = {
    "novicezk": {},
    "plus": {
        Kind.SUBTLE: "VARIATION",
        Kind.STRONG: "VARIATION",
        Kind.REGION: "VARIATION",
        Kind.UPSCALE_HD: "UPSCALE",
        Kind.CUSTOM_ZOOM: "ZOOM",
        Kind.SQUARE: "ZOOM",
        Kind.LINE: "IMAGINE",
        Kind.DETAILS: "SHORTEN",
        Kind.SWAP: "SWAP_FACE",
        Kind.ANIMATE: "ACTION",
        Kind.VIDEO_PICK: "ACTION",
        Kind.VIDEO_EXTEND: "ACTION",
    },
    "trueai": {
        Kind.SUBTLE: "VARIATION",
        Kind.STRONG: "VARIATION",
        Kind.REGION: "VARIATION",
        Kind.ZOOM: "OUTPAINT",
        Kind.SQUARE: "OUTPAINT",
        Kind.CUSTOM_ZOOM: "OUTPAINT",
        Kind.LINE: "PIC_READER",
        Kind.SWAP: "SWAP_FACE",
        Kind.SWAP_VIDEO: "SWAP_VIDEO_FACE",
        Kind.ANIMATE: "VIDEO",
        Kind.VIDEO_PICK: "UPSCALE",
    },
    "newapi": {
        Kind.SUBTLE: "LOW_VARIATION",
        Kind.STRONG: "HIGH_VARIATION",
        Kind.REGION: "INPAINT",
        Kind.UPSCALE_HD: "UPSCALE",
        Kind.SQUARE: "ZOOM",
        Kind.SWAP: "SWAP_FACE",
        Kind.EDIT: "EDITS",
        Kind.ANIMATE: "VIDEO",
    },
}


def action_name(task: Task, dialect: str) -> str:
    """The `action` that a dialect writes for a task."""
    return _ACTIONS[dialect].get(task.kind, task.kind.name)


def progress_text(task: Task) -> str | None:
    return None if task.progress is None else f"{task.progress}%"


def prompt_fields(task: Task) -> tuple[str, str]:
    """`prompt` and `promptEn`: a describe's text stands here."""
    text = task.result.text if task.kind is Kind.DESCRIBE and task.status is Status.SUCCESS else ""
    return text or task.prompt, text or task.prompt


def final_prompt_field(task: Task) -> str:
    shown = task.kind.is_text and task.status is Status.SUCCESS
    return task.result.text if shown else task.final_prompt


def clip_urls(task: Task, profile: Profile, urls: PictureUrls) -> list[Json] | None:
    art = task.artwork if task.status is Status.SUCCESS else None
    if art is None or not art.motion or task.kind is Kind.SWAP_VIDEO:
        return None
    form = clip_form()
    return [
        {
            "url": urls.file(f"{task.id}-c{index}.{form}", profile),
            "thumbnail": urls.file(f"{task.id}-c{index}.webp", profile),
        }
        for index in range(len(art.cells))
    ]
