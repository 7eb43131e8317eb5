"""The parser for prompts, wherever users type them.

A prompt consists of words followed by flags; each flag includes all text up to the next flag. Parsing normalizes:

- invisible characters, line breaks and repeated spaces;
- a pasted `/imagine prompt:`, code marks, bold type and Midjourney's signature around a prompt; `<…>` around a link;
- other dashes in place of two hyphens, and a missing or extra space, if they certainly introduce a flag; a dash within
  words is unchanged, and so are links and `{permutations}`;
- commas and semicolons between flags, sentence punctuation after a value, `=` before a value, and other colons in an
  aspect ratio;
- duplicate flags, and flags of the same family: the last one counts, as at Midjourney.

All other text is unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from bot.engines.options import BotType, Mode
from bot.tasks.prompt_flags import ASPECT, KNOWN, MODE, NAMES, SEPARATORS, VERSION, FlagSpec, PromptFlag
from bot.tasks.prompt_text import DASHES, EDGE, LONG, unwrapped, visible, without_marks

# Discord's limit for an option and for a text input, in characters.
MAX_PROMPT = 4_000
# Each round removes one level of nested marks; ordinary prompts need none.
MOST_ROUNDS = 20

# Text that is never changed: links, and permutations (which may be nested).
_KEPT = r"https?://[^\s<>\0]+|\{(?:[^{}]|\{[^{}]*\})*\}"
_TYPED = r"(?<![^\s\0])--(?P<typed>[A-Za-z]+(?:[-_][A-Za-z]+)*)"
_OTHERWISE = rf"(?<![{DASHES}])(?P<dashes>[{DASHES}]++)(?P<blank>[ \0]?)(?P<name>{NAMES})(?![-_]?[A-Za-z])"
_SCAN = re.compile(rf"(?P<kept>{_KEPT})|{_TYPED}|{_OTHERWISE}", re.IGNORECASE)
_IN_PERMUTATIONS = re.compile(r"--([A-Za-z]+)")
_LINK = re.compile(r"https?://[^\s<>\"`|]+", re.IGNORECASE)
# Punctuation that ends a sentence but not a URL. Marks and brackets are removed only if they opened before the URL.
_SENTENCE_ENDS = ".,;:!?'…。，、；：！？）】」』”’"
_MARKS = "*_~"
_BRACKETS = {")": "(", "]": "["}
# Characters after which a flag needs no space.
_OPEN = " \0,;:.!?)]}\"'*_`，；：。！？、）】」』”’…"
# Punctuation that ends a sentence and may follow its last flag.
_ENDS = f"{SEPARATORS}.!?…！？"
# What may follow a value if the value decides whether a dash introduces a flag.
_AFTER_VALUE = re.compile(rf"$|[\s\0{SEPARATORS}]|[{DASHES}]{{2}}|[{re.escape(LONG)}]")
_FLAG_FOLLOWS = re.compile(rf"[\s\0{SEPARATORS}]*(?:$|[{DASHES}])")


class Prompt(NamedTuple):
    """A parsed prompt. `str` returns its text, and parsing that text returns an equal prompt."""

    words: str
    flags: tuple[PromptFlag, ...] = ()

    def __str__(self) -> str:
        return " ".join(part for part in (self.words, *(flag.text for flag in self.flags)) if part)

    @property
    def empty(self) -> bool:
        """Whether it requests nothing: no words, and no flag except a mode flag without text after it."""
        return not self.words and all(flag.family == MODE and not flag.value for flag in self.flags)

    @property
    def families(self) -> frozenset[str]:
        """The families of its flags, including those within permutations."""
        kept = "".join(match["kept"] or "" for match in _SCAN.finditer(str(self)) if (match["kept"] or "")[:1] == "{")
        within = {PromptFlag(name).family for name in _IN_PERMUTATIONS.findall(kept)}
        return frozenset({flag.family for flag in self.flags} | within)

    @property
    def mode(self) -> Mode | None:
        """The mode that the prompt sets, or None."""
        named = self._last(MODE)
        return named.mode if named else None

    @property
    def bot_type(self) -> BotType | None:
        """The model that the prompt sets, or None."""
        named = self._last(VERSION)
        return named.bot_type if named else None

    def without(self, families: Collection[str]) -> Prompt:
        """The prompt without the flags of these families. Words that followed the value of such a flag are kept."""
        left = [flag for flag in self.flags if flag.family in families]
        words = " ".join(part for part in (self.words, *(flag.beyond for flag in left)) if part)
        return Prompt(words, tuple(flag for flag in self.flags if flag.family not in families))

    def plus(self, words: str, flags: Collection[PromptFlag]) -> Prompt:
        """The prompt with more words, which are inserted before all flags, and with more flags."""
        return Prompt(" ".join(part for part in (self.words, words) if part), (*self.flags, *flags))

    def _last(self, family: str) -> PromptFlag | None:
        return next((flag for flag in reversed(self.flags) if flag.family == family), None)


def parse(typed: str) -> Prompt:
    """Parses a typed prompt. Never raises."""
    prompt = _parsed(typed)
    for _ in range(MOST_ROUNDS):
        # A removal or a split may have completed another mark or flag.
        again = _parsed(str(prompt))
        if again == prompt:
            break
        prompt = again
    return prompt


def _parsed(typed: str) -> Prompt:
    text = without_marks(unwrapped(visible(typed)))
    starts = list(_flag_starts(text))
    ends = [*(start for start, _, _ in starts[1:]), len(text)]
    words = text[: starts[0][0]] if starts else text
    flags = [
        PromptFlag(name, _rest(name, text[after:end])) for (_, after, name), end in zip(starts, ends, strict=False)
    ]
    return _last_counts(Prompt(_tidy(words), tuple(flags)))


def clean(typed: str) -> str:
    """A typed prompt as it is sent."""
    return str(parse(typed))


def link_in(typed: str) -> str | None:
    """The first URL in typed or pasted text, or None."""
    return next(iter(links_in(visible(typed).replace(EDGE, ""))), None)


def links_in(text: str) -> list[str]:
    """The URLs in a text, without the punctuation, marks and brackets around them."""
    return [_bare(match[0], text[: match.start()]) for match in _LINK.finditer(text)]


def _bare(link: str, before: str) -> str:
    while link:
        last = link[-1]
        unopened = last in _BRACKETS and link.count(last) > link.count(_BRACKETS[last])
        if not (last in _SENTENCE_ENDS or unopened or (last in _MARKS and before.endswith(last))):
            break
        link = link[:-1]
    return link


def _flag_starts(text: str) -> Iterator[tuple[int, int, str]]:
    """Each flag of a text: its start, the end of its name, and its name."""
    found = False
    for match in _SCAN.finditer(text):
        if match["typed"]:
            found = True
            yield match.start(), match.end(), match["typed"]
        elif match["name"] and _introduces(match, text, after_flag=found):
            found = True
            yield match.start(), match.end(), match["name"]


def _introduces(match: re.Match[str], text: str, *, after_flag: bool) -> bool:
    """Whether these dashes before a known flag's name introduce that flag instead of belonging to the words."""
    several = len(match["dashes"]) > 1
    if not several and match["dashes"] not in LONG:
        return False
    before = text[match.start() - 1] if match.start() else " "
    apart = before in _OPEN
    if apart and not match["blank"]:
        return True
    if not apart and not several and before.isascii():
        return False
    if apart and after_flag and several:
        return True
    return _is_followed_by_value(match, text, alone=not several, strict=not apart and before.isascii())


