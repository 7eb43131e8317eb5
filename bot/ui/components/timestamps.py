"""Moments as Discord shows them: the reader's client turns them into words, by a clock that agrees with Discord's."""

from __future__ import annotations

from collections.abc import Callable


class _ClockSkew:
    """Seconds by which this machine's clock, by which tasks are dated, is ahead of Discord's."""

    def __init__(self) -> None:
        self.now: Callable[[], float] = lambda: 0.0


_skew = _ClockSkew()


def correct_by(skew: Callable[[], float]) -> None:
    """From now on moments are shown corrected by what this gives."""
    _skew.now = skew


def relative(moment: float) -> str:
    """How long ago a moment was; it counts on by itself in each reader's language, so that time costs no edits."""
    return f"<t:{_shown(moment)}:R>"


def date(moment: float) -> str:
    """Date and time of a moment."""
    return f"<t:{_shown(moment)}:f>"


def _shown(moment: float) -> int:
    return int(moment - _skew.now())
