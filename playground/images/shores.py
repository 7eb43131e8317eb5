"""Places of water, streets and stars: sea, city, space."""

import math

from playground.images.canvas import Canvas, Point
from playground.images.growth import deeper_layers
from playground.images.palettes import Colour, mix
from playground.images.places import LANDS, Place, Stand
from playground.images.scenes import Scene
from playground.images.skies import orb_of, paint_sky
from playground.images.terrain import Ridge, ground, jagged, paint_layer, rolling, trace

_HORIZON = 0.13


def _waves(scene: Scene, number: int, base: float, moment: float) -> Ridge:
    shift = scene.value(f"wave {number}", 0, math.tau) + math.tau * moment * (1 if number % 2 else -1)
    pace = 21 - 2.6 * number
    height = 0.0035 + 0.0034 * number

    def line(x: float) -> float:
        swell = math.sin(x * pace + shift)
        return base - height * (
            math.copysign(math.pow(abs(swell), 1.3), swell) + 0.5 * math.sin(x * pace * 0.37 - shift)
        )

    return line


def _glints(canvas: Canvas, scene: Scene, bottom: float, moment: float) -> None:
    x, _, radius = orb_of(scene)
    rows = int((bottom - _HORIZON) / 0.0125)
    for row in range(rows):
        y = _HORIZON + 0.008 + row * 0.0125
        fade = 1 - row / rows
        wide = radius * (0.5 + 1.3 * scene.cell("glint", row)) * (0.6 + 0.4 * fade)
        shift = (scene.cell("glint x", row) - 0.5) * radius * 1.1 + 0.008 * math.sin(math.tau * moment + row)
        canvas.disc(x + shift, y, wide, 0.0028 + 0.0016 * (1 - fade), scene.palette.orb, 0.2 + 0.5 * fade)


