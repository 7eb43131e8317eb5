"""Draws the subjects and plants of `shapes.toml`.

A shape is a sign, a colour and numbers: `^` is a polygon and `~` a closed curve through x y pairs, `o` an ellipse
(centre and two radii), `-` a line (its width, then x y pairs), `*` a light (centre, radius, strength), `#` windows
between two corners (in columns and rows). After a `|` the shape is drawn mirrored as well. `a/b` is the mixture of
two colours. The foot is at 0 0, y grows upwards and the height is about 1.
"""

import functools
import itertools
import math
import re
import tomllib
from collections.abc import Mapping
from importlib import resources

from PIL import Image, ImageChops, ImageFilter

from playground.images.painter.canvas import Canvas, curve
from playground.images.painter.scene import Colour, Point, Scene, colour, mix, noise

_SHAPES: dict[str, str] = tomllib.loads(resources.files(__package__).joinpath("shapes.toml").read_text("utf-8"))
_NATURAL = {"fox": "#e2762f", "cat": "#dd8f4d", "owl": "#a8703f", "whale": "#5b86ad", "rabbit": "#b99a7d",
            "robot": "#9fb4bf", "lantern": "#f0a254", "bridge": "#c9b79c", "mushroom": "#d64933"}  # fmt: skip
_SIGNS = "^~o-#*"
_AIRBORNE = frozenset(("balloon", "lantern", "bridge", "rocket"))
_SHAPE = re.compile(r"(\|?)([\^~o*#-])\s*([a-z/]*)((?:\s*-?[\d.]+)+)")
_SPAN = 0.62  # of one arch of the bridge


@functools.cache
def _shapes_of(name: str) -> list[tuple[str, str, tuple[float, ...]]]:
    found = []
    for mirrored, sign, tone, values in _SHAPE.findall(_SHAPES.get(name, "")):
        numbers = tuple(float(value) for value in values.split())
        found.append((sign, tone, numbers))
        if mirrored:
            start, end = (1 if sign == "-" else 0), (2 if sign == "o" else len(numbers))
            turned = (-n if start <= i < end and i % 2 == start else n for i, n in enumerate(numbers))
            found.append((sign, tone, tuple(turned)))
    return found


@functools.lru_cache(maxsize=256)
def tones_of(scene: Scene, body: Colour | None = None) -> dict[str, Colour]:
    """The colours by the names that shapes use; `body` is the subject's own unless given."""
    palette, own = scene.palette, _NATURAL.get(scene.subject)
    tone = body or scene.tint or (mix(colour(own), palette.accent, 0.15) if own else palette.accent)
    if body is None and math.dist(tone, palette.layer(0.45)) < 70:  # too much like what surrounds it
        tone = max(
            (mix(tone, other, 0.45) for other in (palette.near, palette.accent, palette.sky[0])),
            key=lambda t: math.dist(t, palette.layer(0.45)),
        )
    sheet = tone if scene.tint else mix(tone, palette.paper, 0.55)
    cap = mix(palette.paper, palette.sky[1], 0.15) if scene.weather == "snow" else mix(tone, palette.orb, 0.12)
    tones = {"body": tone, "paper": palette.paper, "glow": palette.orb, "deep": palette.near, "accent": palette.accent}
    tones |= {"shade": mix(tone, palette.near, 0.38), "light": mix(tone, palette.paper, 0.42), "white": (255, 255, 255)}
    tones |= {"sheet": sheet, "fold": mix(sheet, palette.near, 0.25), "dark": mix(palette.near, (12, 8, 24), 0.7)}
    tones |= {"wood": mix((84, 52, 36), palette.near, 0.35), "stone": mix(palette.paper, palette.near, 0.35)}
    tones |= {"wall": mix(mix(palette.paper, tone, 0.12), palette.near, 0.08), "pink": (240, 130, 130), "cap": cap}
    tones |= {"trunk": mix(tone, (18, 8, 16), 0.35), "lit": mix(tone, mix(palette.orb, palette.accent, 0.35), 0.8)}
    return tones | {"gold": mix(palette.orb, (244, 160, 50), 0.6), "leaf": mix((96, 148, 80), palette.near, 0.25)}


