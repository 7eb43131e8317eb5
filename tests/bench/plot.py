"""Draws the report as SVG: CPU a press of each program, and what happens when the rate rises.

One file serves light and dark pages: its colors follow `prefers-color-scheme`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.bench.loads import LONG, SHORT
from tests.bench.report import Report
from tests.bench.sustained import ACKNOWLEDGED, LATE, Ramp, Stage, median_run

WIDTH, MARGIN = 760, 24
# Of the bars: width of their names, room for their values, height of one with its gap.
NAMES, VALUES, BAR, GAP = 130, 70, 20, 8
CHART = 170
# Of the chart, in seconds.
MOST = 4.0
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; }
.small { font-size: 12px; fill: #59636e; }
.bar { fill: #8c959f; }
.ours { fill: #0969da; }
.line { fill: none; stroke-width: 2; stroke: #0969da; }
.dot { fill: #0969da; }
.dot.second { fill: #bc4c00; }
.axis { stroke: #d1d9e0; stroke-width: 1; }
.limit { stroke: #0969da; stroke-width: 1; stroke-dasharray: 4 4; }
.second { stroke: #bc4c00; }
.dot { stroke: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .small { fill: #9198a1; }
  .bar { fill: #6e7681; }
  .ours, .dot { fill: #4493f8; }
  .line, .limit { stroke: #4493f8; }
  .second { stroke: #f0883e; }
  .dot.second { fill: #f0883e; }
  .dot { stroke: none; }
  .axis { stroke: #3d444d; }
}
"""


def svg(report: Report) -> str:
    """The picture."""
    half = (WIDTH - 3 * MARGIN) / 2
    drawn: list[str] = []
    heights = []
    for left, load, words in (
        (MARGIN, SHORT, "CPU a press, short (256²)"),
        (2 * MARGIN + half, LONG, "CPU a press, long (1024²)"),
    ):
        milliseconds = {name: costs.cpu * 1000 for name, costs in report.pressing[load.name].items()}
        drawn += bars(left, half, words, milliseconds)
        heights.append(44 + len(milliseconds) * (BAR + GAP))
    top = max(heights) + MARGIN
    name, ramps = next(iter(report.ramps.items()))
    drawn += chart(top, f"{name} when more and more people press", median_run(ramps))
    height = top + CHART + 70
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
    return "\n".join((head, f"<style>{STYLE}</style>", *drawn, "</svg>", ""))


def bars(left: float, width: float, title: str, values: Mapping[str, float]) -> Iterator[str]:
    """Horizontal bars of milliseconds; those of Atelier stand out."""
    yield text(left, 28, title, "title")
    unit = (width - NAMES - VALUES) / max(values.values())
    for number, (name, value) in enumerate(values.items()):
        top = 42 + number * (BAR + GAP)
        kind = "ours" if name.startswith("Atelier") else "bar"
        yield text(left, top + 15, name)
        place = f'x="{left + NAMES:.1f}" y="{top}" width="{value * unit:.1f}" height="{BAR}"'
        yield f'<rect class="{kind}" {place} rx="2"/>'
        yield text(left + NAMES + value * unit + 6, top + 15, f"{value:.1f} ms", "small")


@dataclass(frozen=True)
class Scale:
    """From presses a second and seconds to places in the picture."""

    top: float
    first: float
    last: float

    def x(self, rate: float) -> float:
        """The further to the right, the more presses."""
        share = (rate - self.first) / ((self.last - self.first) or 1)
        return MARGIN + 30 + share * (WIDTH - 2 * MARGIN - 30 - 150)

    def y(self, seconds: float) -> float:
        """What exceeds the chart is drawn at its upper edge."""
        return self.top + CHART * (1 - min(seconds, MOST) / MOST)


def chart(top: float, title: str, ramp: Ramp) -> Iterator[str]:
    """Two lines over the rate: the wait for the acknowledgment, and for the last image."""
    scale = Scale(top + 22, ramp[0].rate, ramp[-1].rate)
    yield text(MARGIN, top + 4, title, "title")
    for seconds in range(int(MOST) + 1):
        if seconds not in (ACKNOWLEDGED, LATE):
            yield rule(scale, seconds, "axis")
        yield text(MARGIN, scale.y(seconds) + 4, f"{seconds} s", "small")
    for stage in ramp:
        yield text(scale.x(stage.rate), scale.y(0) + 18, f"{stage.rate:.0f}", "small", "middle")
    yield text(scale.x(ramp[-1].rate) + 24, scale.y(0) + 18, "presses a second", "small")
    yield from series(scale, ramp, "", "acknowledged (p99)", ACKNOWLEDGED, lambda stage: stage.acknowledged)
    yield from series(scale, ramp, "second", "last image", LATE, lambda stage: stage.late)


def series(
    scale: Scale, ramp: Ramp, kind: str, words: str, limit: float, value: Callable[[Stage], float]
) -> Iterator[str]:
    """One line, its points, its limit, and its name beside its end."""
    points = [(scale.x(stage.rate), scale.y(value(stage))) for stage in ramp]
    yield rule(scale, limit, f"limit {kind}")
    yield f'<polyline class="line {kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
    yield from (f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    x, y = points[-1]
    yield text(x + 24, y + 4, words)
    yield text(x + 24, scale.y(limit) + 4, f"limit {limit:.0f} s", "small") if abs(y - scale.y(limit)) > 16 else ""


def rule(scale: Scale, seconds: float, kind: str) -> str:
    """A horizontal line."""
    y, right = scale.y(seconds), scale.x(scale.last) + 12
    return f'<line class="{kind}" x1="{MARGIN + 30}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Words at a place."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
