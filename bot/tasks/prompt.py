"""Prompts: the one parser of what people type, wherever they type it.

A prompt is words, then flags, each with all that follows it up to the next one. Parsing normalises:

- characters that show nothing, line breaks and repeated blanks;
- a pasted `/imagine prompt:`, code marks, bold type and Midjourney's signature around a prompt; `<…>` around a link;
- other dashes than two hyphens, a missing or an extra blank, where they surely introduce a flag; a dash within words
  stays as it was typed, and so does everything in links and in `{permutations}`;
- commas and semicolons between flags, what ends a sentence behind a value, `=` before one, and other colons in an
  aspect ratio;
- of two equal flags, or two of one family, the last counts, as it does at Midjourney.

Everything else is kept to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.midjourney import BotType, Mode
from bot.tasks.prompt_flags import ASPECT, KNOWN, MODE, NAMES, SEPARATORS, VERSION, FlagSpec, PromptFlag
from bot.tasks.prompt_text import DASHES, EDGE, LONG, unwrapped, visible, without_marks

# Discord takes as much into an option and into a text input.
MAX_PROMPT = 4_000
# Nested marks are taken off one a round; ordinary prompts need none.
MOST_ROUNDS = 20

# What is left as it is: links, and permutations (one may hold another).
_KEPT = r"https?://[^\s<>\0]+|\{(?:[^{}]|\{[^{}]*\})*\}"
_TYPED = r"(?<![^\s\0])--(?P<typed>[A-Za-z]+(?:[-_][A-Za-z]+)*)"
_OTHERWISE = rf"(?<![{DASHES}])(?P<dashes>[{DASHES}]++)(?P<blank>[ \0]?)(?P<name>{NAMES})(?![-_]?[A-Za-z])"
_SCAN = re.compile(rf"(?P<kept>{_KEPT})|{_TYPED}|{_OTHERWISE}", re.IGNORECASE)
_IN_PERMUTATIONS = re.compile(r"--([A-Za-z]+)")
_LINK = re.compile(r"https?://[^\s<>\"`|]+", re.IGNORECASE)
# What ends a sentence and no address; of marks and brackets, those that began before the address.
_SENTENCE_ENDS = ".,;:!?'…。，、；：！？）】」』”’"
_MARKS = "*_~"
_BRACKETS = {")": "(", "]": "["}
# What a flag can follow without a blank.
_OPEN = " \0,;:.!?)]}\"'*_`，；：。！？、）】」』”’…"
# What ends a sentence, and may stand behind its last flag.
_ENDS = f"{SEPARATORS}.!?…！？"
# What may follow a value that is looked at to tell whether a dash introduces a flag.
_AFTER_VALUE = re.compile(rf"$|[\s\0{SEPARATORS}]|[{DASHES}]{{2}}|[{re.escape(LONG)}]")
_FLAG_FOLLOWS = re.compile(rf"[\s\0{SEPARATORS}]*(?:$|[{DASHES}])")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt taken apart; `str` puts it together again, and parsing that gives the same."""

    words: str
    flags: tuple[PromptFlag, ...] = ()

    def __str__(self) -> str:
        return " ".join(part for part in (self.words, *(flag.text for flag in self.flags)) if part)

    @property
    def empty(self) -> bool:
        """Does it ask for nothing? A mode alone does."""
        return not self.words and all(flag.family == MODE and not flag.value for flag in self.flags)

    @property
    def families(self) -> frozenset[str]:
        """What it says itself, also within permutations."""
        kept = "".join(match["kept"] or "" for match in _SCAN.finditer(str(self)) if (match["kept"] or "")[:1] == "{")
        within = {PromptFlag(name).family for name in _IN_PERMUTATIONS.findall(kept)}
        return frozenset({flag.family for flag in self.flags} | within)

    @property
    def mode(self) -> Mode | None:
        """The mode that it says; None where it says none."""
        named = self._last(MODE)
        return named.mode if named else None

    @property
    def bot_type(self) -> BotType | None:
        """The model that it says; None where it says none."""
        named = self._last(VERSION)
        return named.bot_type if named else None

    def without(self, families: Collection[str]) -> Prompt:
        """The same without the flags of these families; words that only stood behind one of them stay."""
        left = [flag for flag in self.flags if flag.family in families]
        words = " ".join(part for part in (self.words, *(flag.beyond for flag in left)) if part)
        return Prompt(words, tuple(flag for flag in self.flags if flag.family not in families))

    def plus(self, words: str, flags: Collection[PromptFlag]) -> Prompt:
        """The same with more words, which have to stand before all flags, and with more flags."""
        return Prompt(" ".join(part for part in (self.words, words) if part), (*self.flags, *flags))

    def _last(self, family: str) -> PromptFlag | None:
        return next((flag for flag in reversed(self.flags) if flag.family == family), None)


def parse(typed: str) -> Prompt:
    """What was typed as a prompt. Never raises."""
    prompt = _parsed(typed)
    for _ in range(MOST_ROUNDS):
        # What was taken out or put apart may have stood between the parts of a mark or a flag.
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
    """What was typed as a prompt, as it is sent."""
    return str(parse(typed))


def link_in(typed: str) -> str | None:
    """The web address in what was typed or pasted; None where there is none."""
    return next(iter(links_in(visible(typed).replace(EDGE, ""))), None)


def links_in(text: str) -> list[str]:
    """The web addresses in a text, without the punctuation, the marks and the brackets around them."""
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
    """Each flag of a text: where it begins, where its name ends, and its name."""
    found = False
    for match in _SCAN.finditer(text):
        if match["typed"]:
            found = True
            yield match.start(), match.end(), match["typed"]
        elif match["name"] and _introduces(match, text, after_flag=found):
            found = True
            yield match.start(), match.end(), match["name"]


def _introduces(match: re.Match[str], text: str, *, after_flag: bool) -> bool:
    """Do these dashes before a known name introduce that flag, or do they belong to words?"""
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
    """`alone`: nothing but flags may follow the value. `strict`: a flag without a value does not count."""
    known, after = KNOWN[match["name"].lower()], match.end()
    if text[after : after + 1] in (" ", EDGE):
        after += 1
    value = known.value.match(text, after)
    if value is None:
        return not known.needs_value and not strict and bool(_FLAG_FOLLOWS.match(text, match.end()))
    follows = _FLAG_FOLLOWS if alone else _AFTER_VALUE
    return bool(follows.match(text, value.end()))


def _rest(name: str, text: str) -> str:
    """What follows a flag's name, tidied: a blank before a value that was typed without one."""
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
    """What follows the name, without what ends a sentence behind a value."""
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
