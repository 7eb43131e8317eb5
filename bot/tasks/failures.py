"""Classifies failure reasons; services word each kind in many ways (docs/image-api.md#failures)."""

from __future__ import annotations

import re

FORGOTTEN, IMPOSSIBLE_ID = "forgotten", "impossible_id"
_CODES = {
    "banned": re.compile(
        r"banned|sensitive|moderat|image filter|blocked|not allowed|community (?:standard|guideline)|敏感|违规",
        re.IGNORECASE,
    ),
    "parameter": re.compile(r"invalid param|unrecognized param|invalid link|unknown flag|参数", re.IGNORECASE),
    "timeout": re.compile(r"time(?:d)? ?out|超时", re.IGNORECASE),
}


# Matches whole reasons, because others mention a cancellation together with its cause ("cancelled due to image
# filters").
_CANCELLED = re.compile(
    r"\W*(?:(?:the )?(?:task|job|request) (?:was |has been |is )?)?cancell?ed(?: by (?:the )?(?:user|admin\w*))?\W*"
    r"|\W*(?:任务|作业)?(?:已|被|主动|手动|用户)*取消(?:任务|作业)?\W*",
    re.IGNORECASE,
)


def says_cancelled(reason: str) -> bool:
    """Whether the reason says only that the task was canceled (docs/image-api.md#cancel)."""
    return _CANCELLED.fullmatch(reason) is not None


def failure_code(reason: str) -> str | None:
    """`banned`, `parameter` or `timeout`, or None if the reason matches no known kind."""
    return next((code for code, pattern in _CODES.items() if pattern.search(reason)), None)
