"""Reads the lines of a list that a model was asked for, in whatever form it answers: a numbered or bulleted list, JSON,
paragraphs, or any of these in a code block."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

# Characters of an answer that are read. A list of prompts is far shorter.
MAX_READ = 40_000
_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n(.*?)(?:^[ \t]*\1|\Z)", re.DOTALL | re.MULTILINE)
_MARKS = r"[*_#>]{0,4}"
_KIND = r"(?:prompt|variante?|version|option|description|alternativ\w{0,3})"
# "1.", "2)", "3、", "**4:**", "(5)", "Variant 6 -", "①".
_NUMBERED = re.compile(
    rf"[ \t]{{0,8}}{_MARKS}[ \t]?(?:{_KIND}[ \t]+)?"
    rf"(?:[(\[]?\d{{1,2}}{_MARKS}[ \t]?(?:[.)\]:、．：）]|[-–—](?=\s))|[①-⑳]){_MARKS}(?!\d)[ \t]*(?P<words>.*)",
    re.IGNORECASE,
)
_BULLETED = re.compile(r"[ \t]{0,8}(?:[-*+•·‣▪●–—][ \t]+)(?P<words>.*)")
_RULE = re.compile(r"[ \t]*(?:[-*_=][ \t]?){3,}")
_LABEL = re.compile(rf"{_MARKS}{_KIND}[ \t]?\d{{0,2}}{_MARKS}[:：]{_MARKS}\s*", re.IGNORECASE)
_WRAPPERS = (("**", "**"), ("__", "__"), ("`", "`"), ('"', '"'), ("“", "”"), ("«", "»"), ("„", "“"), ("「", "」"))
_REFUSAL = re.compile(
    r"\W{0,4}(?:(?:i(?:['’]m| am)|we(?:['’]re| are))\s+(?:(?:very|so|really)\s+)?(?:sorry|afraid|unable|not able)"
    r"|sorry\b|i (?:can(?:['’]t|not)|won['’]t)|as an ai\b|unfortunately,? i\b"
    r"|es tut mir leid|je suis désolée?|lo siento|抱歉|对不起|申し訳)",
    re.IGNORECASE,
)
# Names under which JSON holds the list, or the text of an item.
_TEXTS = ("prompt", "text", "variant", "description", "content", "value")


def listed_lines(answer: str, most: int) -> list[str]:
    """At most `most` lines of the list in a model's answer, each on one line and without its number, marks and quotes.

    An answer without a list counts as one line per paragraph. Empty for an answer that holds no list and declines. The
    lines are the model's words: they have to be escaped before they are shown.
    """
    text = answer[:MAX_READ].replace("\r\n", "\n").replace("\r", "\n")
    found = _of_json(text)
    if found is None:
        fenced = [match[2] for match in _FENCED.finditer(text) if match[2].strip()]
        text = "\n".join(fenced) if fenced else text
        found = _items(text, _NUMBERED) or _items(text, _BULLETED) or _paragraphs(text)
    lines = dict.fromkeys(filter(None, map(_tidy, found)))
    return list(lines)[:most]


def _of_json(text: str) -> list[str] | None:
    """The lines of a JSON document in the text. None if there is none with lines."""
    for opening, closing in ("[]", "{}"):
        start, end = text.find(opening), text.rfind(closing)
        own_line = not text[:start].rpartition("\n")[2].strip()
        if 0 <= start < end and own_line:
            try:
                lines = list(_texts_in(json.loads(text[start : end + 1]), 0))
            except (ValueError, RecursionError):
                continue
            if lines:
                return lines
    return None


def _texts_in(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth < 3:
        for each in value:
            yield from _texts_in(each, depth + 1)
    elif isinstance(value, dict) and depth < 3:
        named = next((value[name] for name in _TEXTS if isinstance(value.get(name), str)), None)
        parts = [named] if named is not None else [each for each in value.values() if isinstance(each, str | list)]
        for part in parts:
            yield from _texts_in(part, depth + 1)


def _items(text: str, pattern: re.Pattern[str]) -> list[str]:
    """The items that begin with the pattern, with the lines that continue them. What comes before the first one, and
    behind a blank line, belongs to none."""
    items: list[list[str]] = []
    open_item = False
    for line in text.split("\n"):
        if match := pattern.fullmatch(line):
            items.append([match["words"].strip()])
            open_item = True
        elif not line.strip():
            # An item whose words come in the next paragraph stays open.
            open_item = open_item and not _is_started(items)
        elif open_item and not _RULE.fullmatch(line):
            items[-1].append(line.strip())
    return [" ".join(filter(None, item)) for item in items]


def _is_started(items: list[list[str]]) -> bool:
    return bool(items) and any(part and not _introduces(part) for part in items[-1])


def _paragraphs(text: str) -> list[str]:
    """The paragraphs of a text without a list, or the lines of a single paragraph. What introduces them is left out."""
    lines = [line.strip() for line in text.split("\n") if not _RULE.fullmatch(line)]
    words = [line for line in lines if line]
    if words and _REFUSAL.match(words[0]):
        return []
    if len(words) > 1 and _introduces(words[0]):
        lines = lines[lines.index(words[0]) + 1 :]
    parts = [part for part in re.split(r"\n{2,}", "\n".join(lines).strip()) if part]
    return parts if len(parts) > 1 else "".join(parts).split("\n")


def _introduces(line: str) -> bool:
    """Whether a line introduces what follows: "Here are three variants:"."""
    return line.rstrip("*_ ").endswith((":", "："))


def _tidy(item: str) -> str:
    """The item on one line, without a label and without what wraps it."""
    text = " ".join(item.split())
    while True:
        shorter = _unwrapped(_LABEL.sub("", text, count=1) if _LABEL.match(text) else text)
        if shorter == text:
            return text if any(char.isalnum() for char in text) else ""
        text = shorter


def _unwrapped(text: str) -> str:
    for start, end in _WRAPPERS:
        inner = text[len(start) : len(text) - len(end)]
        if len(text) > len(start) + len(end) and text.startswith(start) and text.endswith(end) and start not in inner:
            return inner.strip()
    return text
