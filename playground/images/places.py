"""Where the subject stands: each place has what is behind it, where it stands, and what is in front."""

from collections.abc import Callable
from dataclasses import dataclass

from playground.images import growth
from playground.images.canvas import Canvas
from playground.images.palettes import mix
from playground.images.scenes import Scene
from playground.images.skies import paint_sky
from playground.images.terrain import jagged, paint_facets, paint_layer, paint_snow, rolling, trace


@dataclass(frozen=True)
class Stand:
    """Where the subject's foot is, how tall it is, and whether it mirrors in water."""

    x: float
    y: float
    size: float
    water: bool = False


Painter = Callable[[Canvas, Scene, float], None]


@dataclass(frozen=True)
class Place:
    """`behind` and `front` paint the two halves of a place, at a moment from 0 to 1."""

    behind: Painter
    stand: Callable[[Scene], Stand]
    front: Painter


def _mist(canvas: Canvas, scene: Scene, y: float, strength: float) -> None:
    left, right = canvas.view.left - 0.5, canvas.view.right + 0.5
    band = [(left, y - 0.035), (right, y - 0.035), (right, y + 0.04), (left, y + 0.04)]
    if not canvas.flat:
        canvas.veil(band, scene.palette.sky[-1], strength, blur=0.03)


# Hills


