"""What a database URL is used for: opening the store, and a backup while the bot uses it, which its file lock does not
block."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from storage.errors import DatabaseBroken, StorageError
from storage.sqlite.database import BUSY_SECONDS
from storage.sqlite.engine import SqliteEngine
from storage.sqlite.error_codes import translated
from storage.store import Store


def path_of(url: str) -> Path:
    """Returns the file of a `sqlite:///` URL: three slashes for a relative path, four for an absolute one (as in
    SQLAlchemy).

    Raises ValueError for any other URL.
    """
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or len(parts.path) < 2:
        raise ValueError("expected sqlite:///relative/path or sqlite:////absolute/path")
    return Path(unquote(parts.path[1:]))


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """Opens the store of a database URL, takes over what is unfinished in it, and closes it at the end.

    Raises ValueError for an unsupported URL, and StorageError (see `storage.errors`).
    """
    store = Store(await SqliteEngine.open(path_of(url)))
    try:
        await store.take_over()
        yield store
    finally:
        await store.close()


def back_up(url: str, target: Path) -> int:
    """Writes a consistent copy of the database to `target`, which must not exist. Returns the size in bytes.

    The copy is checked before it gets its final name. Raises StorageError, and ValueError for an unsupported database
    URL.
    """
    source = path_of(url)
    if target.exists():
        raise StorageError(f"{target} already exists")
    part = target.with_name(target.name + ".part")
    try:
        # The copy contains users' prompts and valid interaction tokens: readable by the owner only.
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _copy(source, part)
        part.rename(target)
    except sqlite3.Error as error:
        raise translated(error) from error
    except OSError as error:
        raise StorageError(f"{target}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(source: Path, part: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as reading,
        closing(sqlite3.connect(part)) as writing,
    ):
        # Copy all pages in one step: WAL readers do not block the writer, and the copy is a consistent snapshot.
        reading.backup(writing)
        # Make the copy self-contained: a single file without a write-ahead log.
        writing.execute("PRAGMA journal_mode = DELETE")
        (verdict,) = writing.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise DatabaseBroken(f"{source} is damaged: {verdict}")
