"""What each button of the service does: how one artwork, or a text, is made from another."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace

from playground.images.painter import Scene, View, scene_for
from playground.images.painter.landscape import EXTRA_SIZE
from playground.images.painter.scene import Point, noise, reworded
from playground.images.pictures import Artwork, Patch, Photo, Picture, Portrait, decoded, nearest_palettes, pixels
from playground.images.prompt import Prompt, parse_prompt, without_flag
from playground.images.tasks import ButtonAction, Kind, Result, Task
from playground.images.text_results import shortened, weighed

SUBTLE, RELATED, STRONG = 0.15, 0.5, 1.0
_AMOUNTS = {Kind.VARIATION: RELATED, Kind.SUBTLE: SUBTLE, Kind.STRONG: STRONG}
WIDEST_VIEW = 24.0
_NO_PROMPT = Prompt("", ())


def _four(cell: Callable[[int], Picture]) -> Artwork:
    return Artwork(tuple(cell(index) for index in range(4)))


def imagined(prompt: Prompt, seed: int, side: int, *, niji: bool, references: Sequence[bytes] = ()) -> Artwork:
    """Four images from a prompt; reference images set the light."""
    (width, height), view = pixels(prompt.aspect, side), View.framing(prompt.aspect)
    lights = nearest_palettes(references) if references else []

    def cell(index: int) -> Picture:
        scene = scene_for(prompt, seed, index, niji=niji)
        return Picture(replace(scene, light=lights[index % 2]) if lights else scene, view, width, height)

    return _four(cell)


def blended(images: Sequence[bytes], prompt: Prompt, seed: int, side: int) -> Artwork:
    """Four mixtures of given images, on landscapes in their light."""
    grid = imagined(prompt, seed, side, niji=False, references=images).cells
    return _four(lambda n: replace(grid[n], layers=(Photo(tuple(images), grid[n].view, n),)))


def upscaled(artwork: Artwork, number: int) -> Artwork:
    """Image `number` (1 to 4) of a grid, alone; of a single image, the image."""
    return Artwork((artwork.cells[min(number, len(artwork.cells)) - 1],), artwork.motion)


def enlarged(artwork: Artwork, *, factor: int, creative: bool) -> Artwork:
    """The same image with `factor` times the pixels; creative ones are more colourful."""
    cell = artwork.cells[0]
    return Artwork((replace(cell, width=cell.width * factor, height=cell.height * factor, vivid=creative),))


def varied(picture: Picture, seed: int, amount: float, prompt: Prompt | None = None) -> Artwork:
    """Four variations of an image; with a new prompt, its words in the old composition.

    From `STRONG` on the composition is a new one, with the old subject, place and light.
    """

    def variation(scene: Scene, index: int) -> Scene:
        base = reworded(scene, prompt) if prompt else scene
        if amount >= STRONG:
            return replace(base, seed=new_seed(scene.seed, seed, index), drifts=())
        return base.relative(seed * 4 + index, amount)

    def cell(index: int) -> Picture:
        layers = tuple(
            replace(layer, scene=variation(layer.scene, index)) if isinstance(layer, Patch) else layer
            for layer in picture.layers
        )
        return replace(picture, scene=variation(picture.scene, index), layers=layers)

    return _four(cell)


def extended(picture: Picture, change: Callable[[View], View], seed: int, *, keep_height: bool) -> Artwork:
    """Four continuations of an image into a larger view; what it showed stays as it is.

    With `keep_height` the pixels stay about as many (zooming out), else there are more of them (panning).
    """
    old, view = picture.view, change(picture.view)
    if max(view.width, view.height) > WIDEST_VIEW:
        view = old
    width = round(picture.width * view.width / old.width / 4) * 4
    height = round(picture.height * view.height / old.height / 4) * 4
    if keep_height:
        width, height = pixels(view.width / view.height, round((picture.width * picture.height) ** 0.5))
    larger = replace(picture, view=view, width=width, height=height)
    return _four(lambda n: replace(larger, extras=picture.extras + _clouds_around(old, view, seed * 4 + n)))


def _clouds_around(inner: View, outer: View, seed: int) -> tuple[Point, ...]:
    """Places for up to six more clouds in the sky of `outer` that leave all of `inner` as it is."""
    found: list[Point] = []
    reach = EXTRA_SIZE * 1.3
    for index in range(40):
        x = outer.left + outer.width * noise(seed, "extra x", index)
        y = outer.top + outer.height * noise(seed, "extra y", index)
        across = x + reach < inner.left or x - reach > inner.right
        if y < 0 and (across or y + reach < inner.top or y - reach > inner.bottom) and len(found) < 6:
            found.append((x, y))
    return tuple(found)


def repainted(picture: Picture, mask: bytes, seed: int, prompt: Prompt) -> Artwork:
    """Four images that differ from `picture` only where the mask (a PNG) is white."""

    def cell(index: int) -> Picture:
        other = scene_for(prompt, seed, index, niji=picture.scene.flat)
        kin = reworded(picture.scene, prompt).relative(seed * 4 + index, RELATED)
        scene = replace(kin, flat=picture.scene.flat, subject=other.subject, tint=other.tint, light=other.light)
        return replace(picture, layers=(*picture.layers, Patch(scene, picture.view, mask)))

    return _four(cell)


def of_image(image: bytes, side: int) -> Artwork:
    """A given image as it is, for instance as the first frame of a video."""
    opened = decoded(image)
    width, height = pixels(opened.width / opened.height, side)
    view = View.framing(width / height)
    scene = replace(scene_for(_NO_PROMPT, 1), light=nearest_palettes([image])[0])
    return Artwork((Picture(scene, view, width, height, layers=(Photo((image,), view),)),))


def swapped(source: bytes, target: bytes, side: int) -> Artwork:
    """The target image with the source's face in it."""
    picture = of_image(target, side).cells[0]
    return Artwork((replace(picture, layers=(*picture.layers, Portrait(source, picture.view))),))


