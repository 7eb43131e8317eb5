"""What the task objects of several dialects have in common."""

from playground.images.profiles import Profile
from playground.images.rendering import clip_form
from playground.images.tasks import Json, Kind, Status, Task
from playground.images.urls import PictureUrls

INSTANCE = "900000000000000001"
CHANNEL = "900000000000000002"
# Where a dialect's `action` is not the name of the kind.
_ACTIONS = {
    "novicezk": "",
    "plus": "SUBTLE=VARIATION STRONG=VARIATION REGION=VARIATION UPSCALE_HD=UPSCALE CUSTOM_ZOOM=ZOOM SQUARE=ZOOM"
    " LINE=IMAGINE DETAILS=SHORTEN SWAP=SWAP_FACE ANIMATE=ACTION VIDEO_PICK=ACTION VIDEO_EXTEND=ACTION",
    "trueai": "SUBTLE=VARIATION STRONG=VARIATION REGION=VARIATION ZOOM=OUTPAINT SQUARE=OUTPAINT CUSTOM_ZOOM=OUTPAINT"
    " LINE=PIC_READER SWAP=SWAP_FACE SWAP_VIDEO=SWAP_VIDEO_FACE ANIMATE=VIDEO VIDEO_PICK=UPSCALE",
    "newapi": "SUBTLE=LOW_VARIATION STRONG=HIGH_VARIATION REGION=INPAINT UPSCALE_HD=UPSCALE SQUARE=ZOOM SWAP=SWAP_FACE"
    " EDIT=EDITS ANIMATE=VIDEO",
}
_ACTION_OF_KIND = {name: dict(pair.split("=") for pair in pairs.split()) for name, pairs in _ACTIONS.items()}


def action_name(task: Task, dialect: str) -> str:
    """The `action` that a dialect writes for a task."""
    return _ACTION_OF_KIND[dialect].get(task.kind.name, task.kind.name)


def progress_text(task: Task) -> str | None:
    return None if task.progress is None else f"{task.progress}%"


def final_prompt_field(task: Task) -> str:
    """`finalPrompt`, which holds the result of a task that answers with text."""
    return task.result.text if task.kind.is_text and task.status is Status.SUCCESS else task.final_prompt


def common_fields(task: Task) -> Json:
    """The fields that all dialects but the gateway's write in the same way."""
    return {
        "id": task.id,
        "prompt": task.prompt,
        "promptEn": task.prompt,
        "description": task.description,
        "state": task.state,
        "submitTime": task.submit_time,
        "startTime": task.start_time,
        "finishTime": task.finish_time,
        "status": task.status.value,
        "progress": progress_text(task),
        "failReason": task.fail_reason,
    }


def clip_urls(task: Task, profile: Profile, urls: PictureUrls) -> list[Json] | None:
    """The addresses of a finished task's clips; None when it has none."""
    art = task.artwork if task.status is Status.SUCCESS else None
    if art is None or not art.motion or task.kind is Kind.SWAP_VIDEO:
        return None
    names, form = [f"{task.id}-c{index}" for index in range(len(art.cells))], clip_form()
    return [
        {"url": urls.file(f"{name}.{form}", profile), "thumbnail": urls.file(f"{name}.webp", profile)} for name in names
    ]
