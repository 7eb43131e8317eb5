"""The text of a model as Discord's Markdown: harmless formatting stays, everything else is shown literally.

Bold, italics, lists, quotes and code stay. Headings become bold lines and small print becomes plain text, because the
bot's own texts use them. Mentions, timestamps, commands and emoji of servers lose their meaning, masked links show
their target, and URLs that are not public are left out (`bot.net.untrusted_data`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.i18n import Translator
from bot.net.untrusted_data import public_link, without_private
from bot.ui.components.markdown import sanitize_line, weight

_FENCE = re.compile(r"\s{0,3}```+\s*([\w+#.-]{0,20})[^`]*$")
_SPACES = re.compile(r"( +)")
_MAX_INDENT = 12
# Longer lines are divided where a text is shown in part.
_LONG_LINE = 1_000
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_QUOTE = re.compile(r"(?:>\s*)+")
_SMALL_PRINT = re.compile(r"-#")
# A target may contain one pair of parentheses.
_TARGET = r"\(\s*<?(?P<target>[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+[\"'][^\"'\n]*[\"'])?\s*\)"
_TOKEN = re.compile(
    r"(?P<code>(?P<ticks>`+)(?P<inner>[^`]+)(?P=ticks)(?!`))"
    r"|\\(?P<escaped>[^\w\s])"
    rf"|!?\[(?P<label>[^\[\]\n]*)\]{_TARGET}"
    r"|(?P<url>[a-zA-Z][a-zA-Z0-9+.\-]{0,20}://[^\s<>`]+)"
    r"|(?P<special>[<@\\\[]|\|\||`)"
)
_TRAILING = ".,;:!?)]}'\"*_~"


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text as it is shown. `whole`: nothing was left out."""

    text: str
    whole: bool


def shown_answer(text: str, room: int, t: Translator) -> ShownText:
    """The answer, or its beginning, in at most `room` characters as Discord counts them (`weight`)."""
    return _shown(_pieces(text), room, t)


