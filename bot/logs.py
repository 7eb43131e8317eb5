"""The log: one line per event on standard error, without secrets, for all libraries and levels.

Libraries log URLs and bodies of requests, and both contain interaction tokens. Much logged text comes from services and
users: line breaks and other control or invisible characters are escaped. Only tracebacks span several lines; these are
indented, so that none of them looks like an event.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import TextIO, TypeAlias

HIDDEN = "[hidden]"
# Shorter secrets could match parts of ordinary lines.
_SHORTEST = 6
# In characters; longer lines are truncated.
MAX_LINE = 4_000
# Maximum number of lines of a traceback; its first and last lines are kept.
MAX_TRACEBACK = 120
_INDENT = "    "
_FRAME = re.compile(r"[\s|+-]*File \"")
_TOKENS = re.compile(
    r"(?P<before>"
    r"/(?:interactions|webhooks)/\d+/"  # Discord's URLs
    r"|/callback/[^/\s]+/"  # the bot's callback URLs
    r"|\\?[\"']token\\?[\"']\s*:\s*\\?[\"']"  # JSON and Python's dictionaries
    r")[^/\s?\"'\\]+"
)


ErrorInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)  # as defined by `logging`


def escaped(text: str, limit: int = MAX_LINE) -> str:
    """The text on one line of printable characters, truncated to `limit` characters plus a note with the number of
    missing ones."""
    missing = len(text) - limit
    if missing > 0:
        text = f"{text[:limit]}… ({missing} more characters)"
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


class DiscreetFormatter(logging.Formatter):
    """Formats a record on one line and its traceback below, without the given secrets and without anything that looks
    like a token."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._secrets = [secret for secret in secrets if len(secret) >= _SHORTEST]

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - named by logging
        """The record's line."""
        return escaped(self._hidden(super().formatMessage(record)))

    def formatException(self, ei: ErrorInfo) -> str:  # noqa: N802 - as above
        """The lines of a traceback, indented; each error's text takes one line."""
        kind, error, trace = ei
        if kind is None or error is None:
            return _INDENT + "no traceback"
        parts = traceback.TracebackException(kind, error, trace, compact=True).format()
        return self._indented(line for part in parts for line in _lines_of(part))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - as above
        """The lines of a stack, indented."""
        return self._indented(stack_info.splitlines())

    def _indented(self, lines: Iterable[str]) -> str:
        written = [_INDENT + escaped(self._hidden(line)) for line in lines]
        if len(written) > MAX_TRACEBACK:
            half = MAX_TRACEBACK // 2
            missing = f"{_INDENT}… ({len(written) - 2 * half} more lines)"
            written = [*written[:half], missing, *written[-half:]]
        return "\n".join(written)

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _TOKENS.sub(rf"\g<before>{HIDDEN}", text)


def _lines_of(part: str) -> Iterator[str]:
    """The lines of one part of a formatted traceback: a frame has several lines, an error's text always one."""
    part = part.strip("\n")
    if _FRAME.match(part):
        yield from part.split("\n")
    else:
        yield part


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to standard error; a record that cannot be formatted is reported on one line."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - named by logging
        """Reports the record's logger and format string, without its values."""
        with suppress(OSError, ValueError):  # the stream is closed
            self.stream.write(
                f"a line of {escaped(record.name)} could not be logged: {escaped(repr(record.msg), 200)}\n"
            )


def handler_on(stream: TextIO, secrets: Iterable[str]) -> logging.Handler:
    """A handler that writes the log to a stream."""
    handler = _Handler(stream)
    handler.setFormatter(DiscreetFormatter(secrets))
    return handler


def set_up(level: str, secrets: Iterable[str]) -> None:
    """Configures logging to standard error."""
    logging.basicConfig(level=level, handlers=[handler_on(sys.stderr, secrets)])
    # Its DEBUG lines contain only the values of every statement.
    logging.getLogger("aiosqlite").setLevel(max(logging.INFO, logging.getLogger().level))