def _hills_behind(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    paint_sky(canvas, scene, 0.16, moment)
    far = trace(canvas, jagged(scene, "range", 0.14, 0.16, 0.42))
    paint_layer(canvas, far, mix(palette.far, palette.sky[-1], 0.45), palette.sky[-1], depth=0.26, shadow=0)
    _mist(canvas, scene, 0.12, 0.5)
    for number, (base, height) in enumerate(((0.1, 0.05), (0.17, 0.06), (0.245, 0.055))):
        ridge = rolling(scene, f"hill {number}", base, height, 1 - number * 0.15)
        tone = palette.layer(0.18 + 0.2 * number)
        paint_layer(canvas, trace(canvas, ridge), tone, mix(tone, palette.sky[-1], 0.3), depth=0.22, shadow=0.16)
        if number:
            growth.row_of(canvas, scene, f"wood {number}", ridge, gap=0.06, height=0.05 + 0.02 * number, kind="round")


def _hills_stand(scene: Scene) -> Stand:
    x = scene.value("stand x", -0.14, 0.14)
    return Stand(x, rolling(scene, "meadow", 0.335, 0.035)(x) + 0.01, scene.value("stand size", 0.46, 0.54))


def _hills_front(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    meadow = rolling(scene, "meadow", 0.335, 0.035)
    front = rolling(scene, "front", 0.445, 0.03, 1.4)
    tone = mix(palette.near, palette.far, 0.14)
    growth.grass(canvas, scene, "meadow", meadow, palette.layer(0.78), height=0.02)
    paint_layer(canvas, trace(canvas, front), tone, mix(palette.near, (0, 0, 0), 0.25), depth=0.2, shadow=0.22)
    growth.grass(canvas, scene, "front", front, tone, height=0.045)
    growth.blossoms(canvas, scene, "bloom", front, gap=0.062, size=0.013)
    growth.deeper_layers(canvas, scene, 0.6, tone)


def _hills_meadow(canvas: Canvas, scene: Scene, moment: float) -> None:
    _hills_behind(canvas, scene, moment)
    palette = scene.palette
    meadow = trace(canvas, rolling(scene, "meadow", 0.335, 0.035))
    paint_layer(canvas, meadow, palette.layer(0.74), palette.layer(0.98), depth=0.16, shadow=0.2)


# Mountains


def _mountains_behind(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    paint_sky(canvas, scene, 0.15, moment)
    snow = mix(palette.paper, palette.sky[1], 0.12)
    light = 0.05 if scene.cell("orb side", 0) >= 0.5 else -0.05
    for number, (base, height, wide) in enumerate(((0.14, 0.34, 0.36), (0.22, 0.36, 0.3))):
        ridge = jagged(scene, f"peaks {number}", base, height, wide)
        tone = palette.layer(0.12 + 0.3 * number)
        haze = mix(tone, palette.sky[-1], 0.55)
        paint_layer(canvas, trace(canvas, ridge), tone, haze, depth=0.42, shadow=0.14)
        paint_snow(canvas, scene, f"snow {number}", ridge, base - height * (0.68 if number else 0.6), snow)
        paint_facets(canvas, ridge, mix(tone, (10, 10, 40), 0.5), 0.28, light)
        _mist(canvas, scene, base + 0.02, 0.45)
    hill = rolling(scene, "foothill", 0.27, 0.035)
    tone = palette.layer(0.62)
    paint_layer(canvas, trace(canvas, hill), tone, mix(tone, palette.near, 0.4), depth=0.2)
    growth.row_of(canvas, scene, "foothill", hill, gap=0.026, height=0.065, kind="pine", share=0.75)
    ledge = trace(canvas, rolling(scene, "ledge", 0.355, 0.025))
    paint_layer(canvas, ledge, palette.layer(0.8), palette.layer(1.0), depth=0.14)


def _mountains_stand(scene: Scene) -> Stand:
    x = scene.value("stand x", -0.13, 0.13)
    return Stand(x, rolling(scene, "ledge", 0.355, 0.025)(x) + 0.012, scene.value("stand size", 0.44, 0.52))


def _mountains_front(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    front = rolling(scene, "front", 0.455, 0.03, 1.3)
    tone = mix(palette.near, palette.far, 0.1)
    paint_layer(canvas, trace(canvas, front), tone, mix(palette.near, (0, 0, 0), 0.3), depth=0.2, shadow=0.24)
    growth.row_of(canvas, scene, "near pines", front, gap=0.1, height=0.2, kind="pine", share=0.6, clear=0.27)
    growth.grass(canvas, scene, "front", front, tone, height=0.03)
    growth.deeper_layers(canvas, scene, 0.6, tone)


# Desert


def _desert_behind(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    paint_sky(canvas, scene, 0.18, moment)
    mesas = jagged(scene, "mesa", 0.18, 0.16, 0.3)
    line = [(x, max(y, 0.07 + 0.02 * (int(x * 3 + 50) % 2))) for x, y in trace(canvas, mesas)]
    paint_layer(canvas, line, mix(palette.far, palette.sky[-1], 0.3), palette.sky[-1], depth=0.2, shadow=0)
    _mist(canvas, scene, 0.15, 0.5)
    for number, (base, height) in enumerate(((0.16, 0.05), (0.24, 0.06), (0.335, 0.04))):
        dune = rolling(scene, f"dune {number}", base, height, 0.9)
        tone = mix(palette.layer(0.16 + 0.24 * number), palette.sky[2], 0.3 - 0.08 * number)
        paint_layer(canvas, trace(canvas, dune), mix(tone, palette.orb, 0.25), tone, depth=0.14, shadow=0.16)
        paint_facets(canvas, dune, palette.layer(0.6 + 0.16 * number), 0.3, 0.1)
        if number == 1:
            growth.row_of(canvas, scene, "cactus", dune, gap=0.21, height=0.075, kind="cactus", share=0.6)


def _desert_stand(scene: Scene) -> Stand:
    x = scene.value("stand x", -0.14, 0.14)
    return Stand(x, rolling(scene, "dune 2", 0.335, 0.04, 0.9)(x) + 0.015, scene.value("stand size", 0.46, 0.53))


def _desert_front(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    front = rolling(scene, "front", 0.46, 0.035, 1.2)
    tone = mix(palette.near, palette.far, 0.2)
    paint_layer(canvas, trace(canvas, front), tone, mix(palette.near, (0, 0, 0), 0.2), depth=0.2, shadow=0.2)
    growth.row_of(canvas, scene, "near cactus", front, gap=0.34, height=0.15, kind="cactus", share=0.75, clear=0.24)
    growth.deeper_layers(canvas, scene, 0.62, tone)


# Forest


def _forest_behind(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    paint_sky(canvas, scene, 0.2, moment)
    for number, (base, tall) in enumerate(((0.12, 0.15), (0.2, 0.21), (0.275, 0.27))):
        ridge = rolling(scene, f"rise {number}", base, 0.035)
        tone = palette.layer(0.14 + 0.22 * number)
        light = mix(tone, palette.orb, 0.3)
        for index in canvas.cells(0.05 + 0.025 * number, margin=4):
            x = (index + scene.cell(f"pine x {number}", index)) * (0.05 + 0.025 * number)
            high = tall * (0.65 + 0.6 * scene.cell(f"pine {number}", index))
            growth.paint_pine(canvas, x, ridge(x) + 0.02, high, tone, light)
        paint_layer(canvas, trace(canvas, ridge), tone, mix(tone, palette.sky[-1], 0.4), depth=0.16, shadow=0)
        _mist(canvas, scene, base + 0.015, 0.4)
    floor = trace(canvas, rolling(scene, "floor", 0.345, 0.025))
    paint_layer(canvas, floor, palette.layer(0.72), palette.layer(0.98), depth=0.16, shadow=0.18)


def _forest_stand(scene: Scene) -> Stand:
    x = scene.value("stand x", -0.12, 0.12)
    return Stand(x, rolling(scene, "floor", 0.345, 0.025)(x) + 0.012, scene.value("stand size", 0.46, 0.54))


def _forest_front(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    front = rolling(scene, "front", 0.45, 0.025, 1.3)
    tone = mix(palette.near, palette.far, 0.1)
    for index in canvas.cells(0.3, margin=3):
        x = (index + 0.5 + 0.3 * (scene.cell("near x", index) - 0.5)) * 0.3
        if abs(x) > 0.28:  # the clearing in the middle stays open
            tall = 0.62 + 0.34 * scene.cell("near tall", index)
            growth.paint_pine(
                canvas, x, front(x) + 0.05, tall, mix(tone, palette.far, 0.06), mix(tone, palette.orb, 0.25)
            )
    paint_layer(canvas, trace(canvas, front), tone, mix(palette.near, (0, 0, 0), 0.3), depth=0.2, shadow=0.2)
    growth.grass(canvas, scene, "front", front, tone, height=0.04)
    growth.blossoms(canvas, scene, "bloom", front, gap=0.1, size=0.01)
    growth.deeper_layers(canvas, scene, 0.6, tone)


LANDS: dict[str, Place] = {
    "hills": Place(_hills_meadow, _hills_stand, _hills_front),
    "mountains": Place(_mountains_behind, _mountains_stand, _mountains_front),
    "desert": Place(_desert_behind, _desert_stand, _desert_front),
    "forest": Place(_forest_behind, _forest_stand, _forest_front),
}
