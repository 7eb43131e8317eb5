"""What the system knows of a process (Linux)."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def megabytes(pid: int) -> float:
    """Resident memory."""
    return _megabytes(pid, "VmRSS:")


def peak_megabytes(pid: int) -> float:
    """The most resident memory that it ever had."""
    return _megabytes(pid, "VmHWM:")


def _megabytes(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


def cpu_seconds(pid: int) -> float:
    """Time on a processor of all its threads, ended ones too, its own and the system's for it."""
    # The id of another process's CPU clock, as clock_getcpuclockid(3) makes it.
    return time.clock_gettime((~pid << 3) | 2)


@contextmanager
def kept_apart(pid: int) -> Iterator[None]:
    """A process has one half of the processors for itself, and this one, with the local services, the other half.

    Elsewhere Discord does not run on the machine of the bot. Here the system would interrupt the bot as soon as a
    request has reached the local Discord, to let that one run in its place.
    """
    processors = sorted(os.sched_getaffinity(0))
    half = len(processors) // 2
    if half:
        _run_on(pid, processors[:half])
        _run_on(os.getpid(), processors[half:])
    try:
        yield
    finally:
        _run_on(os.getpid(), processors)


def _run_on(pid: int, processors: Collection[int]) -> None:
    """Threads that are started later run there as well."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended meanwhile
            os.sched_setaffinity(int(thread.name), processors)


def descriptors(pid: int) -> int:
    """Open files and sockets."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
