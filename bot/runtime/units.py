"""Units: sizes in bytes, times in seconds."""

from __future__ import annotations

MEGABYTE = 1024 * 1024
DAY = 86_400.0
