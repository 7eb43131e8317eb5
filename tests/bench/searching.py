"""What a search among a hundred thousand images costs, and what other ways to search would cost."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from storage import SearchScope, Store, VectorSpace, open_store
from tests.bench import many_images
from tests.bench.many_images import IMAGES, LENGTHS, PERSON, SERVER
from tests.bench.search_ways import NEAREST, WAYS
from tests.bench.tables import Table, percentile

TIMES = 20
# Those of the slowest way.
FEW_TIMES = 3
SCOPES = {"own": SearchScope(PERSON), "server": SearchScope(PERSON, SERVER)}
SCOPE_NAMES = {"own": f"500 of {IMAGES:,}", "server": f"{IMAGES:,}"}
# Further Pythons with numpy or sqlite-vec, separated by colons.
PYTHONS = "BENCH_PYTHONS"


@dataclass(frozen=True)
class Times:
    """Of one kind of search, in seconds: the first one, whose file was in no cache, the others by the clock and of the
    processor, and how long the event loop did nothing else at most."""

    cold: float
    warm: Sequence[float]
    cpu: Sequence[float]
    blocked: float


async def measure() -> Sequence[Table]:
    """The searches of this version, and the other ways."""
    rows, others = [], []
    for length in LENGTHS:
        path = many_images.database(length)
        if not path.exists():
            await many_images.make(path, length)
        rows += await _own_rows(path, length)
        others += await _way_rows(path, length)
    heads = ["search", "images", "first, from the disk", "CPU, median", "median", "95 %", "event loop held up"]
    found = f"of the {NEAREST} nearest"
    other_heads = ["way", "length", "images", "first", "CPU, median", "median", "95 %", "memory", found]
    return [Table("searching", heads, rows), Table("ways", other_heads, others)]


async def _own_rows(path: Path, length: int) -> list[list[str]]:
    rows = []
    for scope in SCOPES:
        near = partial(_near, space=VectorSpace("model", length), vectors=_vectors(length, TIMES), scope=scope)
        rows.append(_row(f"by meaning, length {length:,}", scope, await _times(path, near)))
        if length == LENGTHS[0]:
            for name, words in {"by words": "rain 77", "by a word that most have": "fox"}.items():
                rows.append(_row(name, scope, await _times(path, partial(_words, words=words, scope=scope))))
    return rows


async def _near(store: Store, turn: int, *, space: VectorSpace, vectors: Sequence[bytes], scope: str) -> None:
    assert await store.image_index.nearest(space, vectors[turn], SCOPES[scope], limit=500)


async def _words(store: Store, _: int, *, words: str, scope: str) -> None:
    assert await store.image_index.with_words(words, SCOPES[scope], limit=500)


async def _times(path: Path, search: Callable[[Store, int], Awaitable[None]]) -> Times:
    async with open_store(f"sqlite:///{path}") as store:
        await store.image_index.with_words("anything", many_images.scope_of_nobody(), limit=1)
        forget(path)
        found, cpu, worst = [], [], 0.0
        for turn in range(TIMES):
            began, began_cpu = time.perf_counter(), time.process_time()
            worst = max(worst, await _watched(search(store, turn)))
            found.append(time.perf_counter() - began)
            cpu.append(time.process_time() - began_cpu)
    return Times(found[0], found[1:], cpu, worst)


async def _watched(work: Awaitable[None]) -> float:
    """Waits for the work. Returns the longest time in which the event loop did not come round."""
    task, worst, before = asyncio.ensure_future(work), 0.0, time.perf_counter()
    while not task.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        worst, before = max(worst, now - before - 0.001), now
    await task
    return worst


def forget(path: Path) -> None:
    """Makes the system forget what it has of a file in its cache, so that the next reader waits for the disk."""
    for file in path.parent.glob(f"{path.name}*"):
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


async def _way_rows(path: Path, length: int) -> list[list[str]]:
    rows = []
    for scope in SCOPES:
        exact: Sequence[set[int]] = []
        for way in sorted(WAYS, key=lambda name: name == "codes"):
            if (found := await _way(path, length, way, scope)) is None:
                continue
            rows_found = [set(each) for each in found["found"]]
            exact = exact if way == "codes" else max(exact, rows_found, key=len)
            pairs = list(zip(rows_found, exact, strict=False))
            share = sum(len(a & b) for a, b in pairs) / max(1, sum(len(b) for _, b in pairs))
            first, *times = found["times"]
            cells = [f"{each * 1000:,.0f} ms" for each in (first, median(found["cpu"]), *_middle(times))]
            memory = f"+{(found['peak'] - found['before']) / 1e6:.0f} MB"
            rows.append([way, f"{length:,}", SCOPE_NAMES[scope], *cells, memory, f"{share:.1%}"])
    return rows


async def _way(path: Path, length: int, way: str, scope: str) -> Mapping[str, Any] | None:
    vectors = _vectors(length, FEW_TIMES if way == "standard library" and scope == "server" else TIMES)
    pythons = [sys.executable, *filter(None, os.environ.get(PYTHONS, "").split(":"))]
    for python in pythons:
        forget(path)
        process = await asyncio.create_subprocess_exec(
            *(python, "-m", "tests.bench.search_ways", str(path), way, scope),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        printed, _ = await process.communicate("\n".join(vector.hex() for vector in vectors).encode())
        if process.returncode == 0:
            return dict(json.loads(printed))
    return None


def _vectors(length: int, count: int) -> list[bytes]:
    chance = random.Random(9)  # noqa: S311 - the same queries each time
    return many_images.queries(length, count, chance)


def _row(name: str, scope: str, times: Times) -> list[str]:
    cells = (times.cold, median(times.cpu), *_middle(times.warm), times.blocked)
    return [name, SCOPE_NAMES[scope], *(f"{each * 1000:,.0f} ms" for each in cells)]


def _middle(times: Sequence[float]) -> tuple[float, float]:
    return median(times), percentile(times, 95)
