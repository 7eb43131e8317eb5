"""The log: one line an event on standard error, with no secret in it, whoever wrote the line and at whatever level.

The libraries below log addresses and bodies of requests, and an interaction's token is part of both.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable

HIDDEN = "[hidden]"
# A shorter secret may occur in a line by chance.
_SHORTEST = 6
_TOKENS = re.compile(
    r"(?P<before>"
    r"/(?:interactions|webhooks)/\d+/"  # Discord's addresses
    r"|/callback/[^/\s]+/"  # our own, for the image service
    r"|\\?[\"']token\\?[\"']\s*:\s*\\?[\"']"  # JSON and Python's dictionaries
    r")[^/\s?\"'\\]+"
)


class DiscreetFormatter(logging.Formatter):
    """Writes a record, tracebacks included, without these secrets and without tokens that look like such."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = [secret for secret in secrets if len(secret) >= _SHORTEST]

    def format(self, record: logging.LogRecord) -> str:
        """The line, or the lines of a traceback."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _TOKENS.sub(rf"\g<before>{HIDDEN}", text)


def set_up(level: str, secrets: Iterable[str]) -> None:
    """Logs to standard error from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(DiscreetFormatter(secrets))
    logging.basicConfig(level=level, handlers=[handler])
    # Its DEBUG lines are the values of every statement and nothing else.
    logging.getLogger("aiosqlite").setLevel(max(logging.INFO, logging.getLogger().level))
