"""The exit codes of the program, and the line that says why it ends."""

from __future__ import annotations

import sys
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, one per cause."""

    OK = 0
    FAILED = 1
    USAGE = 2
    SETTINGS = 10
    TOKEN = 11
    DATABASE = 12
    NEWER_DATABASE = 13
    SECOND_INSTANCE = 14
    PORT = 15
    INTENTS = 16
    SHARDS = 17
    API_VERSION = 18
    APPLICATION = 19
    PLATFORM = 20


class PortUnavailable(Exception):
    """The web server cannot listen on its address."""


def fail(code: Exit, line: str) -> int:
    """Prints why the program ends. Returns its exit code."""
    print(f"atelier: {line}", file=sys.stderr)
    return code
