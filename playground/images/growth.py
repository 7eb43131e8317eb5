"""What grows on the ground and stands in rows: pines, trees, grass, flowers, cactuses."""

import math

from playground.images.canvas import Canvas, smooth
from playground.images.palettes import Colour, mix
from playground.images.scenes import Scene
from playground.images.terrain import Ridge, paint_layer, rolling, trace


def paint_pine(canvas: Canvas, x: float, y: float, height: float, fill: Colour, light: Colour) -> None:
    """A pine of four skirts, lit from one side; (x, y) is its foot."""
    canvas.polygon([(x - height * 0.03, y), (x + height * 0.03, y), (x, y - height * 0.4)], mix(fill, (20, 8, 8), 0.4))
    for tier in range(4):
        low, high = y - height * (0.1 + 0.2 * tier), y - height * (0.44 + 0.187 * tier)
        half = height * (0.25 - 0.05 * tier)
        hem = [
            (x - half, low),
            (x - half * 0.4, low + height * 0.018),
            (x, low),
            (x + half * 0.45, low + height * 0.02),
        ]
        canvas.polygon([*hem, (x + half, low), (x, high)], fill)
        canvas.polygon([(x, low), (x + half * 0.45, low + height * 0.02), (x + half, low), (x, high)], light, 0.2)


def paint_round_tree(canvas: Canvas, x: float, y: float, height: float, fill: Colour, light: Colour) -> None:
    """A tree with a round crown; (x, y) is its foot."""
    bark = mix(fill, (40, 20, 20), 0.55)
    canvas.polygon([(x - height * 0.04, y), (x + height * 0.04, y), (x + height * 0.015, y - height * 0.6)], bark)
    crown, radius = y - height * 0.66, height * 0.3
    canvas.disc(x, crown, radius * 0.92, radius * 1.15, fill)
    canvas.disc(x + radius * 0.22, crown - radius * 0.25, radius * 0.55, radius * 0.72, light, 0.35)


def paint_cactus(canvas: Canvas, x: float, y: float, height: float, fill: Colour, light: Colour) -> None:
    """A cactus with two arms; (x, y) is its foot."""
    thick = height * 0.16
    for points in (
        [(x, y), (x, y - height)],
        [(x, y - height * 0.35), (x - height * 0.26, y - height * 0.4), (x - height * 0.26, y - height * 0.66)],
        [(x, y - height * 0.5), (x + height * 0.24, y - height * 0.54), (x + height * 0.24, y - height * 0.84)],
    ):
        canvas.stroke(points, thick * (1 if len(points) == 2 else 0.7), fill)
        end = points[-1]
        canvas.disc(*end, thick * (0.5 if len(points) == 2 else 0.35), thick * 0.45, fill)
    canvas.stroke(
        [(x + thick * 0.22, y - height * 0.05), (x + thick * 0.22, y - height * 0.95)], thick * 0.14, light, 0.5
    )


def row_of(
    canvas: Canvas,
    scene: Scene,
    name: str,
    ridge: Ridge,
    *,
    gap: float,
    height: float,
    kind: str,
    share: float = 0.6,
    clear: float = 0.0,
) -> None:
    """Trees along a ridge: one in a column of width `gap` with a likelihood of `share`.

    `clear` keeps that much on both sides of the middle open.
    """
    palette = scene.palette
    paint = {"pine": paint_pine, "round": paint_round_tree, "cactus": paint_cactus}[kind]
    depth = min(0.35 + height * 3.2, 0.95)
    fill = mix(palette.layer(depth), palette.sky[0], 0.1)
    for index in canvas.cells(gap, margin=1 + height / gap):
        x = (index + scene.cell(f"{name} x", index)) * gap
        if scene.cell(f"{name} is", index) <= share and abs(x) >= clear:
            tall = height * (0.6 + 0.6 * scene.cell(f"{name} tall", index))
            paint(canvas, x, ridge(x) + tall * 0.04, tall, fill, mix(fill, palette.orb, 0.4))


def grass(canvas: Canvas, scene: Scene, name: str, ridge: Ridge, fill: Colour, *, height: float = 0.03) -> None:
    """Blades of grass along a ridge."""
    for index in canvas.cells(0.009, margin=6):
        lean = scene.cell(f"{name} lean", index) - 0.5
        x = (index + scene.cell(f"{name} x", index)) * 0.009
        tall = height * (0.35 + 0.65 * scene.cell(f"{name} tall", index) ** 2)
        y = ridge(x) + 0.006
        canvas.polygon([(x - 0.0022, y), (x + 0.0022, y), (x + lean * tall * 0.9, y - tall)], fill, ink=False)


def blossoms(canvas: Canvas, scene: Scene, name: str, ridge: Ridge, *, gap: float = 0.05, size: float = 0.012) -> None:
    """Small flowers in front of a ridge."""
    palette = scene.palette
    tones = (palette.accent, palette.paper, mix(palette.accent, palette.orb, 0.55))
    for index in canvas.cells(gap):
        if scene.cell(f"{name} is", index) > 0.6:
            continue
        x = (index + scene.cell(f"{name} x", index)) * gap
        y = ridge(x) + 0.012 + 0.05 * scene.cell(f"{name} y", index)
        own = size * (0.6 + 0.7 * scene.cell(f"{name} size", index))
        canvas.stroke([(x, y), (x, y + own * 2.2)], 0.0025, mix(palette.near, palette.far, 0.4))
        tone = tones[int(scene.cell(f"{name} tone", index) * len(tones))]
        for petal in range(5):
            angle = petal * math.tau / 5 + x * 40
            canvas.disc(
                x + math.cos(angle) * own * 0.55, y + math.sin(angle) * own * 0.55, own * 0.42, own * 0.42, tone
            )
        canvas.disc(x, y, own * 0.34, own * 0.34, palette.orb)


def paint_bush(canvas: Canvas, x: float, y: float, size: float, fill: Colour) -> None:
    """A low bush, `size` half its width."""
    form = [(-1, 0.1), (-0.85, -0.35), (-0.5, -0.45), (-0.25, -0.8), (0.15, -0.75), (0.4, -0.45), (0.8, -0.4), (1, 0.1)]
    canvas.polygon([(x + px * size, y + py * size) for px, py in smooth(form)], fill)


def deeper_layers(canvas: Canvas, scene: Scene, base: float, top: Colour) -> None:
    """Whatever lies nearer than the picture's own foreground: seen after zooming out or panning down."""
    gap, level = 0.16, base
    for index in range(12):
        if level - 0.06 > canvas.view.bottom:
            return
        tone = mix(top, scene.palette.accent if index % 2 else scene.palette.far, 0.05 + 0.05 * (index % 3))
        ridge = rolling(scene, f"deeper {index}", level, 0.035 + gap * 0.12, 1 + index * 0.35)
        bush = gap * 0.3
        for column in canvas.cells(gap * 1.5):
            if scene.cell(f"bush {index}", column) < 0.5:
                x = (column + scene.cell(f"bush x {index}", column)) * gap * 1.5
                size = bush * (0.5 + scene.cell(f"bush size {index}", column))
                paint_bush(canvas, x, ridge(x) + size * 0.1, size, mix(tone, scene.palette.far, 0.1))
        paint_layer(canvas, trace(canvas, ridge), tone, mix(tone, (6, 5, 16), 0.5), depth=gap * 1.8)
        grass(canvas, scene, f"deeper {index}", ridge, tone, height=0.03 + gap * 0.1)
        blossoms(canvas, scene, f"deeper {index}", ridge, gap=gap * 0.5, size=gap * 0.08)
        level, gap = level + gap, gap * 1.45