def newest_part(text: str, room: int, t: Translator) -> str:
    """The end of an answer that is still arriving."""
    pieces = _pieces(text)
    kept: list[_Piece] = []
    used = 0
    for piece in reversed(pieces):
        used += weight(_rendered(piece, t)) + 1
        if used > room - _FENCES:
            return _joined(kept[::-1], t)
        kept.append(piece)
    return _joined(kept[::-1], t)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line of a text, or a part of a long one. `language` is that of the code that it belongs to, None in prose."""

    text: str
    language: str | None = None


# Room for opening and closing one fence, with the name of a language.
_FENCES = 40


def _pieces(text: str) -> Sequence[_Piece]:
    pieces: list[_Piece] = []
    language: str | None = None
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if fence := _FENCE.fullmatch(line):
            language = fence[1] if language is None else None
            continue
        pieces += [_Piece(part, language) for part in _divided(line)]
    return pieces


def _divided(line: str) -> Iterator[str]:
    while len(line) > _LONG_LINE:
        cut = line.rfind(" ", _LONG_LINE // 2, _LONG_LINE)
        cut = _LONG_LINE if cut < 0 else cut
        yield line[:cut]
        line = line[cut:].lstrip()
    yield line


def _shown(pieces: Sequence[_Piece], room: int, t: Translator) -> ShownText:
    whole = _joined(pieces, t)
    if weight(whole) <= room:
        return ShownText(whole, whole=True)
    kept: list[_Piece] = []
    used = _FENCES
    for piece in pieces:
        used += weight(_rendered(piece, t)) + 1 + (0 if kept and kept[-1].language == piece.language else _FENCES)
        if used > room:
            break
        kept.append(piece)
    return ShownText(_joined(_to_paragraph(kept), t), whole=False)


def _to_paragraph(kept: Sequence[_Piece]) -> Sequence[_Piece]:
    """The pieces up to the last empty line, if that does not leave out much."""
    for end in range(len(kept), len(kept) // 2, -1):
        if not kept[end - 1].text.strip() and kept[end - 1].language is None:
            return kept[:end]
    return kept


def _joined(pieces: Sequence[_Piece], t: Translator) -> str:
    lines: list[str] = []
    language: str | None = None
    for piece in pieces:
        if piece.language != language:
            lines += ["```"] if language is not None else []
            lines += [f"```{piece.language}"] if piece.language is not None else []
            language = piece.language
        lines.append(_rendered(piece, t))
    return "\n".join([*lines, *(["```"] if language is not None else [])]).strip("\n")


def _rendered(piece: _Piece, t: Translator) -> str:
    return _code_line(piece.text, t) if piece.language is not None else _prose_line(piece.text, t)


def _code_line(line: str, t: Translator) -> str:
    line = line.expandtabs(4)
    kept = "".join(part if part.isspace() else sanitize_line(part) for part in _SPACES.split(line))
    return without_private(kept, t("card.address_hidden")).replace("```", "'''")


def _prose_line(line: str, t: Translator) -> str:
    line = line.expandtabs(4)
    indent = min(len(line) - len(line.lstrip()), _MAX_INDENT)
    rest = sanitize_line(line)
    quote = ""
    if found := _QUOTE.match(rest):
        quote, rest = "> ", rest[found.end() :]
    if heading := _HEADING.fullmatch(rest):
        inner = _inline(heading[1].replace("**", ""), t)
        return f"{quote}**{inner}**" if inner else quote
    if _SMALL_PRINT.match(rest):
        rest = "\\" + rest
    return " " * indent + quote + _inline(rest, t)


def _inline(text: str, t: Translator) -> str:
    shown, end = [], 0
    for match in _TOKEN.finditer(text):
        shown += [text[end : match.start()], _token(match, t)]
        end = match.end()
    return "".join([*shown, text[end:]])


def _token(match: re.Match[str], t: Translator) -> str:
    if match["code"]:
        inner = without_private(match["inner"], t("card.address_hidden"))
        return f"{match['ticks']}{inner}{match['ticks']}"
    if match["escaped"]:
        return f"\\{match['escaped']}"
    if match["label"] is not None:
        return _link(match, t)
    if match["url"]:
        return _url(match["url"], t)
    return "".join(f"\\{char}" for char in match["special"])


def _link(match: re.Match[str], t: Translator) -> str:
    label, target = _inline(match["label"], t), match["target"]
    if not target:
        return label
    shown = _url(target, t) if "://" in target else _inline(target, t)
    return shown if label == target or not label else f"{label} ({shown})"


def _url(url: str, t: Translator) -> str:
    end = len(url)
    while end and url[end - 1] in _TRAILING and not (url[end - 1] == ")" and "(" in url[:end]):
        end -= 1
    url, rest = url[:end], url[end:]
    if link := public_link(url.replace("(", "%28").replace(")", "%29")):
        return link + rest
    if url.lower().startswith(("http://", "https://")):
        return t("card.address_hidden") + rest
    # Discord makes links of some other schemes.
    return re.sub(r"([:*_~|<>@\[\]\\`])", r"\\\1", url) + rest


def plain_text(text: str) -> str:
    """The words of a text without its Markdown, for places that do not show it and for speech. Code is left out."""
    lines = []
    for piece in _pieces(text):
        if piece.language is not None:
            continue
        line = _QUOTE.sub("", sanitize_line(piece.text), count=1) if piece.text.lstrip().startswith(">") else piece.text
        line = re.sub(r"^\s*(?:#{1,6}\s+|-#\s*|[-*+]\s+)", "", line)
        line = re.sub(rf"!?\[([^\[\]\n]*)\]{_TARGET}", r"\1", line)
        line = re.sub(r"(\*\*|__|~~|\|\||`+)", "", line)
        lines.append(sanitize_line(re.sub(r"(?<!\w)[*_](\S(?:.*?\S)?)[*_](?!\w)", r"\1", line)))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def first_code_block(text: str) -> str:
    """The content of the first code block, "" if there is none. Models write prompts in code blocks."""
    kept: list[str] = []
    for piece in _pieces(text):
        if piece.language is None:
            if kept:
                break
        else:
            kept.append(piece.text)
    return "\n".join(kept).strip()
