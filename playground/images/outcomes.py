"""What comes of a press: the result of a click on a task."""

from dataclasses import replace

from playground.images import lineage
from playground.images.clicks import Click
from playground.images.pictures import Artwork, Picture
from playground.images.studio import Studio
from playground.images.tasks import Kind, Result, Task
from playground.images.texts import shortened, weighed
from playground.images.words import Reading, read, without_flag

_REPEATABLE = frozenset((Kind.IMAGINE, Kind.LINE, Kind.REROLL))


def outcome(studio: Studio, click: Click, parent: Task, prompt: str, seed: int, mask: bytes | None) -> Result:
    """The result of a click with this prompt (the parent's, unless a window changed it)."""
    if click.kind is Kind.LINE:
        return Result(lineage.first_grid(read(prompt), seed, studio.side, niji=False))
    if click.kind is Kind.DETAILS:
        return Result(text=weighed(parent.prompt), lines=shortened(parent.prompt)[1])
    if parent.artwork is None:
        return Result()
    if click.kind is Kind.REROLL:
        return Result(_rerolled(studio, parent, prompt, seed))
    return Result(_reworked(click, parent.artwork, prompt, seed, mask, changed=prompt != parent.prompt))


def _rerolled(studio: Studio, parent: Task, prompt: str, seed: int) -> Artwork:
    art = parent.artwork
    assert art is not None  # noqa: S101 - the caller has looked
    if parent.kind in _REPEATABLE:
        return lineage.first_grid(read(prompt), seed, studio.side, niji=art.cells[0].scene.flat)
    if parent.kind is Kind.BLEND:
        ratio = art.size[0] / art.size[1]
        return lineage.blended(parent.given, replace(read(prompt), aspect=ratio), seed, studio.side)
    return Artwork(lineage.varied(art.cells[0], seed, lineage.STRONG).cells, art.motion)


def _reworked(click: Click, art: Artwork, prompt: str, seed: int, mask: bytes | None, *, changed: bool) -> Artwork:
    one = art.cells[min(max(click.index, 1), len(art.cells)) - 1]
    reading = read(prompt) if changed else None
    match click.kind:
        case Kind.UPSCALE | Kind.VIDEO_PICK:
            return lineage.upscaled(art, click.index)
        case Kind.UPSCALE_HD:
            return lineage.enlarged(art, factor=4 if click.detail == "4x" else 2, creative=click.detail == "creative")
        case Kind.VARIATION:
            return lineage.varied(one, seed, lineage.RELATED, reading)
        case Kind.SUBTLE:
            return lineage.varied(one, seed, lineage.SUBTLE, reading)
        case Kind.STRONG:
            return lineage.varied(one, seed, lineage.STRONG, reading)
        case Kind.REGION:
            return lineage.repainted(one, mask or b"", seed, reading or read(prompt))
        case Kind.ANIMATE | Kind.VIDEO_EXTEND:
            return lineage.animated(one, seed, high=click.detail == "high")
        case _:
            return _widened(click, one, read(prompt), seed)


def _widened(click: Click, picture: Picture, reading: Reading, seed: int) -> Artwork:
    if click.kind is Kind.PAN:
        way = click.detail
        return lineage.widened(picture, lambda view: view.extended(way), seed, keep_height=False)
    if click.kind is Kind.SQUARE:
        return lineage.widened(picture, lambda view: view.squared(), seed, keep_height=False)
    factor = (reading.zoom or 2.0) if click.kind is Kind.CUSTOM_ZOOM else float(click.detail)
    return lineage.widened(picture, lambda view: view.zoomed_out(factor), seed, keep_height=True)


def zoom_problem(prompt: str) -> str | None:
    """Why a custom zoom cannot be drawn; None when it can."""
    zoom = read(prompt).zoom
    if zoom is not None and not 1.0 <= zoom <= 2.0:
        return f"[Invalid parameter] --zoom must be between 1 and 2, not {zoom:g}"
    return None


def proposal_of(click: Click, parent: Task) -> str:
    """What a window is prefilled with."""
    if click.kind is Kind.REGION:
        return ""
    if click.kind is Kind.CUSTOM_ZOOM:
        return without_flag(parent.final_prompt, "zoom") + " --zoom 2"
    if click.kind is Kind.LINE:
        lines = parent.result.lines
        return lines[min(max(click.index, 1), len(lines)) - 1] if lines else parent.prompt
    return parent.final_prompt
