"""What a button's action makes of a task."""

from dataclasses import replace

from playground.images import edits
from playground.images.pictures import Artwork
from playground.images.prompt import Prompt, parse_prompt, without_flag
from playground.images.tasks import ButtonAction, Kind, Result, Task
from playground.images.text_results import shortened, weighed

_AMOUNTS = {Kind.VARIATION: edits.RELATED, Kind.SUBTLE: edits.SUBTLE, Kind.STRONG: edits.STRONG}


def result_of_action(
    side: int, action: ButtonAction, parent: Task, prompt: str, seed: int, mask: bytes | None
) -> Result:
    """The result of an action with this prompt (the parent's, unless a modal changed it)."""
    parsed = parse_prompt(prompt)
    if action.kind is Kind.LINE:
        return Result(edits.imagined(parsed, seed, side, niji=False))
    if action.kind is Kind.DETAILS:
        return Result(text=weighed(parent.prompt), lines=shortened(parent.prompt)[1])
    if parent.artwork is None:
        return Result()
    if action.kind is Kind.REROLL:
        return Result(_rerolled(side, parent, parent.artwork, parsed, seed))
    return Result(_edited(action, parent.artwork, parsed, seed, mask, changed=prompt != parent.prompt))


def _rerolled(side: int, parent: Task, art: Artwork, prompt: Prompt, seed: int) -> Artwork:
    if parent.kind in (Kind.IMAGINE, Kind.LINE, Kind.REROLL):
        return edits.imagined(prompt, seed, side, niji=art.cells[0].scene.flat)
    if parent.kind is Kind.BLEND:
        return edits.blended(parent.given, replace(prompt, aspect=art.size[0] / art.size[1]), seed, side)
    return Artwork(edits.varied(art.cells[0], seed, edits.STRONG).cells, art.motion)


def _edited(
    action: ButtonAction, art: Artwork, prompt: Prompt, seed: int, mask: bytes | None, *, changed: bool
) -> Artwork:
    one, detail = art.cells[min(max(action.index, 1), len(art.cells)) - 1], action.detail
    match action.kind:
        case Kind.UPSCALE | Kind.VIDEO_PICK:
            return edits.upscaled(art, action.index)
        case Kind.UPSCALE_HD:
            return edits.enlarged(art, factor=4 if detail == "4x" else 2, creative=detail == "creative")
        case Kind.VARIATION | Kind.SUBTLE | Kind.STRONG:
            return edits.varied(one, seed, _AMOUNTS[action.kind], prompt if changed else None)
        case Kind.REGION:
            return edits.repainted(one, mask or b"", seed, prompt)
        case Kind.ANIMATE | Kind.VIDEO_EXTEND:
            return edits.animated(one, seed, high=detail == "high")
        case Kind.PAN:
            return edits.extended(one, lambda view: view.extended(detail), seed, keep_height=False)
        case Kind.SQUARE:
            return edits.extended(one, lambda view: view.squared(), seed, keep_height=False)
    factor = (prompt.zoom or 2.0) if action.kind is Kind.CUSTOM_ZOOM else float(detail)
    return edits.extended(one, lambda view: view.zoomed_out(factor), seed, keep_height=True)


def zoom_problem(prompt: str) -> str | None:
    """Why a custom zoom cannot be drawn; None when it can."""
    zoom = parse_prompt(prompt).zoom
    if zoom is not None and not 1.0 <= zoom <= 2.0:
        return f"[Invalid parameter] --zoom must be between 1 and 2, not {zoom:g}"
    return None


def prefill_for(action: ButtonAction, parent: Task) -> str:
    """What a modal's prompt field is prefilled with."""
    if action.kind is Kind.REGION:
        return ""
    if action.kind is Kind.CUSTOM_ZOOM:
        return without_flag(parent.final_prompt, "zoom") + " --zoom 2"
    if action.kind is Kind.LINE:
        lines = parent.result.lines
        return lines[min(max(action.index, 1), len(lines)) - 1] if lines else parent.prompt
    return parent.final_prompt
