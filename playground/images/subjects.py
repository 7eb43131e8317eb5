"""Which subject is drawn by which hand, and how it stands in its place."""

import math
from collections.abc import Callable
from dataclasses import replace

from playground.images import creatures, emblems, things, wonders
from playground.images.canvas import Canvas
from playground.images.palettes import Colour, colour, lightness, mix
from playground.images.pen import Pen
from playground.images.places import Stand
from playground.images.scenes import Scene

Hand = Callable[[Pen, Scene], None]
_HANDS: dict[str, Hand] = {
    "fox": creatures.fox,
    "cat": creatures.cat,
    "owl": creatures.owl,
    "rabbit": creatures.rabbit,
    "whale": creatures.whale,
    "robot": creatures.robot,
    "boat": things.boat,
    "ship": things.ship,
    "house": things.house,
    "castle": things.castle,
    "lighthouse": things.lighthouse,
    "tree": things.tree,
    "balloon": things.balloon,
    "rocket": wonders.rocket,
    "kite": wonders.kite,
    "windmill": wonders.windmill,
    "bridge": wonders.bridge,
    "flower": wonders.flower,
    "mushroom": wonders.mushroom,
    "lantern": wonders.lantern,
    "emblem0": emblems.arches,
    "emblem1": emblems.totem,
    "emblem2": emblems.fan,
    "emblem3": emblems.crystal,
}
_AIRBORNE = frozenset(("balloon", "kite", "lantern", "bridge", "rocket"))
_NATURAL = {
    "fox": "#e2762f",
    "cat": "#dd8f4d",
    "lantern": "#f0a254",
    "owl": "#a8703f",
    "whale": "#5b86ad",
    "rabbit": "#b99a7d",
    "robot": "#9fb4bf",
    "bridge": "#c9b79c",
    "mushroom": "#d64933",
}


def _body(scene: Scene) -> Colour:
    """The subject's colour: the word's, its own, or the palette's contrast; never that of what surrounds it."""
    palette = scene.palette
    own = _NATURAL.get(scene.subject)
    tone = scene.tint or (mix(colour(own), palette.accent, 0.22) if own else palette.accent)
    if abs(lightness(tone) - lightness(palette.layer(0.45))) < 0.12:
        tone = mix(tone, palette.paper, 0.4)
    return tone


def paint_subject(canvas: Canvas, scene: Scene, stand: Stand, moment: float) -> None:
    """Paint the subject where it stands; on water it mirrors and rocks."""
    hand = _HANDS.get(scene.subject)
    if hand is None:
        return
    palette = scene.palette
    sway = 0.006 * math.sin(moment * math.tau) if stand.water else 0.0
    pen = Pen(
        canvas,
        stand.x,
        stand.y + sway,
        stand.size,
        body=_body(scene),
        paper=palette.paper,
        glow=palette.orb,
        deep=palette.near,
        flip=scene.cell("flip", 0) < 0.5,
        moment=moment,
    )
    if not stand.water and scene.subject not in _AIRBORNE:
        canvas.disc(stand.x, stand.y, stand.size * 0.42, stand.size * 0.045, mix(palette.near, (0, 0, 0), 0.5), 0.35)
    if stand.water and not canvas.flat:
        hand(replace(pen, sink=0.55), scene)
    hand(pen, scene)
