"""A database with the texts and the vectors of a hundred thousand images."""

from __future__ import annotations

import hashlib
import math
import random
import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from storage import SearchScope, TaskResult, open_store
from storage.sqlite.migrate import migrations
from storage.sqlite.statements import json_text
from storage.sqlite.vector_search import code_of
from tests.bench.million import FOLDER, WORDS

IMAGES = 100_000
LENGTHS = (1_536, 256)
# A person with 500 of the images, all of which are on one server.
PERSON, SERVER, SHARE = 7, 1, 200
# What the vectors are made of: each is a subject with one of many variations, and all have something in common, as
# those of real models.
SUBJECTS, VARIATIONS = 2_000, 1_000


def database(length: int) -> Path:
    """The file. It is kept, and made again when this module or a migration has changed."""
    written = (Path(__file__).read_bytes(), *(script.encode() for _, script in migrations()))
    return FOLDER / f"images-{length}-{hashlib.sha256(b''.join(written)).hexdigest()[:12]}.db"


async def make(path: Path, length: int, count: int = IMAGES) -> None:
    """Makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"images-{length}-*"):
        old.unlink()
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    async with open_store(f"sqlite:///{part}") as store:
        await store.image_index.with_words("anything", scope_of_nobody(), limit=1)  # makes the index of words
    with closing(sqlite3.connect(part, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        _fill(connection, length, count)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    part.rename(path)


def scope_of_nobody() -> SearchScope:
    """A scope without images."""
    return SearchScope(0)


def queries(length: int, count: int, chance: random.Random) -> list[bytes]:
    """The vectors of queries: each is like a subject, and different in part."""
    subjects, _ = _parts(length)
    return [_vector([value + chance.gauss(0, 1) for value in chance.choice(subjects)]) for _ in range(count)]


def _fill(connection: sqlite3.Connection, length: int, count: int) -> None:
    connection.execute("INSERT INTO vector_spaces (id, model, length) VALUES (1, 'model', ?)", (length,))
    result = json_text(TaskResult(image_url="https://cdn.example.net/a.png"))
    chance = random.Random(1)  # noqa: S311 - the same images each time
    for number, vector in enumerate(_vectors(length, count), 1):
        owner = PERSON if number % SHARE == 0 else 1_000 + number % 997
        text = f"{' '.join(chance.choices(WORDS, k=14))} {number}"
        row = (number, f"t{number}", owner, SERVER)
        connection.execute(
            "INSERT INTO tasks (id, owner_id, guild_id, channel_id, action, prompt, request, state, result, buttons,"
            " callback_hash, created_at, progressed_at, in_search) VALUES (?, ?, ?, 2, 'imagine', ?,"
            " '{\"action\": \"imagine\"}', 'success', ?, '[]', x'00', ?, ?, 1)",
            (*row[1:], text, result, number, number),
        )
        connection.execute("INSERT INTO image_texts VALUES (?, ?, ?, ?, ?, 1)", (*row, text))
        connection.execute("INSERT INTO image_words (rowid, text) VALUES (?, ?)", (number, text))
        connection.execute("INSERT INTO image_vectors VALUES (?, ?)", (number, vector))
        connection.execute("INSERT INTO image_codes VALUES (?, 1, ?, ?, ?)", (number, *row[2:], code_of(vector)))


def _vectors(length: int, count: int) -> Iterator[bytes]:
    subjects, variations = _parts(length)
    chance = random.Random(2)  # noqa: S311 - the same images each time
    for _ in range(count):
        subject, variation = chance.choice(subjects), chance.choice(variations)
        yield _vector([a + b for a, b in zip(subject, variation, strict=True)])


def _parts(length: int) -> tuple[list[list[float]], list[list[float]]]:
    chance = random.Random(3)  # noqa: S311 - the same images each time
    common = [chance.gauss(0, 1) for _ in range(length)]
    subjects = [[value + chance.gauss(0, 1) for value in common] for _ in range(SUBJECTS)]
    return subjects, [[chance.gauss(0, 1) for _ in range(length)] for _ in range(VARIATIONS)]


def _vector(values: list[float]) -> bytes:
    size = math.sqrt(math.fsum(value * value for value in values))
    return array("f", [value / size for value in values]).tobytes()
