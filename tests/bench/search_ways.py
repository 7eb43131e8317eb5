"""Ways to find the nearest vectors, each measured in a process of its own. All but the first one are there to compare;
what they need is no dependency of this project, and a way that a Python cannot go is left out.

    PYTHON -m tests.bench.search_ways DATABASE WAY own|server < vectors, one a line, as hexadecimal digits
"""

from __future__ import annotations

import heapq
import importlib
import json
import sqlite3
import sys
import time
from array import array
from collections.abc import Callable, Mapping
from contextlib import closing
from operator import mul
from pathlib import Path
from typing import Any

# As many as four pages of found images.
NEAREST = 20
_ROWS = 2_000
_ALL = "SELECT row_id, vector FROM image_vectors"
SCOPES = {"own": " WHERE row_id IN (SELECT row_id FROM image_codes WHERE owner_id = 7)", "server": ""}

Search = Callable[[sqlite3.Connection, bytes, str], list[int]]


def by_codes(connection: sqlite3.Connection, vector: bytes, scope: str) -> list[int]:
    """What the bot does: signs first, then exact scores of the candidates."""
    vector_search: Any = importlib.import_module("storage.sqlite.vector_search")
    search_scope = importlib.import_module("storage.search").SearchScope
    within = search_scope(7) if scope else search_scope(7, 1)
    return [row_id for row_id, _ in vector_search.nearest(connection, 1, vector, within, NEAREST)]


def by_standard_library(connection: sqlite3.Connection, vector: bytes, scope: str) -> list[int]:
    """Each vector is multiplied in Python."""
    wanted = array("f", vector).tolist()
    best: list[tuple[float, int]] = []
    cursor = connection.execute(_ALL + scope)
    while rows := cursor.fetchmany(_ROWS):
        best += [(sum(map(mul, wanted, array("f", found))), row_id) for row_id, found in rows]
        best = heapq.nlargest(NEAREST, best)
    return [row_id for _, row_id in best]


def by_numpy(connection: sqlite3.Connection, vector: bytes, scope: str) -> list[int]:
    """Vectors are read in parts, each of which numpy multiplies at once."""
    numpy: Any = importlib.import_module("numpy")
    wanted = numpy.frombuffer(vector, dtype="<f4")
    best: list[tuple[float, int]] = []
    cursor = connection.execute(_ALL + scope)
    while rows := cursor.fetchmany(_ROWS):
        matrix = numpy.frombuffer(b"".join(found for _, found in rows), dtype="<f4").reshape(len(rows), -1)
        scores = (matrix @ wanted).tolist()
        best = heapq.nlargest(NEAREST, [*best, *zip(scores, (row_id for row_id, _ in rows), strict=True)])
    return [row_id for _, row_id in best]


def by_sqlite_vec(connection: sqlite3.Connection, vector: bytes, scope: str) -> list[int]:
    """A function of an SQLite extension is called for each vector."""
    importlib.import_module("sqlite_vec").load(connection)
    rows = connection.execute(
        "SELECT row_id, vec_distance_cosine(vector, ?) AS distance"  # noqa: S608 - constants
        f" FROM image_vectors{scope} ORDER BY distance LIMIT {NEAREST}",
        (vector,),
    )
    return [row_id for row_id, _ in rows]


WAYS: Mapping[str, Search] = {
    "codes": by_codes,
    "standard library": by_standard_library,
    "numpy": by_numpy,
    "sqlite-vec": by_sqlite_vec,
}


def main() -> None:
    """Prints as JSON: the seconds by the clock and of the processor, the bytes of memory before and at most, and the
    found rows."""
    path, way, scope = sys.argv[1:]
    vectors = [bytes.fromhex(line) for line in sys.stdin]
    before, times, cpu, found = _memory("VmRSS"), [], [], []
    for vector in vectors:
        began, began_cpu = time.perf_counter(), time.process_time()
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            if way == "sqlite-vec":
                connection.enable_load_extension(True)  # many builds of Python leave this out
            found.append(WAYS[way](connection, vector, SCOPES[scope]))
        times.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
    print(json.dumps({"times": times, "cpu": cpu, "before": before, "peak": _memory("VmHWM"), "found": found}))


def _memory(name: str) -> int:
    """A value of /proc/self/status in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


if __name__ == "__main__":
    main()
