"""Discord's Markdown: untrusted text, which is shown as typed, without formatting, mentions or layout, and timestamps.

A timestamp is formatted by the reader's client, in its own locale and by a clock synchronized with Discord's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from bot.i18n import Translator
from bot.net.untrusted_data import without_private

ELLIPSIS = "…"
_ELLIPSIS_WEIGHT = 2
# The characters that take three or four bytes in UTF-8.
# Written as all but the others, which takes a twentieth of the time to compile.
_WIDE = re.compile("[^\0-\u07ff]")

# Each character that formats text or mentions someone, and what shows it literally.
_ESCAPES = {ord(character): f"\\{character}" for character in r"\*_~|`<>#[]()@:+-"}
# At the start of a line, Discord shows this as a numbered list.
_NUMBERED = re.compile(r"\d+(?=[.)])")
# Characters that are invisible or change the reading direction (overrides and isolates). They could reorder a text or
# hide parts of it. The joiners of emoji and of scripts are kept.
_UNSEEN = re.compile(
    "[\u00ad\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e0fff]+"
)
# Tag characters: part of a few flag emoji, otherwise invisible.
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007f]{1,16})|[\U000e0020-\U000e007f]+")
_SPACES = re.compile(r" {2,}")
# No script needs more marks on one letter; with more, a text covers the lines around it.
MAX_MARKS = 5
_MARKS = frozenset({"Mn", "Me"})


def sanitize_line(text: str) -> str:
    """The text on one line, without characters that are invisible, change the reading direction, or stack up."""
    if text.isprintable() and (text.isascii() or _is_plain(text)):  # most texts, and labels above all
        return " ".join(text.split())
    visible = "".join(" " if char.isspace() else char for char in text)
    seen = _TAGS.sub(r"\1", _UNSEEN.sub("", visible))
    kept, marks = [], 0
    for char in seen:
        category = unicodedata.category(char)
        if category in _MARKS:
            marks += 1
        elif category != "Cf":  # a joiner between marks does not start a new letter
            marks = 0
        if marks <= MAX_MARKS and category not in ("Cc", "Cs", "Co", "Cn"):
            kept.append(char)
    return _SPACES.sub(" ", "".join(kept)).strip()


def _is_plain(printable: str) -> bool:
    """Whether none of these printable characters is invisible or a mark on another one."""
    return not _UNSEEN.search(printable) and _MARKS.isdisjoint(map(unicodedata.category, printable))


def truncate(text: str, limit: int) -> str:
    """At most `limit` characters, ending with an ellipsis if the text was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def escape_markdown(text: str, limit: int, t: Translator) -> str:
    """The text as Markdown that Discord shows literally: at most `limit` characters, escapes included.

    Links are neither clickable nor embedded, because their colon is escaped. The text as shown and copied is the
    complete URL.

    A character of three or four bytes counts as two: Discord answers 500 above about 10,000 bytes of text in a message
    (discord-api-docs, issue 8554), which 4,000 characters of an Asian script would exceed. A URL that is not public
    (`bot.net.untrusted_data`) is replaced.
    """
    if limit <= 0:
        return ""
    escaped = _shown(text, limit, t).translate(_ESCAPES)
    if number := _NUMBERED.match(escaped):
        escaped = f"{number[0]}\\{escaped[number.end() :]}"
    room = limit - _ELLIPSIS_WEIGHT
    return escaped if weight(escaped) < room else _cut_escaped(escaped, room)


def literal_text(text: str, limit: int, t: Translator) -> str:
    """The text for places without Markdown, such as a web page or between backticks: at most `limit` characters."""
    kept, room = "", limit - _ELLIPSIS_WEIGHT
    shown = _shown(text, limit, t).replace("`", "'")
    for char in shown:
        room -= weight(char)
        if room < 0:
            return kept.rstrip() + ELLIPSIS
        kept += char
    return shown


def _shown(text: str, limit: int, t: Translator) -> str:
    # Text far beyond the limit is not processed: the image service may send any length.
    modal = 8 * limit + 1_000
    line = sanitize_line(text[:modal])
    if "://" in line:  # few texts have a URL
        line = without_private(line, t("card.address_hidden"))
    return line + ELLIPSIS if len(text) > modal else line


def fits(text: str, limit: int, t: Translator) -> bool:
    """Whether `escape_markdown` shows the text without cutting it."""
    return len(text) <= 8 * limit and (
        sanitize_line(text).endswith(ELLIPSIS) or not escape_markdown(text, limit, t).endswith(ELLIPSIS)
    )


def weight(text: str) -> int:
    """How much of a limit a text uses: one per character, two for a character of three or four bytes."""
    if text.isascii():
        return len(text)
    return len(text) + len(_WIDE.findall(text))


def _cut_escaped(escaped: str, room: int) -> str:
    """The whole words for which there is room, the beginning of the next one, and an ellipsis."""
    words: list[str] = []
    for word in escaped.split(" "):
        used = weight(word) + 1
        if used > room:
            words.append(_cut_word(word, room) + ELLIPSIS)
            break
        words.append(word)
        room -= used
    return " ".join(words)


def _cut_word(escaped: str, room: int) -> str:
    kept = ""
    for char in escaped:
        room -= weight(char)
        if room < 0:
            break
        kept += char
    # A trailing single backslash would escape the next character.
    odd = (len(kept) - len(kept.rstrip("\\"))) % 2
    return kept[:-1] if odd else kept


class _ClockSkew:
    """Seconds by which this machine's clock, which dates the tasks, is ahead of Discord's clock."""

    def __init__(self) -> None:
        self.now: Callable[[], float] = lambda: 0.0


_skew = _ClockSkew()


def correct_times_by(skew: Callable[[], float]) -> None:
    """Sets the function that returns the clock skew in seconds. All later timestamps are corrected by it."""
    _skew.now = skew


def relative_time(moment: float) -> str:
    """Time since a moment. Each reader's client keeps it current, so it needs no edits."""
    return f"<t:{_corrected(moment)}:R>"


def date_and_time(moment: float) -> str:
    """Date and time of a moment."""
    return f"<t:{_corrected(moment)}:f>"


def _corrected(moment: float) -> int:
    return int(moment - _skew.now())
