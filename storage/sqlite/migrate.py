"""Migrates a database to the newest version: applies the numbered files of `migrations` in one transaction."""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from pathlib import Path

from storage.errors import NewerDatabase

log = logging.getLogger(__name__)

# Cache size for sorting during index creation, in KiB. SQLite's default is 2,000.
_CACHE = 65_536
_FOLDER = Path(__file__).parent / "migrations"
_NAME = re.compile(r"(?P<number>\d{4})_[a-z0-9_]+\.sql")


def migrations() -> list[tuple[int, str]]:
    """Returns number and text of every migration, in order. Raises ValueError for a missing or duplicate number."""
    found = sorted(
        (int(match["number"]), entry.read_text(encoding="utf-8"))
        for entry in _FOLDER.iterdir()
        if (match := _NAME.fullmatch(entry.name))
    )
    if [number for number, _ in found] != list(range(1, len(found) + 1)):
        raise ValueError("migrations must be numbered from 1 without gaps")
    return found


def version_of(connection: sqlite3.Connection) -> int:
    """Returns the version of an open database, 0 for one without tables. Raises sqlite3.Error."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection) -> None:
    """Applies all missing migrations or none. Raises NewerDatabase, sqlite3.Error."""
    steps = migrations()
    version = version_of(connection)
    if version > len(steps):
        raise NewerDatabase(f"the database has version {version}, this program supports up to {len(steps)}")
    script = "\n".join(text for number, text in steps if number > version)
    if not script:
        return
    began = time.monotonic()
    if version:
        log.info(
            "migrating the database from version %d to %d: about one minute per million tasks", version, len(steps)
        )
    connection.execute(f"PRAGMA cache_size = -{_CACHE}")
    try:
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {len(steps)};\nCOMMIT;")
    except sqlite3.Error:
        connection.rollback()
        raise
    finally:
        connection.execute("PRAGMA cache_size = -2000")
    if version:
        log.info("migrated the database to version %d in %.1f s", len(steps), time.monotonic() - began)
