"""What the system knows of a process (Linux)."""

from __future__ import annotations

import time
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


def descriptors(pid: int) -> int:
    """Open files and sockets."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
