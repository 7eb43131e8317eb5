"""Reads JSON from outside within limits.

`json.loads` holds the interpreter lock from start to end, in whatever thread it runs: 8 MiB of `[],[],…` delay every
acknowledgement by 1.4 s. The cost depends far more on the number of values than on bytes, so values are counted first.
A text within the limits takes at most about 30 ms (20,000 long numbers); usual answers take 1 ms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

# Maximum number of values of all kinds in one text. A task has between 50 and 400.
MAX_VALUES = 20_000
# Maximum number of values of all kinds in one array whose items are read one by one.
MAX_VALUES_OF_ITEMS = 500_000
# A number with more digits is neither an id nor an amount; parsing it takes time quadratic in its length.
MAX_DIGITS = 100

_OPENING = "[{,"
_STRING_OR_MARK = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[{,\]}]', re.DOTALL)
_START = re.compile(r"[ \t\n\r]*\[[ \t\n\r]*")
_SEPARATOR = re.compile(r"[ \t\n\r]*([,\]])[ \t\n\r]*")


class TooComplex(ValueError):
    """A text with more values than allowed."""


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


_decoder = json.JSONDecoder(parse_int=_whole)


def _count(source: str, most: int, *, by_item: bool) -> None:
    """Raises TooComplex for more than `most` values outside strings; with `by_item`, also for an item with more than
    MAX_VALUES."""
    values, of_item, depth = 0, 0, 0
    for match in _STRING_OR_MARK.finditer(source):
        mark = source[match.start()]
        if mark in _OPENING:
            values += 1
            of_item = 0 if by_item and depth == 1 and mark == "," else of_item + 1
        depth += (mark in "[{") - (mark in "]}")
        if values > most or (by_item and of_item > MAX_VALUES):
            raise TooComplex(f"more than {most if values > most else MAX_VALUES} values")


def loads(source: str, most: int = MAX_VALUES) -> Any:
    """Parses a JSON text with at most `most` values; numbers with more than `MAX_DIGITS` digits become None.

    Raises TooComplex, another ValueError for invalid JSON, and RecursionError for too deep nesting.
    """
    # Counting within strings as well is fast, and sufficient except for texts with very many commas.
    if sum(map(source.count, _OPENING)) > most:
        _count(source, most, by_item=False)
    return _decoder.decode(source)


def json_items(source: str) -> Iterator[tuple[Any, int]]:
    """Yields the items of a JSON array one by one, each with a hash of its text, so that few are in memory at a time.

    Raises the errors of `loads`, possibly after some items; ValueError if the text is not an array.
    """
    if sum(map(source.count, _OPENING)) > MAX_VALUES:
        _count(source, MAX_VALUES_OF_ITEMS, by_item=True)
    start = _START.match(source)
    if start is None:
        raise ValueError("not an array")
    at = start.end()
    ended = _SEPARATOR.match(source, at) if source[at : at + 1] == "]" else None
    while ended is None:
        item, end = _decoder.raw_decode(source, at)
        yield item, hash(source[at:end])
        separator = _SEPARATOR.match(source, end)
        if separator is None:
            raise ValueError(f"expected a comma or the end of the array at {end}")
        at, ended = separator.end(), separator if separator[1] == "]" else None
    if ended.end() != len(source):
        raise ValueError("unexpected data after the array")
