"""Finds the nearest vectors without loading them all.

Each vector has a code of one bit per value: its sign. The number of equal bits tells roughly how near two vectors are,
and Python counts them faster than it could read the vectors. The codes of all images in the scope are compared, a part
at a time; then the exact scores of the best candidates are computed from their vectors. A scope with fewer images than
candidates is searched exactly. docs/performance.md has the measurements, also of the alternatives.
"""

from __future__ import annotations

import heapq
import sqlite3
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from operator import mul

from storage.search import SearchScope
from storage.sqlite.search_reader import parts_of

# Values of candidates' vectors that one search computes with: 1,000 candidates of 1,536 values. Shorter codes tell
# less, so the candidates are more.
CANDIDATE_VALUES = 1_536_000
MOST_CANDIDATES = 6_000
# Rows held in memory at a time.
_CODES_AT_ONCE = 2_000
_VECTORS_AT_ONCE = 200


def code_of(vector: bytes) -> bytes:
    """The signs of a vector's values, 8 in a byte."""
    values = _values(vector)
    bits = "".join("1" if value > 0 else "0" for value in values)
    return int(bits or "0", 2).to_bytes(-(-len(values) // 8), "big")


def nearest(
    connection: sqlite3.Connection, space_id: int, vector: bytes, scope: SearchScope, limit: int
) -> list[tuple[int, float]]:
    """The rows whose vectors are nearest, with their scores, nearest first."""
    count = max(limit, min(MOST_CANDIDATES, CANDIDATE_VALUES * 4 // max(len(vector), 1)))
    rows = _candidates(connection, space_id, vector, scope, count)
    wanted = _values(vector).tolist()
    scores = ((row_id, sum(map(mul, wanted, _values(found)))) for row_id, found in _vectors(connection, rows))
    # Of equal images, the newest first.
    return heapq.nlargest(limit, scores, key=lambda found: (found[1], found[0]))


def _candidates(
    connection: sqlite3.Connection, space_id: int, vector: bytes, scope: SearchScope, count: int
) -> list[int]:
    code = int.from_bytes(code_of(vector), "big")
    best: list[tuple[int, int]] = []
    for part in parts_of(scope):
        cursor = connection.execute(
            f"SELECT row_id, code FROM image_codes WHERE space_id = ? AND {part.sql}",  # noqa: S608 - constants
            (space_id, *part.values),
        )
        cursor.row_factory = None
        while rows := cursor.fetchmany(_CODES_AT_ONCE):
            best += [((int.from_bytes(found, "big") ^ code).bit_count(), -row_id) for row_id, found in rows]
            if len(best) > 4 * count:
                best = heapq.nsmallest(count, best)
    return [-row_id for _, row_id in heapq.nsmallest(count, best)]


def _vectors(connection: sqlite3.Connection, row_ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    ordered = sorted(row_ids)  # in the order of the file
    for start in range(0, len(ordered), _VECTORS_AT_ONCE):
        part = ordered[start : start + _VECTORS_AT_ONCE]
        yield from _rows(connection, part)


def _rows(connection: sqlite3.Connection, row_ids: Sequence[int]) -> Iterable[tuple[int, bytes]]:
    marks = ", ".join("?" * len(row_ids))
    cursor = connection.execute(
        f"SELECT row_id, vector FROM image_vectors WHERE row_id IN ({marks})",  # noqa: S608 - marks
        row_ids,
    )
    cursor.row_factory = None
    return cursor.fetchall()


def _values(vector: bytes) -> array[float]:
    values = array("f", vector)
    if sys.byteorder == "big":
        values.byteswap()
    return values
