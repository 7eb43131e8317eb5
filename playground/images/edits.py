"""What each button of the service does to a picture: how one artwork is made from another."""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from PIL import Image

from playground.images.painter import Scene, View, scene_for
from playground.images.painter.landscape import EXTRA_SIZE
from playground.images.painter.scene import PALETTES, Palette, Point, noise, reworded
from playground.images.pictures import ARRANGEMENTS, Artwork, Patch, Photo, Picture, Portrait, decoded, pixels
from playground.images.prompt import Prompt

SUBTLE, RELATED, STRONG = 0.15, 0.5, 1.0
WIDEST_VIEW = 24.0


def imagined(prompt: Prompt, seed: int, side: int, *, niji: bool, references: Sequence[bytes] = ()) -> Artwork:
    """Four pictures from a prompt; reference pictures set the light."""
    width, height = pixels(prompt.aspect, side)
    scenes = [scene_for(prompt, seed, index, niji=niji) for index in range(4)]
    if references:
        lights = nearest_palettes(references)
        scenes = [replace(scene, light=lights[index % 2]) for index, scene in enumerate(scenes)]
    view = View.framing(prompt.aspect)
    return Artwork(tuple(Picture(scene, view, width, height) for scene in scenes))


def blended(images: Sequence[bytes], prompt: Prompt, seed: int, side: int) -> Artwork:
    """Four mixtures of given pictures, in a world of their light."""
    grid = imagined(prompt, seed, side, niji=False, references=images)
    return Artwork(
        tuple(
            replace(cell, layers=(Photo(tuple(images), cell.view, ARRANGEMENTS[index]),))
            for index, cell in enumerate(grid.cells)
        )
    )


def upscaled(artwork: Artwork, number: int) -> Artwork:
    """Picture `number` (1 to 4) of a grid, alone; of a single picture, the picture."""
    return Artwork((artwork.cells[min(number, len(artwork.cells)) - 1],), artwork.motion)


def enlarged(artwork: Artwork, *, factor: int, creative: bool) -> Artwork:
    """The same picture with `factor` times the pixels; creative ones are more colourful."""
    cell = artwork.cells[0]
    return Artwork((replace(cell, width=cell.width * factor, height=cell.height * factor, vivid=creative),))


def varied(picture: Picture, seed: int, amount: float, prompt: Prompt | None = None) -> Artwork:
    """Four relatives of a picture; with a new prompt, its words in the old composition.

    From `STRONG` on the composition is a new one, with the old subject, place and light.
    """

    def relative(scene: Scene, index: int) -> Scene:
        base = reworded(scene, prompt) if prompt else scene
        if amount >= STRONG:
            return replace(base, seed=new_seed(scene.seed, seed, index), drifts=())
        return base.relative(seed * 4 + index, amount)

    def cell(index: int) -> Picture:
        layers = tuple(
            replace(layer, scene=relative(layer.scene, index)) if isinstance(layer, Patch) else layer
            for layer in picture.layers
        )
        return replace(picture, scene=relative(picture.scene, index), layers=layers)

    return Artwork(tuple(cell(index) for index in range(4)))


def extended(picture: Picture, window: Callable[[View], View], seed: int, *, keep_height: bool) -> Artwork:
    """Four continuations of a picture into a larger window; what it showed stays as it is.

    With `keep_height` the pixels stay about as many (zooming out), else there are more of them (panning).
    """
    view = window(picture.view)
    if max(view.width, view.height) > WIDEST_VIEW:
        view = picture.view
    aspect = view.width / view.height
    if keep_height:
        side = round((picture.width * picture.height) ** 0.5)
        width, height = pixels(aspect, side)
    else:
        width = round(picture.width * view.width / picture.view.width / 4) * 4
        height = round(picture.height * view.height / picture.view.height / 4) * 4
    return Artwork(
        tuple(
            replace(
                picture,
                view=view,
                width=width,
                height=height,
                extras=picture.extras + extras_around(picture.view, view, seed * 4 + index),
            )
            for index in range(4)
        )
    )