def _sea_behind(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    paint_sky(canvas, scene, _HORIZON, moment)
    far = jagged(scene, "islands", _HORIZON + 0.012, 0.13, 0.4)
    line = [(x, y + 0.055) for x, y in trace(canvas, far)]
    paint_layer(canvas, line, mix(palette.far, palette.sky[-1], 0.3), palette.sky[-1], depth=0.12, shadow=0)
    left, right = canvas.view.left - 0.1, canvas.view.right + 0.1
    surface: list[Point] = [(left, _HORIZON), (right, _HORIZON)]
    water = mix(palette.sky[-2], palette.far, 0.45)
    paint_layer(canvas, surface, mix(water, palette.sky[-1], 0.4), _deep(scene, 0.5), depth=0.3, shadow=0)
    for number, base in enumerate((0.215, 0.255, 0.31)):
        _wave(canvas, scene, number, base, moment)
    _glints(canvas, scene, 0.37, moment)


def _deep(scene: Scene, depth: float) -> Colour:
    palette = scene.palette
    return mix(mix(palette.sky[-2], palette.far, 0.45), mix(palette.near, palette.sky[0], 0.35), depth)


def _wave(canvas: Canvas, scene: Scene, number: int, base: float, moment: float) -> None:
    tone = _deep(scene, 0.3 + 0.14 * number)
    crest = trace(canvas, _waves(scene, number, base, moment), 0.004)
    paint_layer(canvas, crest, tone, _deep(scene, 0.5 + 0.12 * number), depth=0.1, shadow=0.12)
    foam = [*crest, *((x, y + 0.0026 + 0.0006 * number) for x, y in reversed(crest))]
    canvas.polygon(foam, mix(tone, scene.palette.paper, 0.45), 0.5)


def _sea_stand(scene: Scene) -> Stand:
    return Stand(scene.value("stand x", -0.13, 0.13), 0.375, scene.value("stand size", 0.46, 0.54), water=True)


def _sea_front(canvas: Canvas, scene: Scene, moment: float) -> None:
    for number, base in enumerate((0.41, 0.465), start=3):
        _wave(canvas, scene, number, base, moment)
    base, number = 0.54, 5
    while base - 0.06 < canvas.view.bottom and number < 16:
        tone = mix(_deep(scene, 0.95), scene.palette.near, min(0.1 * (number - 4), 0.7))
        line = [(x, base - 0.02 * math.sin(x * (6 - number * 0.2) + number)) for x in canvas.columns(0.006)]
        paint_layer(canvas, line, tone, mix(tone, (4, 6, 20), 0.35), depth=0.18, shadow=0.14)
        base, number = base + 0.06 * (number - 3), number + 1


# City


def _tower(canvas: Canvas, scene: Scene, name: str, index: int, frame: tuple[float, float, float, float]) -> None:
    x, width, top, foot = frame
    depth = {"far": 0.22, "middle": 0.5, "near": 0.82}[name]
    palette = scene.palette
    tone = mix(palette.layer(depth), palette.sky[0], 0.12)
    roof = scene.cell(f"{name} roof", index)
    outline = [(x, foot), (x, top), (x + width, top), (x + width, foot)]
    if roof < 0.25:
        outline[2:2] = [(x + width * 0.5, top - width * 0.6)]
    elif roof < 0.5:
        outline[2:2] = [(x + width * 0.2, top), (x + width * 0.2, top - 0.03), (x + width * 0.8, top - 0.03),
                        (x + width * 0.8, top)]  # fmt: skip
    elif roof < 0.62:
        canvas.stroke([(x + width / 2, top), (x + width / 2, top - 0.07)], 0.004, tone)
    canvas.shape(outline, tone, mix(tone, palette.sky[-1], 0.35 * (1 - depth)), span=(top, foot), shadow=0.12)
    canvas.polygon([(x + width * 0.72, foot), (x + width * 0.72, top), (x + width, top), (x + width, foot)],
                   mix(tone, (0, 0, 10), 0.6), 0.22)  # fmt: skip
    if name != "far":
        _windows(canvas, scene, f"{name} {index}", (x, width, top, foot))


def _windows(canvas: Canvas, scene: Scene, name: str, frame: tuple[float, float, float, float]) -> None:
    x, width, top, foot = frame
    lamp = mix(scene.palette.orb, scene.palette.accent, 0.45)
    pane = 0.022
    if pane * canvas.scale < 1.5:
        return
    for row in range(int((foot - top) / pane / 1.3) - 1):
        for column in range(max(int(width / pane) - 1, 1)):
            chance = scene.cell(f"{name} {row}", column)
            if chance < 0.42:
                left, upper = x + pane * (0.7 + column), top + pane * (0.7 + row * 1.3)
                corner = (left + pane * 0.52, upper + pane * 0.78)
                canvas.polygon(
                    [(left, upper), (corner[0], upper), corner, (left, corner[1])], lamp, 0.35 + chance * 1.4
                )


def _skyline(canvas: Canvas, scene: Scene, name: str, *, gap: float, foot: float, rise: float) -> None:
    for index in canvas.cells(gap, margin=2):
        width = gap * (0.62 + 0.5 * scene.cell(f"{name} width", index))
        x = index * gap + gap * 0.3 * scene.cell(f"{name} x", index)
        tall = rise * (0.4 + 0.75 * scene.cell(f"{name} tall", index))
        if name == "near" and abs(x + width / 2) < 0.24:  # room for whoever stands in the street
            tall *= 0.42
        _tower(canvas, scene, name, index, (x, width, foot - tall, foot + 0.25))


def _city_behind(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    paint_sky(canvas, scene, 0.22, moment)
    _skyline(canvas, scene, "far", gap=0.085, foot=0.22, rise=0.4)
    _haze(canvas, scene, 0.2)
    _skyline(canvas, scene, "middle", gap=0.12, foot=0.27, rise=0.36)
    _haze(canvas, scene, 0.27)
    _skyline(canvas, scene, "near", gap=0.17, foot=0.34, rise=0.42)
    street = [(canvas.view.left - 0.1, 0.35), (canvas.view.right + 0.1, 0.35)]
    paint_layer(canvas, street, palette.layer(0.72), palette.layer(1.0), depth=0.14, shadow=0.2)


def _haze(canvas: Canvas, scene: Scene, y: float) -> None:
    left, right = canvas.view.left - 0.5, canvas.view.right + 0.5
    if not canvas.flat:
        band = [(left, y - 0.06), (right, y - 0.06), (right, y + 0.05), (left, y + 0.05)]
        canvas.veil(band, scene.palette.sky[-1], 0.4, blur=0.04)


def _city_stand(scene: Scene) -> Stand:
    return Stand(scene.value("stand x", -0.1, 0.1), 0.395, scene.value("stand size", 0.50, 0.58))


def _city_front(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    edge = [(x, 0.455) for x in (canvas.view.left - 0.1, canvas.view.right + 0.1)]
    paint_layer(canvas, edge, mix(palette.near, palette.far, 0.12), mix(palette.near, (0, 0, 0), 0.3), depth=0.2)
    for index in canvas.cells(0.36, margin=1):
        x = (index + 0.5) * 0.36
        canvas.stroke([(x, 0.46), (x, 0.27)], 0.007, palette.near)
        canvas.disc(x, 0.262, 0.016, 0.016, mix(palette.orb, palette.accent, 0.25))
        canvas.glow(x, 0.262, 0.11, palette.orb, 0.5)
    deeper_layers(canvas, scene, 0.6, palette.near)


# Space


def _space_behind(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    paint_sky(canvas, scene, 0.3, moment)
    _giant(canvas, scene)
    for number, (base, height) in enumerate(((0.2, 0.06), (0.29, 0.05))):
        tone = palette.layer(0.25 + 0.3 * number)
        line = trace(canvas, rolling(scene, f"moonscape {number}", base, height, 0.8))
        paint_layer(canvas, line, mix(tone, palette.orb, 0.15), tone, depth=0.16, shadow=0.2)
    plain = rolling(scene, "plain", 0.36, 0.02)
    outline = ground(canvas, trace(canvas, plain))
    canvas.shape(outline, palette.layer(0.76), palette.layer(1.0), span=(0.34, 0.5), shadow=0.2)
    for index in canvas.cells(0.16):
        x, size = (index + scene.cell("pit x", index)) * 0.16, 0.02 + 0.035 * scene.cell("pit", index)
        y = plain(x) + 0.035 + 0.05 * scene.cell("pit y", index)
        canvas.disc(x, y, size, size * 0.26, mix(palette.near, (0, 0, 0), 0.2), 0.8)
        canvas.disc(x, y + size * 0.06, size * 0.92, size * 0.2, palette.layer(0.82))


def _giant(canvas: Canvas, scene: Scene) -> None:
    palette = scene.palette
    side = -math.copysign(1.0, orb_of(scene)[0])
    x, y = side * scene.value("giant x", 0.2, 0.32), scene.value("giant y", -0.24, -0.1)
    radius, tilt = scene.value("giant size", 0.11, 0.17), scene.value("giant tilt", -0.4, 0.4)
    body = mix(palette.accent, palette.sky[2], 0.35)
    ring = [(math.cos(turn / 40 * math.pi), math.sin(turn / 40 * math.pi)) for turn in range(81)]

    def loop(part: list[Point], far: float) -> list[Point]:
        turn = (math.cos(tilt), math.sin(tilt))
        flat = [(px * radius * far, py * radius * far * 0.26) for px, py in part]
        return [(x + px * turn[0] - py * turn[1], y + px * turn[1] + py * turn[0]) for px, py in flat]

    back, front = ring[40:], ring[:41]
    canvas.polygon([*loop(back, 1.9), *reversed(loop(back, 1.35))], mix(palette.paper, body, 0.3), 0.6)
    canvas.disc(x, y, radius, radius, body)
    canvas.disc(x - radius * 0.16, y - radius * 0.14, radius * 0.8, radius * 0.8, mix(body, palette.orb, 0.4), 0.35)
    canvas.polygon([*loop(front, 1.9), *reversed(loop(front, 1.35))], mix(palette.paper, body, 0.2), 0.85)


def _space_stand(scene: Scene) -> Stand:
    return Stand(scene.value("stand x", -0.12, 0.12), 0.39, scene.value("stand size", 0.48, 0.56))


def _space_front(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    tone = mix(palette.near, palette.far, 0.1)
    line = trace(canvas, jagged(scene, "rocks", 0.5, 0.07, 0.16))
    paint_layer(canvas, line, tone, mix(palette.near, (0, 0, 0), 0.3), depth=0.2, shadow=0.22)
    deeper_layers(canvas, scene, 0.64, tone)


PLACES: dict[str, Place] = {
    **LANDS,
    "sea": Place(_sea_behind, _sea_stand, _sea_front),
    "city": Place(_city_behind, _city_stand, _city_front),
    "space": Place(_space_behind, _space_stand, _space_front),
}
