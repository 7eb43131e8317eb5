"""Discord timestamps: the reader's client formats them in its own locale, by a clock synchronized with Discord's."""

from __future__ import annotations

from collections.abc import Callable


class _ClockSkew:
    """Seconds by which this machine's clock, which dates the tasks, is ahead of Discord's clock."""

    def __init__(self) -> None:
        self.now: Callable[[], float] = lambda: 0.0


_skew = _ClockSkew()


def correct_by(skew: Callable[[], float]) -> None:
    """Sets the function that returns the clock skew in seconds. All later timestamps are corrected by it."""
    _skew.now = skew


def relative(moment: float) -> str:
    """Time since a moment. Each reader's client keeps it current, so it needs no edits."""
    return f"<t:{_shown(moment)}:R>"


def date(moment: float) -> str:
    """Date and time of a moment."""
    return f"<t:{_shown(moment)}:f>"


def _shown(moment: float) -> int:
    return int(moment - _skew.now())
