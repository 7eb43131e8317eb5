"""Removes what is typed or pasted around a prompt without belonging to it: invisible characters, and the formatting of
the source from which it was copied."""

from __future__ import annotations

import re
import unicodedata

from bot.engines.emoji import KEYCAP

# Replaces invisible characters before a dash, because a flag may begin there. Control characters are removed from typed
# text, so this one is unambiguous.
EDGE = "\0"

# Dashes that introduce a flag alone, and dashes that do so only in pairs or more. Keyboards and programs insert them in
# place of two hyphens.
LONG = "‒–—―⸺⸻﹘─━"
SHORT = "-‐‑−－﹣⁃ーｰ"
DASHES = re.escape(LONG + SHORT)
_IDLE_EDGE = re.compile(rf"{EDGE}(?![{DASHES}])|(?<=[{DASHES}]){EDGE}")

ZERO_WIDTH_NON_JOINER, ZERO_WIDTH_JOINER = "\u200c", "\u200d"
_EMOJI_VARIATIONS = "\ufe0e\ufe0f"
_BLACK_FLAG = "\U0001f3f4"
_TAGS = re.compile(r"[\U000e0020-\U000e007e]+\U000e007f")
# Blank letters that have a width (Hangul fillers, the Braille pattern without dots).
_BLANKS = "\u115f\u1160\u3164\uffa0\u2800"
# Invisible where unsupported (Unicode, Default_Ignorable_Code_Point), limited to letters and marks; characters of the
# category Cf are found by their category.
_IGNORABLE = re.compile(r"[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0000-\U000e0fff]")
# Characters of the category Cf that are visible or required by their script (Unicode, Prepended_Concatenation_Mark;
# hieroglyphs).
_VISIBLE_FORMATS = re.compile(r"[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001345f]")
# Scripts in which zero-width characters join or separate letters.
_JOINING = re.compile(
    r"[\u0600-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff]"
)
_MONGOLIAN = re.compile(r"[\u1800-\u18af]")
_EMOJI_BASE = re.compile(r"[#*0-9©®‼⁉™↔-⇿〰〽㊗㊙\U0001f000-\U0001fbff]")

_FENCE = re.compile(r"(`{3,})(?:[A-Za-z0-9+-]*\n)?((?:(?!```).)*)\1", re.DOTALL)
_CODE = re.compile(r"(`{1,2})([^`]+)\1")
_CODED_FLAGS = re.compile(rf"`\s*([{DASHES}][^`]*)`")
_BOLD = re.compile(r"\*\*(?!\*)((?:(?!\*\*).)+)\*\*(?!\*)(.*)", re.DOTALL)
# The text after the prompt in Midjourney's messages: "- <@1> (fast)", "- Variations (Strong) by @ada (relaxed)".
_SIGNATURE = re.compile(r"\s*[-–—]\s(?=[^\n]{0,200}@)[^\n]*", re.DOTALL)
_FLAGS_FOLLOW = re.compile(rf"\s+[{DASHES}]")
_COMMAND = re.compile(
    r"[/／]imagine(?!\w)\s*(?:prompt\s*[:：]|prompt(?=\s))?\s*|(?:imagine\s+)?prompt\s*[:：]\s*",
    re.IGNORECASE,
)
_BRACKETED_LINK = re.compile(r"<(https?://[^\s<>]+)>", re.IGNORECASE)


def visible(text: str) -> str:
    """The text without invisible characters, except for those that emoji and scripts need. `EDGE` replaces an invisible
    character before a dash. Line breaks are kept."""
    kept: list[str] = []
    for place, char in enumerate(text):
        if char.isspace() or char in _BLANKS:
            kept.append("\n" if char in "\n\r\u2028\u2029" else " ")
        elif not _shows_nothing(char) or _is_needed(text, place, kept):
            kept.append(char)
        elif kept[-1:] != [EDGE]:
            kept.append(EDGE)
    return _IDLE_EDGE.sub("", "".join(kept))


def unwrapped(text: str) -> str:
    """The prompt without what it was pasted with: a command before it, code marks or bold type around it."""
    while (shorter := _unwrapped_once(text)) != text:
        text = shorter
    return text


def without_marks(text: str) -> str:
    """The text on one line, with angle brackets removed from links and code marks removed from flags."""
    text = _CODED_FLAGS.sub(r" \1 ", text)
    return " ".join(_BRACKETED_LINK.sub(r" \1 ", text).split())


def _unwrapped_once(text: str) -> str:
    text = text.strip().strip(EDGE)
    if fenced := _FENCE.fullmatch(text) or _CODE.fullmatch(text):
        return fenced[2]
    if command := _COMMAND.match(text):
        return text[command.end() :]
    bold = _BOLD.fullmatch(text)
    if bold and (not bold[2].strip() or _SIGNATURE.fullmatch(bold[2])):
        return bold[1]
    if bold and _FLAGS_FOLLOW.match(bold[2]):
        return bold[1] + bold[2]
    return text


def _shows_nothing(char: str) -> bool:
    if char.isascii():
        return char < " " or char == "\x7f"
    category = unicodedata.category(char)
    if category == "Cf":
        return not _VISIBLE_FORMATS.match(char)
    return category in ("Cc", "Cs") or bool(_IGNORABLE.match(char))


def _is_needed(text: str, place: int, kept: list[str]) -> bool:
    """Whether an invisible character changes how its neighbors are displayed."""
    char, before, after = text[place], kept[-1] if kept else "", text[place + 1 : place + 2]
    if char in _EMOJI_VARIATIONS:
        return _is_emoji(before) and (not (before.isascii() and before) or after == KEYCAP)
    if char in (ZERO_WIDTH_JOINER, ZERO_WIDTH_NON_JOINER) and _JOINING.match(before):
        return True
    if char == ZERO_WIDTH_JOINER:
        return (_is_emoji(before) or before in _EMOJI_VARIATIONS) and bool(before) and _is_emoji(after)
    if "\u180b" <= char <= "\u180f":
        return bool(_MONGOLIAN.match(before))
    return "\U000e0020" <= char <= "\U000e007f" and _is_in_flag(text, place, kept)


def _is_in_flag(text: str, place: int, kept: list[str]) -> bool:
    """Whether a tag character belongs to a regional flag emoji: a black flag, tags, and the tag that ends them."""
    spelled = 0
    while spelled < len(kept) and "\U000e0020" <= kept[-1 - spelled] <= "\U000e007e":
        spelled += 1
    begins = spelled < len(kept) and kept[-1 - spelled] == _BLACK_FLAG
    if text[place] == "\U000e007f":
        return begins and spelled > 0
    return begins and bool(_TAGS.match(text, place))


def _is_emoji(char: str) -> bool:
    return bool(char) and (bool(_EMOJI_BASE.match(char)) or unicodedata.category(char) == "So")
