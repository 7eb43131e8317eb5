"""A copy of a database that is in use: the bot goes on working, and its lock is no hindrance."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.database import BUSY_SECONDS, path_of
from storage.errors import DatabaseBroken, StorageError, translated


def back_up(url: str, target: Path) -> int:
    """Writes a consistent copy of the database to a file that is not there yet; its size in bytes.

    The copy is checked before it is given its name, so what stands there can be used. Raises StorageError, and
    ValueError for an address of a kind that is not known.
    """
    source = path_of(url)
    if target.exists():
        raise StorageError(f"{target} already exists")
    part = target.with_name(target.name + ".part")
    try:
        # It holds what people wrote, and tokens that live for minutes: nobody else's to read.
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
        # All pages in one step: readers do not hinder the writer of a write-ahead log, and the copy is of one moment.
        reading.backup(writing)
        # One file, with no log beside it, whichever way it is then carried about.
        writing.execute("PRAGMA journal_mode = DELETE")
        (verdict,) = writing.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise DatabaseBroken(f"{source} is damaged: {verdict}")
