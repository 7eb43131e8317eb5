"""Runs the real bot in this process: that of this checkout, or of another one."""

from __future__ import annotations

import os
import sys

# The other checkout's folder. PYTHONPATH would replace the bench as well.
BOT_FROM = "BENCH_BOT_FROM"


def run() -> int:
    """`python -m bot run`; its exit code."""
    if checkout := os.environ.get(BOT_FROM):
        sys.path.insert(0, checkout)
    from bot.__main__ import main  # noqa: PLC0415 - after the path was set, and after the caller's hooks

    return main(["run"])
