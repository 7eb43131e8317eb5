"""People's words, made harmless: shown as they were typed, never as formatting, mention or layout."""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"
_ELLIPSIS_WEIGHT = 2
# The first character that takes three bytes in UTF-8.
_THREE_BYTES = 0x800

_MARKDOWN = re.compile(r"([\\*_~|`<>#\[\]()@:\-])")
# Overrides and isolates of direction: with them a text could show in an order that is not its own.
_DIRECTION = {0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069}


def one_line(text: str) -> str:
    """The text on one line, without characters that show nothing or turn the reading order."""
    visible = (" " if char.isspace() else char for char in text if ord(char) not in _DIRECTION)
    kept = "".join(char for char in visible if unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn"))
    return re.sub(r" {2,}", " ", kept).strip()


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def plain(text: str, limit: int) -> str:
    """The text as Discord's Markdown that shows it literally; at most `limit` characters, escapes included.

    A link is not followed nor embedded: with its colon escaped, Discord sees none. The text as it is shown, and copied,
    is the whole address.

    A character of three or four bytes counts as two: Discord fails with HTTP 500 over some 10,000 bytes of text in a
    message (discord-api-docs, issue 8554), which 4,000 characters of an Asian script would reach.
    """
    words, used = [], 0
    for word in one_line(text).split(" "):
        escaped = _MARKDOWN.sub(r"\\\1", word)
        if used + weight(escaped) + 1 > limit - _ELLIPSIS_WEIGHT:
            words.append(_cut_escaped(escaped, limit - _ELLIPSIS_WEIGHT - used) + ELLIPSIS)
            break
        words.append(escaped)
        used += weight(escaped) + 1
    return " ".join(words)


def fits(text: str, limit: int) -> bool:
    """Does `plain` show all of it?"""
    return one_line(text).endswith(ELLIPSIS) or not plain(text, limit).endswith(ELLIPSIS)


def weight(text: str) -> int:
    """How much of a limit a text takes: its characters, those of three or four bytes twice."""
    return sum(1 if ord(char) < _THREE_BYTES else 2 for char in text)


def _cut_escaped(escaped: str, room: int) -> str:
    kept = ""
    for char in escaped:
        room -= weight(char)
        if room < 0:
            break
        kept += char
    # A backslash that lost its character would escape what follows.
    odd = (len(kept) - len(kept.rstrip("\\"))) % 2
    return kept[:-1] if odd else kept