def clip_with_face(face: bytes, seed: int, side: int) -> Artwork:
    """One video with a face in it."""
    picture = imagined(_NO_PROMPT, seed, side, niji=False).cells[0]
    return Artwork((replace(picture, layers=(Portrait(face, picture.view),)),), motion=0.035)


def edited(image: bytes, prompt: Prompt, seed: int, side: int, mask: bytes | None, share: float) -> Artwork:
    """A given image changed by a prompt: inside the mask, or all over by `share`."""
    plain = of_image(image, side).cells[0]

    def cell(index: int) -> Picture:
        scene = replace(scene_for(prompt, seed, index), light=plain.scene.light)
        photo = Photo((image,), plain.view, strength=1.0 if mask else 1 - share)
        return replace(plain, scene=scene, layers=(photo, Patch(scene, plain.view, mask)) if mask else (photo,))

    return _four(cell)


def animated(picture: Picture, seed: int, *, high: bool) -> Artwork:
    """Four videos of an image, with little or much motion."""
    return Artwork(varied(picture, seed, 0.03).cells, motion=0.09 if high else 0.035)


def as_png(data: bytes, side: int = 1024) -> bytes:
    """A given image as a PNG no larger than `side`. Raises `ValueError` when it is no image."""
    image, out = decoded(data), io.BytesIO()
    image.thumbnail((side, side))
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def new_seed(*parts: object) -> int:
    """A seed as the service names it: up to ten digits."""
    return int(noise(*parts) * 4_294_967_295)


# What a press leads to


def result_of_action(
    side: int, action: ButtonAction, parent: Task, prompt: str, seed: int, mask: bytes | None
) -> Result:
    """The result of an action with this prompt (the parent's, unless a modal changed it)."""
    parsed = parse_prompt(prompt)
    if action.kind is Kind.LINE:
        return Result(imagined(parsed, seed, side, niji=False))
    if action.kind is Kind.DETAILS:
        return Result(text=weighed(parent.prompt), lines=shortened(parent.prompt)[1])
    if parent.artwork is None:
        return Result()
    if action.kind is Kind.REROLL:
        return Result(_rerolled(side, parent, parent.artwork, parsed, seed))
    return Result(_edited(action, parent.artwork, parsed, seed, mask, changed=prompt != parent.prompt))


def _rerolled(side: int, parent: Task, art: Artwork, prompt: Prompt, seed: int) -> Artwork:
    if parent.kind in (Kind.IMAGINE, Kind.LINE, Kind.REROLL):
        return imagined(prompt, seed, side, niji=art.cells[0].scene.flat)
    if parent.kind is Kind.BLEND:
        return blended(parent.given, replace(prompt, aspect=art.size[0] / art.size[1]), seed, side)
    return Artwork(varied(art.cells[0], seed, STRONG).cells, art.motion)


def _edited(
    action: ButtonAction, art: Artwork, prompt: Prompt, seed: int, mask: bytes | None, *, changed: bool
) -> Artwork:
    one, detail = art.cells[min(max(action.index, 1), len(art.cells)) - 1], action.detail
    match action.kind:
        case Kind.UPSCALE | Kind.VIDEO_PICK:
            return upscaled(art, action.index)
        case Kind.UPSCALE_HD:
            return enlarged(art, factor=4 if detail == "4x" else 2, creative=detail == "creative")
        case Kind.VARIATION | Kind.SUBTLE | Kind.STRONG:
            return varied(one, seed, _AMOUNTS[action.kind], prompt if changed else None)
        case Kind.REGION:
            return repainted(one, mask or b"", seed, prompt)
        case Kind.ANIMATE | Kind.VIDEO_EXTEND:
            return animated(one, seed, high=detail == "high")
        case Kind.PAN:
            return extended(one, lambda view: view.extended(detail), seed, keep_height=False)
        case Kind.SQUARE:
            return extended(one, lambda view: view.squared(), seed, keep_height=False)
    factor = (prompt.zoom or 2.0) if action.kind is Kind.CUSTOM_ZOOM else float(detail)
    return extended(one, lambda view: view.zoomed_out(factor), seed, keep_height=True)


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
