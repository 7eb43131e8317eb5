"""Reads event streams as servers send them, not only as the standard has them (docs/platform-api.md#event-streams).

Each line with data is read as a document of its own, so single line breaks, a missing blank line at the end, comments
and unknown fields change nothing. Parts may be cut at any byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.engines.errors import AnswerTooLarge
from bot.net.untrusted_data import parse_json
from bot.runtime.units import MEGABYTE

DONE = "[DONE]"
# One image as a data URL takes up to about 30 MB.
MAX_LINE = 64 * MEGABYTE
# A document that is spread over several lines of data is a small one.
_MAX_JOINED = 64
_MAX_JOINED_TEXT = MEGABYTE
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    """One document of a stream. `name` is the event's name, "" for none. `bare`: it came without `data:`."""

    document: Mapping[str, Any] = field(repr=False)
    name: str = ""
    bare: bool = False


class LineReader:
    """Splits bytes into lines that end in LF, CRLF or CR."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._after_cr = False
        self._begun = False

    def feed(self, part: bytes) -> Iterator[bytes]:
        """The lines that this part completes. Raises AnswerTooLarge for a line of more than MAX_LINE bytes."""
        if self._after_cr and part:
            part = part.removeprefix(b"\n")
            self._after_cr = False
        if part.endswith(b"\r"):
            self._after_cr = True
        # bytes.splitlines() splits at LF, CRLF and CR only.
        for line in part.splitlines(keepends=True):
            self._pending += line
            if len(self._pending) > MAX_LINE:
                raise AnswerTooLarge(f"a line is larger than {MAX_LINE} bytes")
            if line.endswith((b"\n", b"\r")):
                yield self._line()

    @property
    def pending(self) -> int:
        """The bytes of the line that has no end yet."""
        return len(self._pending)

    def rest(self) -> bytes:
        """The last line, if it has no end."""
        return self._line()

    def _line(self) -> bytes:
        line = bytes(self._pending).rstrip(b"\r\n")
        self._pending.clear()
        if not self._begun:
            self._begun, line = True, line.removeprefix(BOM)
        return line


class EventReader:
    """Turns the bytes of a stream into events. `done` is true after the terminator."""

    def __init__(self) -> None:
        self.done = False
        self._lines = LineReader()
        self._name = ""
        self._joined: list[str] = []

    @property
    def pending(self) -> int:
        """The bytes that are kept for an event that is incomplete."""
        return self._lines.pending

    def feed(self, part: bytes) -> Iterator[Event]:
        """The events that this part completes. Raises AnswerTooLarge."""
        for line in self._lines.feed(part):
            yield from self._read(line)

    def end(self) -> Iterator[Event]:
        """The event of a last line without an end."""
        yield from self._read(self._lines.rest())

    def _read(self, raw: bytes) -> Iterator[Event]:
        line = raw.decode("utf-8", "replace").strip()
        if self.done or not line:
            self._name = ""
            self._joined.clear()
        elif line.startswith("data:"):
            yield from self._data(line.removeprefix("data:").strip())
        elif line.startswith("event:"):
            self._name = line.removeprefix("event:").strip()
        elif line.startswith("{") and (document := _document(line)) is not None:
            yield Event(document, bare=True)

    def _data(self, data: str) -> Iterator[Event]:
        if data == DONE:
            self.done = True
            return
        document = _document(data)
        if document is None:
            document = self._continued(data)
        if document is not None:
            # Without blank lines between events, a name must not stand for the events after its own.
            name, self._name = self._name, ""
            self._joined.clear()
            yield Event(document, name)

    def _continued(self, data: str) -> Mapping[str, Any] | None:
        """The document that this line completes together with the lines before it. Words such as `ping` begin none."""
        if not self._joined and not data.startswith("{"):
            return None
        self._joined.append(data)
        if len(self._joined) > _MAX_JOINED or sum(map(len, self._joined)) > _MAX_JOINED_TEXT:
            self._joined.clear()
            return None
        return _document("\n".join(self._joined)) if len(self._joined) > 1 else None


def _document(text: str) -> Mapping[str, Any] | None:
    """The JSON object that a text is, None for anything else."""
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        document = parse_json(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, Mapping) else None
