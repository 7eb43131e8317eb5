"""Expands one typed prompt: up to five lines, every combination of `{a, b}`, and `--repeat`.

Lines are split before the prompt is parsed, because the parser joins them. A line that begins with dashes belongs to
the line before it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from bot.tasks.prompt import MAX_PROMPT, parse

MAX_LINES = 5
MAX_JOBS = 10
# Counting stops here.
COUNTED = 100

# `\{`, `\}` and `\,` are literal characters, as at Midjourney.
_TOKEN = re.compile(r"\\.|[{},]")
_SPECIAL = re.compile(r"[{},]")
_ESCAPED = re.compile(r"\\([{},])")
_ONLY_MARKS = re.compile(r"[`\s]*")
_CONTINUES = re.compile(r"\s*[-–—−]{1,2}")
_REPEAT = "repeat"


def prompts_of(typed: str) -> list[str] | int:
    """The prompts in a typed text, in order; a single one if there is nothing to expand. If they are more than
    `MAX_JOBS`, returns their number instead (at most `COUNTED`)."""
    found: list[str] = []
    count = 0
    for line in _lines(typed):
        for prompt in itertools.islice(_permutations(line), COUNTED):
            once, times = _without_repeat(prompt)
            count += times
            found += [once] * min(times, MAX_JOBS + 1)
            if count >= COUNTED:
                return COUNTED
    return found if count <= MAX_JOBS else count


def typed_as(prompts: Sequence[str]) -> list[str]:
    """The inverse of `prompts_of`: texts that expand to these prompts, with as many prompts in each text as fit."""
    typed: list[list[str]] = []
    for prompt in prompts:
        if typed and _stands_for([*typed[-1], prompt]):
            typed[-1].append(prompt)
        else:
            typed.append([prompt])
    return ["\n".join(map(_literally, some)) for some in typed]


def _stands_for(prompts: Sequence[str]) -> bool:
    text = "\n".join(map(_literally, prompts))
    return len(text) <= MAX_PROMPT and prompts_of(text) == list(prompts)


def _literally(prompt: str) -> str:
    """The prompt with its braces escaped if they would be expanded."""
    return prompt if prompts_of(prompt) == [prompt] else _SPECIAL.sub(r"\\\g<0>", prompt)


def _lines(typed: str) -> list[str]:
    lines: list[str] = []
    for line in typed.splitlines():
        if _ONLY_MARKS.fullmatch(line):
            continue
        if lines and _CONTINUES.match(line):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return lines if 1 <= len(lines) <= MAX_LINES else [typed]


def _permutations(prompt: str) -> Iterator[str]:
    left = [prompt]
    while left:
        some = left.pop()
        group = _first_group(some)
        if group is None:
            yield _ESCAPED.sub(r"\1", some)
        else:
            start, end, choices = group
            left += [some[:start] + choice.strip() + some[end:] for choice in reversed(choices)]


def _first_group(prompt: str) -> tuple[int, int, list[str]] | None:
    """Start, end and choices of the first `{a, b}`; a choice may contain further groups."""
    depth, start, commas = 0, 0, list[int]()
    for token in _TOKEN.finditer(prompt):
        if token[0] == "{":
            start, commas = (start, commas) if depth else (token.start(), [])
            depth += 1
        elif token[0] == "," and depth == 1:
            commas.append(token.start())
        elif token[0] == "}" and depth:
            depth -= 1
            if not depth and commas:
                ends = [start, *commas, token.start()]
                choices = [prompt[one + 1 : other] for one, other in itertools.pairwise(ends)]
                return start, token.end(), choices
    return None


def _without_repeat(prompt: str) -> tuple[str, int]:
    """The prompt without `--repeat`, and the number of repetitions (at least 1)."""
    parsed = parse(prompt)
    repeat = next((flag for flag in parsed.flags if flag.family == _REPEAT), None)
    number = repeat.value.split(" ")[0] if repeat else ""
    times = int(number[:9]) if number.isdecimal() else 0
    if repeat is None or not times:
        return prompt, 1
    return str(parsed.without({_REPEAT})), min(times, COUNTED)