def draw_shapes(
    canvas: Canvas, name: str, foot: Point, size: float, tones: Mapping[str, Colour], turn: int = 1, signs: str = _SIGNS
) -> None:
    """Draw the shapes of a name that have one of the signs, with the foot at a point; `turn` -1 mirrors them."""
    for sign, tone_name, numbers in _shapes_of(name):
        if sign not in signs:
            continue
        first, _, second = tone_name.partition("/")
        tone = mix(tones[first], tones[second], 0.5) if second else tones[first or "glow"]
        start = 1 if sign == "-" else 0
        pairs = zip(numbers[start::2], numbers[start + 1 :: 2], strict=True)
        points = [(foot[0] + x * turn * size, foot[1] - y * size) for x, y in pairs]
        match sign:
            case "o":
                canvas.disc(*points[0], numbers[2] * size, numbers[3] * size, tone)
            case "-":
                canvas.line(points, numbers[0] * size, tone)
                for point in (points[0], points[-1]):
                    canvas.disc(*point, numbers[0] * size / 2, numbers[0] * size / 2, tone)
            case "*":
                canvas.glow(*points[0], numbers[2] * size, tone, numbers[3])
            case "#":
                _windows(canvas, points, (int(numbers[4]), int(numbers[5])), tone)
            case _:
                canvas.fill(curve(points) if sign == "~" else points, tone)


def _windows(canvas: Canvas, corners: list[Point], counts: tuple[int, int], tone: Colour) -> None:
    """Windows between two corners, of which some are lit."""
    (x0, y0), (x1, y1) = corners[:2]
    wide, high = (x1 - x0) / counts[0], (y1 - y0) / counts[1]
    for column, row in itertools.product(range(counts[0]), range(counts[1])):
        if (chance := noise(round(x0, 3), column, row)) < 0.4 and abs(wide) * canvas.scale > 3:
            x, y = x0 + wide * (column + 0.25), y0 + high * (row + 0.25)
            pane = [(x, y), (x + wide * 0.5, y), (x + wide * 0.5, y + high * 0.5), (x, y + high * 0.5)]
            canvas.fill(pane, tone, alpha=0.4 + chance)


def draw_subject(canvas: Canvas, scene: Scene, foot: Point, size: float, *, turn: int, water: bool = False) -> None:
    """Draw the scene's subject, lit from the left (or the right: `turn` -1); in water it is mirrored."""
    name, (x, y), tones = scene.subject, foot, tones_of(scene)
    arches = 3 if name == "bridge" else 0  # on each side of the middle one
    half = size * (1 + arches * _SPAN)
    box = canvas.box(x - half, y - 1.45 * size, x + half, y + 0.15 * size)
    if box is None or name not in _SHAPES:
        return
    if not water and name not in _AIRBORNE:
        canvas.disc(x, y, size * 0.42, size * 0.04, mix(scene.palette.near, (0, 0, 0), 0.5), 0.35)
    layer = Canvas(canvas.part(box), box[2] - box[0], box[3] - box[1], mode="RGBA")
    for arch in range(-arches, arches + 1):
        draw_shapes(layer, name, (x + arch * _SPAN * size, y), size, tones, turn, "^~o-")
    image, sill = _lit(layer, scene, turn), round((y - layer.view.top) * layer.scale)
    if water and 4 < sill <= image.height:
        above = image.crop((0, 0, image.width, sill)).resize((image.width, sill * 6 // 10))
        below = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).filter(ImageFilter.BoxBlur(0.004 * canvas.scale))
        faint = below.getchannel("A").point([n * 2 // 5 for n in range(256)])
        canvas.image.paste(below, (box[0], box[1] + sill), faint)
    canvas.image.paste(image, box[:2], image)
    draw_shapes(canvas, name, foot, size, tones, turn, "*")


def _lit(layer: Canvas, scene: Scene, turn: int) -> Image.Image:
    """The subject with shadow towards the ground and a bright edge towards the sun."""
    image, alpha = layer.image, layer.image.getchannel("A")
    ground = Image.linear_gradient("L").point([max(0, n - 90) // 3 for n in range(256)]).resize(image.size)
    rgb = image.convert("RGB")
    rgb.paste(scene.palette.near, (0, 0, *image.size), ground)
    width = max(1, round(0.006 * layer.scale))
    shifted = alpha.transform(alpha.size, Image.Transform.AFFINE, (1, 0, -width * turn, 0, 1, -width))
    edge = ImageChops.subtract(alpha, shifted).point([n * 4 // 10 for n in range(256)])
    rgb.paste(scene.palette.orb, (0, 0, *image.size), edge.filter(ImageFilter.BoxBlur(width * 0.6)))
    rgb.putalpha(alpha)
    return rgb
