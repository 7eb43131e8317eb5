"""What kind of failure a reason speaks of: one kind comes in many words (image API reference, 4.1 and 11)."""

from __future__ import annotations

import re

_KINDS = {
    "banned": re.compile(
        r"banned|sensitive|moderat|image filter|blocked|not allowed|community (?:standard|guideline)|敏感|违规",
        re.IGNORECASE,
    ),
    "parameter": re.compile(r"invalid param|unrecognized param|invalid link|unknown flag|参数", re.IGNORECASE),
    "timeout": re.compile(r"time(?:d)? ?out|超时", re.IGNORECASE),
}


def failure_kind(reason: str) -> str | None:
    """`banned`, `parameter` or `timeout`, or None where the reason has to speak for itself."""
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(reason)), None)
