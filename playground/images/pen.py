"""A pen for one subject: its own coordinates (foot in the middle, y upwards, height about 1) and its colours."""

from collections.abc import Sequence
from dataclasses import dataclass

from playground.images.canvas import Canvas, Point, smooth
from playground.images.palettes import Colour, lightness, mix


@dataclass(frozen=True)
class Pen:
    """`flip` mirrors left and right; `sink` squashes and turns everything upside down, for a reflection."""

    canvas: Canvas
    x: float
    y: float
    size: float
    body: Colour
    paper: Colour
    glow: Colour
    deep: Colour
    flip: bool = False
    moment: float = 0.0
    sink: float = 0.0

    @property
    def shade(self) -> Colour:
        return mix(self.body, self.deep, 0.38)

    @property
    def light(self) -> Colour:
        return mix(self.body, self.paper, 0.42)

    @property
    def dark(self) -> Colour:
        """For eyes and openings: always dark enough to be seen."""
        return mix(self.deep, (12, 8, 24), 0.55 if lightness(self.deep) < 0.3 else 0.8)

    def at(self, x: float, y: float) -> Point:
        """A place of the subject in the world."""
        across = -x if self.flip else x
        up = -y * self.sink if self.sink else y
        return self.x + across * self.size, self.y - up * self.size

    def form(self, points: Sequence[Point], fill: Colour, alpha: float = 1.0, *, soft: bool = False) -> None:
        """Fill an outline, `soft` for a curve through the points."""
        outline = [self.at(*point) for point in (smooth(points) if soft else points)]
        if self.sink:
            self.canvas.polygon(outline, fill, alpha * 0.3)
        else:
            self.canvas.polygon(outline, fill, alpha)

    def disc(self, x: float, y: float, rx: float, ry: float, fill: Colour, alpha: float = 1.0) -> None:
        """Fill an ellipse."""
        if not self.sink:
            self.canvas.disc(*self.at(x, y), rx * self.size, ry * self.size, fill, alpha)
        elif rx > 0.05:
            self.canvas.disc(*self.at(x, y), rx * self.size, ry * self.size * self.sink, fill, alpha * 0.3)

    def line(
        self, points: Sequence[Point], width: float, fill: Colour, alpha: float = 1.0, *, soft: bool = False
    ) -> None:
        """Draw a line; it is left out of a reflection."""
        if not self.sink:
            curve = smooth(points, closed=False) if soft else points
            self.canvas.stroke([self.at(*point) for point in curve], width * self.size, fill, alpha)

    def shine(self, x: float, y: float, radius: float, fill: Colour, strength: float) -> None:
        """A light; it is left out of a reflection."""
        if not self.sink:
            self.canvas.glow(*self.at(x, y), radius * self.size, fill, strength)
