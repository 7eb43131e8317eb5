"""Painting a scene as seen through a view."""

import math
from dataclasses import dataclass

from PIL import Image

from playground.images.canvas import Canvas
from playground.images.palettes import mix
from playground.images.scenes import Scene, View, chance
from playground.images.shores import PLACES
from playground.images.skies import orb_of, paint_cloud, paint_flock
from playground.images.subjects import paint_subject

_HORIZON = 0.13


@dataclass(frozen=True)
class Extra:
    """A small thing in the sky, beyond what an earlier picture showed: `size` is half its width."""

    kind: str
    x: float
    y: float
    size: float


def paint(
    scene: Scene, view: View, width: int, height: int, moment: float = 0.0, extras: tuple[Extra, ...] = ()
) -> Image.Image:
    """The picture of a scene, RGB, `width` by `height` pixels.

    The same arguments always give the same pixels. `moment`, 0 to 1, is the time within a clip.
    """
    canvas = Canvas(view, width, height, flat=scene.flat)
    place = PLACES[scene.setting]
    place.behind(canvas, scene, moment)
    paint_subject(canvas, scene, place.stand(scene), moment)
    place.front(canvas, scene, moment)
    for extra in extras:
        _paint_extra(canvas, scene, extra)
    return canvas.finished()


def extras_around(inner: View, outer: View, scene: Scene, seed: int) -> tuple[Extra, ...]:
    """Things for the sky of `outer` that leave every point of `inner` as it is; others for another seed."""
    x, y, radius = orb_of(scene)
    found: list[Extra] = []
    for index in range(40):
        size = (0.05 + 0.06 * chance(seed, "extra size", index)) * math.sqrt(outer.height)
        extra = Extra(
            kind=("birds", "cloud", "cloud", "balloon")[int(chance(seed, "extra", index) * 4)],
            x=outer.left + outer.width * chance(seed, "extra x", index),
            y=outer.top + outer.height * chance(seed, "extra y", index),
            size=size,
        )
        clear = abs(extra.x - x) > radius + size or abs(extra.y - y) > radius + size
        if extra.y < _HORIZON - size * 2 and clear and _outside(extra, inner) and _apart(extra, found):
            found.append(extra)
        if len(found) == 6:
            break
    return tuple(found)


def _outside(extra: Extra, inner: View) -> bool:
    reach = extra.size * 1.6
    across = extra.x + reach < inner.left or extra.x - reach > inner.right
    return across or extra.y + reach < inner.top or extra.y - reach > inner.bottom


def _apart(extra: Extra, found: list[Extra]) -> bool:
    return all(math.hypot(extra.x - other.x, extra.y - other.y) > (extra.size + other.size) * 1.4 for other in found)


def _paint_extra(canvas: Canvas, scene: Scene, extra: Extra) -> None:
    palette = scene.palette
    if extra.kind == "cloud":
        paint_cloud(canvas, (extra.x, extra.y), extra.size * 1.4, mix(palette.sky[-1], palette.paper, 0.6), 0.6)
    elif extra.kind == "birds":
        paint_flock(canvas, scene, (extra.x, extra.y), extra.size)
    else:
        _balloon(canvas, scene, extra)


def _balloon(canvas: Canvas, scene: Scene, extra: Extra) -> None:
    x, y, size = extra.x, extra.y, extra.size
    body = mix(scene.palette.accent, scene.palette.sky[-1], 0.15)
    canvas.polygon(
        [
            (x - size * 0.42, y),
            (x + size * 0.42, y),
            (x + size * 0.1, y + size * 0.72),
            (x - size * 0.1, y + size * 0.72),
        ],
        body,
    )
    canvas.disc(x, y - size * 0.22, size * 0.56, size * 0.6, body)
    canvas.disc(x, y - size * 0.22, size * 0.24, size * 0.6, scene.palette.paper, 0.75)
    foot = y + size * 0.86
    canvas.polygon(
        [
            (x - size * 0.1, foot),
            (x + size * 0.1, foot),
            (x + size * 0.08, foot + size * 0.16),
            (x - size * 0.08, foot + size * 0.16),
        ],
        mix(body, (60, 36, 20), 0.6),
    )
