"""Units that sizes and times are given in."""

from __future__ import annotations

MEGABYTE = 1024 * 1024
DAY_SECONDS = 86_400.0