def repainted(picture: Picture, mask: bytes, seed: int, prompt: Prompt) -> Artwork:
    """Four pictures that differ from `picture` only where the mask (a PNG) is white."""

    def patch(index: int) -> Patch:
        other = scene_for(prompt, seed, index, niji=picture.scene.flat)
        kin = replace(reworded(picture.scene, prompt).relative(seed * 4 + index, RELATED), flat=picture.scene.flat)
        scene = replace(kin, subject=other.subject, tint=other.tint, light=other.light)
        return Patch(scene, picture.view, mask)

    return Artwork(tuple(replace(picture, layers=(*picture.layers, patch(index))) for index in range(4)))


def swapped(source: bytes, target: bytes, side: int) -> Artwork:
    """The target picture with the source's face in it."""
    image = decoded(target)
    width, height = pixels(image.width / image.height, side)
    view = View.framing(width / height)
    scene = scene_for(Prompt("", ()), 1)
    return Artwork(
        (Picture(scene, view, width, height, layers=(Photo((target,), view, feather=False), Portrait(source, view))),)
    )


def clip_with_face(face: bytes, seed: int, side: int) -> Artwork:
    """One clip with a face in it."""
    width, height = pixels(1.0, side)
    view = View.framing(1.0)
    picture = Picture(scene_for(Prompt("", ()), seed), view, width, height, layers=(Portrait(face, view),))
    return Artwork((picture,), motion=0.035)


def edited(image: bytes, prompt: Prompt, seed: int, side: int, mask: bytes | None, share: float) -> Artwork:
    """A given picture reworked by a prompt: inside the mask, or all over by `share`."""
    opened = decoded(image)
    width, height = pixels(opened.width / opened.height, side)
    view = View.framing(width / height)
    light = nearest_palettes([image])[0]

    def cell(index: int) -> Picture:
        scene = replace(scene_for(prompt, seed, index), light=light)
        photo = Photo((image,), view, feather=False, strength=1.0 if mask else 1 - share)
        layers = (photo, Patch(scene, view, mask)) if mask else (photo,)
        return Picture(scene, view, width, height, layers=layers)

    return Artwork(tuple(cell(index) for index in range(4)))


def of_image(image: bytes, side: int) -> Artwork:
    """A given picture as it is, for instance as the first frame of a clip."""
    opened = decoded(image)
    width, height = pixels(opened.width / opened.height, side)
    view = View.framing(width / height)
    scene = replace(scene_for(Prompt("", ()), 1), light=nearest_palettes([image])[0])
    return Artwork((Picture(scene, view, width, height, layers=(Photo((image,), view, feather=False),)),))


def animated(picture: Picture, seed: int, *, high: bool) -> Artwork:
    """Four clips of a picture, with little or much motion."""
    return Artwork(varied(picture, seed, 0.03).cells, motion=0.09 if high else 0.035)


def nearest_palettes(images: Sequence[bytes]) -> list[str]:
    """The names of the palettes nearest to the pictures' mean colour, best first."""
    means = [decoded(data).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) for data in images]
    mean = [sum(channel) / len(means) for channel in zip(*(m for m in means if isinstance(m, tuple)), strict=True)]

    def distance(palette: Palette) -> float:
        middle = [sum(step[channel] for step in palette.sky) / len(palette.sky) for channel in range(3)]
        return math.dist(mean, middle)

    return sorted(PALETTES, key=lambda name: distance(PALETTES[name]))


def as_png(data: bytes, side: int = 1024) -> bytes:
    """A given picture as a PNG no larger than `side`. Raises `ValueError` when it is no picture."""
    image = decoded(data)
    image.thumbnail((side, side))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def new_seed(*parts: object) -> int:
    """A seed as the service names it: up to ten digits."""
    return int(noise(*parts) * 4_294_967_295)


def extras_around(inner: View, outer: View, seed: int) -> tuple[Point, ...]:
    """Places for up to six more clouds in the sky of `outer` that leave all of `inner` as it is."""
    found: list[Point] = []
    reach = EXTRA_SIZE * 1.3
    for index in range(40):
        x = outer.left + outer.width * noise(seed, "extra x", index)
        y = outer.top + outer.height * noise(seed, "extra y", index)
        across = x + reach < inner.left or x - reach > inner.right
        outside = across or y + reach < inner.top or y - reach > inner.bottom
        if y < 0 and outside and len(found) < 6:
            found.append((x, y))
    return tuple(found)
