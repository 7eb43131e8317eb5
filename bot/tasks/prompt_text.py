"""What comes along when a prompt is typed or pasted and is no part of it: characters that show nothing, and the marks
of the place that it was copied from."""

from __future__ import annotations

import re
import unicodedata

from bot.midjourney.emoji import KEYCAP

# Stands for characters that show nothing, where a dash follows them: a flag may begin there. Control characters are
# taken out of what was typed, so this one means nothing else.
EDGE = "\0"

# Dashes that introduce a flag by themselves, and those that do so only as two or more. Keyboards and programs put them
# in place of two hyphens.
LONG = "‒–—―⸺⸻﹘─━"
SHORT = "-‐‑−－﹣⁃ーｰ"
DASHES = re.escape(LONG + SHORT)
_IDLE_EDGE = re.compile(rf"{EDGE}(?![{DASHES}])|(?<=[{DASHES}]){EDGE}")

ZERO_WIDTH_NON_JOINER, ZERO_WIDTH_JOINER = "\u200c", "\u200d"
_EMOJI_VARIATIONS = "\ufe0e\ufe0f"
_BLACK_FLAG = "\U0001f3f4"
_TAGS = re.compile(r"[\U000e0020-\U000e007e]+\U000e007f")
# Letters that take up room and show nothing (Hangul fillers, the Braille pattern without dots).
_BLANKS = "\u115f\u1160\u3164\uffa0\u2800"
# Ignored where they are not supported (Unicode, Default_Ignorable_Code_Point) and of no other category than letters
# and marks; those of the category Cf are found by it.
_IGNORABLE = re.compile(r"[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0000-\U000e0fff]")
# Of the category Cf, but visible, or needed by their script (Unicode, Prepended_Concatenation_Mark; hieroglyphs).
_VISIBLE_FORMATS = re.compile(r"[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001345f]")
# Scripts whose letters are joined, or kept from joining, by a character of no width.
_JOINING = re.compile(
    r"[\u0600-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff]"
)
_MONGOLIAN = re.compile(r"[\u1800-\u18af]")
_EMOJI_BASE = re.compile(r"[#*0-9©®‼⁉™↔-⇿〰〽㊗㊙\U0001f000-\U0001fbff]")

_FENCE = re.compile(r"(`{3,})(?:[A-Za-z0-9+-]*\n)?((?:(?!```).)*)\1", re.DOTALL)
_CODE = re.compile(r"(`{1,2})([^`]+)\1")
_CODED_FLAGS = re.compile(rf"`\s*([{DASHES}][^`]*)`")
_BOLD = re.compile(r"\*\*(?!\*)((?:(?!\*\*).)+)\*\*(?!\*)(.*)", re.DOTALL)
# What a message of Midjourney's says after the prompt: "- <@1> (fast)", "- Variations (Strong) by @ada (relaxed)".
_SIGNATURE = re.compile(r"\s*[-–—]\s(?=[^\n]{0,200}@)[^\n]*", re.DOTALL)
_FLAGS_FOLLOW = re.compile(rf"\s+[{DASHES}]")
_COMMAND = re.compile(
    r"[/／]imagine(?!\w)\s*(?:prompt\s*[:：]|prompt(?=\s))?\s*|(?:imagine\s+)?prompt\s*[:：]\s*",
    re.IGNORECASE,
)
_BRACKETED_LINK = re.compile(r"<(https?://[^\s<>]+)>", re.IGNORECASE)


def visible(text: str) -> str:
    """The text without characters that show nothing, but for those that emoji and scripts need; `EDGE` where such a
    character stood before a dash. Line breaks are kept."""
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
    """The prompt itself out of what it was pasted with: a command before it, code marks or bold type around it."""
    while (shorter := _unwrapped_once(text)) != text:
        text = shorter
    return text


def without_marks(text: str) -> str:
    """The text on one line, with links out of their angle brackets and flags out of code marks."""
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
    """Does what stands around a character that shows nothing by itself change with it?"""
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
    """Does a tag belong to a flag of a region: a black flag, tags, and the tag that ends them?"""
    spelled = 0
    while spelled < len(kept) and "\U000e0020" <= kept[-1 - spelled] <= "\U000e007e":
        spelled += 1
    begins = spelled < len(kept) and kept[-1 - spelled] == _BLACK_FLAG
    if text[place] == "\U000e007f":
        return begins and spelled > 0
    return begins and bool(_TAGS.match(text, place))


def _is_emoji(char: str) -> bool:
    return bool(char) and (bool(_EMOJI_BASE.match(char)) or unicodedata.category(char) == "So")
