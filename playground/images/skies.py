"""What is above the horizon: gradient, stars, sun or moon, clouds, northern lights."""

import math

from playground.images.canvas import Canvas, Point, smooth
from playground.images.palettes import Colour, mix
from playground.images.scenes import Scene

_STAR_FIELD = 0.07
_CLOUD_FIELD = 0.62


def paint_sky(canvas: Canvas, scene: Scene, horizon: float, moment: float) -> None:
    """Paint everything above `horizon`; `moment` (0 to 1) moves the clouds."""
    palette = scene.palette
    steps = palette.sky
    stops = [(-2.2, mix(steps[0], (8, 8, 30), 0.55)), (-0.75, steps[0])]
    stops += [(-0.75 + (horizon + 0.75) * (i / (len(steps) - 1)) ** 0.8, steps[i]) for i in range(1, len(steps))]
    canvas.backdrop(stops)
    if palette.stars:
        _stars(canvas, scene, horizon)
    if palette.aurora:
        _aurora(canvas, scene, moment)
    paint_orb(canvas, scene)
    if palette.stars < 0.8:
        _clouds(canvas, scene, moment)
        if scene.cell("flock", 0) < 0.7:
            place = (scene.value("flock x", -0.34, 0.34) + 0.05 * moment, scene.value("flock y", -0.2, -0.04))
            paint_flock(canvas, scene, place, scene.value("flock size", 0.05, 0.085))


def orb_of(scene: Scene) -> tuple[float, float, float]:
    """Where the sun or moon stands, and its radius."""
    side = -1 if scene.cell("orb side", 0) < 0.5 else 1
    x = side * scene.value("orb x", 0.06, 0.3)
    large = 0.25 if scene.subject == "moon" else 0.0
    return x * (1 - 2 * large), scene.value("orb y", -0.34, -0.14), scene.value("orb size", 0.06, 0.13) + large * 0.6


def paint_orb(canvas: Canvas, scene: Scene) -> None:
    """Paint sun or moon with its light."""
    palette = scene.palette
    x, y, radius = orb_of(scene)
    night = palette.stars > 0.5
    if canvas.flat:
        canvas.disc(x, y, radius * 1.35, radius * 1.35, mix(palette.orb, palette.sky[-1], 0.6), 0.6)
    else:
        canvas.glow(x, y, radius * 5.5, palette.orb, 0.42 if night else 0.6)
        for ring, alpha in ((2.1, 0.07), (1.55, 0.1)):
            canvas.disc(x, y, radius * ring, radius * ring, palette.orb, alpha)
    canvas.disc(x, y, radius, radius, palette.orb)
    if night:
        _moon_face(canvas, scene, (x, y, radius))


def _moon_face(canvas: Canvas, scene: Scene, orb: tuple[float, float, float]) -> None:
    x, y, radius = orb
    shade = mix(scene.palette.orb, scene.palette.sky[1], 0.16)
    for index in range(6):
        angle, far = scene.cell("crater", index) * math.tau, scene.cell("crater far", index) * 0.62
        size = radius * (0.08 + 0.16 * scene.cell("crater size", index))
        canvas.disc(x + math.cos(angle) * far * radius, y + math.sin(angle) * far * radius, size, size, shade, 0.55)


def _stars(canvas: Canvas, scene: Scene, horizon: float) -> None:
    view, light = canvas.view, mix(scene.palette.orb, (255, 255, 255), 0.5)
    rows = range(math.floor(view.top / _STAR_FIELD) - 1, math.ceil(min(view.bottom, horizon) / _STAR_FIELD) + 1)
    for column in canvas.cells(_STAR_FIELD):
        for row in rows:
            chance = scene.cell(f"star {row}", column)
            if chance > 0.62 * scene.palette.stars:
                continue
            spread = chance * 977 % 1
            x, y = (column + spread) * _STAR_FIELD, (row + chance * 3571 % 1) * _STAR_FIELD
            fade = min(max((horizon - y) * 2.2, 0.0), 1.0)
            size = 0.0009 + 0.0026 * (chance * 7919 % 1) ** 4
            canvas.disc(x, y, size, size, light, fade * (0.45 + 0.55 * spread))


def _aurora(canvas: Canvas, scene: Scene, moment: float) -> None:
    for band, tone in enumerate(((110, 240, 170), (80, 220, 200), (150, 130, 240))):
        phase = scene.value(f"aurora {band}", 0, math.tau) + moment * math.tau
        base = -0.24 + 0.07 * band
        upper: list[Point] = []
        lower: list[Point] = []
        for x in canvas.columns(0.02):
            wave = math.sin(x * 3.1 + phase) * 0.06 + math.sin(x * 7.3 - phase) * 0.025
            upper.append((x, base - 0.2 + wave * 1.5 - 0.05 * band))
            lower.append((x, base + wave))
        canvas.veil([*upper, *reversed(lower)], tone, 0.3, blur=0.045)
        middle = [(x, y - 0.035) for x, y in lower]
        canvas.veil([*middle, *reversed(lower)], tone, 0.42, blur=0.016)


def _clouds(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    white = mix(palette.sky[-1], palette.paper, 0.6)
    for layer in range(2):
        drift = moment * 0.04 * (layer + 1)
        for index in canvas.cells(_CLOUD_FIELD):
            if scene.cell(f"cloud {layer}", index) > 0.62:
                continue
            x = (index + scene.cell(f"cloud x {layer}", index)) * _CLOUD_FIELD + drift
            y = -0.42 + 0.2 * layer + 0.14 * scene.cell(f"cloud y {layer}", index)
            size = 0.1 + 0.1 * scene.cell(f"cloud size {layer}", index)
            paint_cloud(canvas, (x, y), size, white, 0.34 + 0.2 * layer)


def paint_cloud(canvas: Canvas, at: Point, size: float, fill: Colour, alpha: float) -> None:
    """A long cloud of paper, `size` half its length."""
    x, y = at
    form = [(-1, 0), (-0.8, -0.12), (-0.45, -0.1), (-0.3, -0.27), (0.02, -0.33), (0.25, -0.18), (0.5, -0.22)]
    form += [(0.72, -0.07), (1, -0.03), (0.97, 0.02), (0.4, 0.04), (-0.5, 0.04)]
    canvas.polygon([(x + px * size, y + py * size) for px, py in smooth(form)], fill, alpha)


def paint_flock(canvas: Canvas, scene: Scene, at: Point, size: float) -> None:
    """Five birds, `size` half the width of their flock."""
    wing = ((-1.0, -0.5), (-0.5, -0.62), (0.0, 0.0), (0.5, -0.62), (1.0, -0.5), (0.5, -0.4), (0.0, 0.28), (-0.5, -0.4))
    tone = mix(scene.palette.near, scene.palette.paper, 0.75 if scene.palette.stars > 0.5 else 0.0)
    for index in range(5):
        x = at[0] + (index - 2) * size * 0.45
        y = at[1] + abs(index - 2) * size * 0.3 + (index % 2) * size * 0.08
        own = size * (0.16 + 0.07 * (index % 3) / 2)
        canvas.polygon([(x + px * own, y + py * own) for px, py in wing], tone, 0.9)
