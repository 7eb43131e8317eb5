"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """`name` tells where it belongs in docs/performance.md."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """Its lines, without a line break at the end."""
        lines = (self.heads, ["---"] * len(self.heads), *self.rows)
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def show(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table with an empty line before it."""
    print(f"\n{Table('', heads, rows).markdown()}", flush=True)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def milliseconds(seconds: float) -> str:
    """With one decimal."""
    return f"{seconds * 1000:.1f} ms"
