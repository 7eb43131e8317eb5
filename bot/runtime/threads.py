"""Work that is moved to a thread only if it is large: for small work, the way to the thread and back costs more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

# Encoding or parsing that many bytes takes a few tenths of a millisecond.
IN_LINE_BYTES = 64 * 1024

T = TypeVar("T")


async def in_thread_if_large(size: int, work: Callable[[], T]) -> T:
    """Runs `work`, in a thread if it processes more than `IN_LINE_BYTES` bytes. Returns its result and raises its
    errors."""
    return work() if size <= IN_LINE_BYTES else await asyncio.to_thread(work)