def _is_followed_by_value(match: re.Match[str], text: str, *, alone: bool, strict: bool) -> bool:
    """Whether the flag's value follows. `alone`: only flags may follow the value. `strict`: a flag without a value does
    not count."""
    known, after = KNOWN[match["name"].lower()], match.end()
    if text[after : after + 1] in (" ", EDGE):
        after += 1
    value = known.value.match(text, after)
    if value is None:
        return not known.needs_value and not strict and bool(_FLAG_FOLLOWS.match(text, match.end()))
    follows = _FLAG_FOLLOWS if alone else _AFTER_VALUE
    return bool(follows.match(text, value.end()))


def _rest(name: str, text: str) -> str:
    """The text after a flag's name, normalized: a space is inserted before a value that was typed without one."""
    rest = _tidy(text).rstrip(SEPARATORS)
    known = KNOWN.get(name.lower())
    if known and known.family == ASPECT:
        rest = rest.replace("：", ":").replace("∶", ":")
    glued = text[:1] not in (" ", EDGE)
    if known and rest[:1] == "=" and known.value.match(rest[1:]):
        rest, glued = rest[1:], False
    if known:
        rest = _value_alone(known, rest)
    if known and glued and rest[:1].isdecimal():
        glued = False
    return rest if glued or not rest else f" {rest.lstrip()}"


def _value_alone(known: FlagSpec, rest: str) -> str:
    """The text after the name, without sentence punctuation after a value."""
    value = known.value.match(rest)
    end = value.end() if value else 0
    alone = (value or not known.needs_value) and not rest[end:].strip(_ENDS)
    return rest[:end] if alone else rest


def _tidy(text: str) -> str:
    return " ".join(text.replace(EDGE, "").split())


def _last_counts(prompt: Prompt) -> Prompt:
    kept: list[PromptFlag] = []
    beyond: list[str] = []
    seen: set[str] = set()
    for flag in reversed(prompt.flags):
        if flag.known and flag.known.single and flag.family in seen:
            beyond.insert(0, flag.beyond)
        else:
            kept.insert(0, flag)
            seen.add(flag.family)
    return Prompt(" ".join(part for part in (prompt.words, *beyond) if part), tuple(kept))
