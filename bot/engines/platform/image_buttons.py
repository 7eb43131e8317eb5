"""The buttons of results of the images API: the same request again, and changes of its images.

Buttons that change an image stand once for each image of a result. Their IDs never change, because messages keep them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from bot.engines.models import ButtonGroup, ButtonInput, PressInputs
from bot.engines.options import MAX_COUNT
from bot.platform.engines_file import EngineProfile
from storage import StoredButton, Task, TaskState


class ImageOperation(StrEnum):
    """What a button does. The values are stored."""

    AGAIN = "again"
    OTHER_RATIO = "ratio"
    VARY = "vary"
    EDIT = "edit"
    REGION = "region"
    UPSCALE = "upscale"


# Label, letter where there are several images, emoji, group for one image and for several, and input.
_LOOKS = {
    ImageOperation.UPSCALE: ("Upscale", "U", "⏫", ButtonGroup.UPSCALE, ButtonGroup.UPSCALE, ButtonInput.NONE),
    ImageOperation.VARY: ("Vary", "V", "🪄", ButtonGroup.VARY, ButtonGroup.VARY, ButtonInput.NONE),
    ImageOperation.EDIT: ("Edit", "E", "✏️", ButtonGroup.VARY, ButtonGroup.EDIT, ButtonInput.INSTRUCTION),
    ImageOperation.REGION: ("Vary (Region)", "R", "🖌️", ButtonGroup.VARY, ButtonGroup.REGION, ButtonInput.REGION),
}
AGAIN = StoredButton("again", "Again", "🔁", name="Again", group=ButtonGroup.OTHER, input=ButtonInput.NONE)
_RATIO = StoredButton("ratio", "Ratio", "📐", name="Ratio", group=ButtonGroup.OTHER, input=ButtonInput.RATIO)


def buttons_of(task: Task, profile: EngineProfile) -> tuple[StoredButton, ...]:
    """The buttons of a finished task."""
    if task.state is not TaskState.SUCCESS or task.result.missing:
        return ()
    count = min(task.image_count, MAX_COUNT)
    changes = [button for change in _LOOKS if _has(profile, change) for button in _changing(change, count)]
    # The enlargement of an image is not repeated: another model made it.
    repeats = () if operation_of(task.request.custom_id) is ImageOperation.UPSCALE else (AGAIN, _RATIO)
    return (*changes, *repeats)


def operation_of(custom_id: str | None) -> ImageOperation | None:
    """What a button of this ID does."""
    name = (custom_id or "").partition(":")[0]
    return ImageOperation(name) if name in list(ImageOperation) else None


def inputs_of(button: StoredButton) -> PressInputs:
    """What a press of a button sends in addition to its prompt."""
    change = operation_of(button.custom_id)
    if change in (ImageOperation.AGAIN, ImageOperation.OTHER_RATIO):
        return PressInputs(inputs=True)
    number = button.custom_id.partition(":")[2]
    return PressInputs(image=int(number)) if change in _LOOKS and number.isdecimal() else PressInputs()


def _has(profile: EngineProfile, change: ImageOperation) -> bool:
    """Whether the model, or for an enlargement the one of its profile, can do this."""
    match change:
        case ImageOperation.REGION:
            return profile.edits and profile.masks
        case ImageOperation.UPSCALE:
            return profile.upscale is not None
        case _:
            return profile.edits


def _changing(change: ImageOperation, count: int) -> Iterator[StoredButton]:
    label, letter, emoji, single, several, asked = _LOOKS[change]
    for number in range(1, count + 1):
        alone = count == 1
        yield StoredButton(
            f"{change}:{number}",
            label if alone else f"{letter}{number}",
            emoji if alone else "",
            name=label if alone else f"{label} {number}",
            group=single if alone else several,
            input=asked,
        )
