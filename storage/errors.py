"""What can go wrong with the store, in words that do not name the engine.

StorageError
├── NewerDatabase      written by a later version of the program
├── DatabaseInUse      another process holds this database
├── DatabaseBusy       locked for longer than the wait
├── DatabaseFull       no room left on the disk
└── DatabaseBroken     damaged, unreadable or not a database
"""

from __future__ import annotations

import sqlite3


class StorageError(Exception):
    """The store could not do what was asked; nothing of it was written."""


class NewerDatabase(StorageError):
    """The database was written by a later version of the program."""


class DatabaseInUse(StorageError):
    """Another process of the program works on this database."""


class DatabaseBusy(StorageError):
    """The database stayed locked for longer than the wait."""


class DatabaseFull(StorageError):
    """There is no room left to write."""


class DatabaseBroken(StorageError):
    """The file is damaged, cannot be read or written, or is no database."""


LOCAL_DISK = "the database does not work on a network share (NFS, SMB): keep it on a local disk"

# What the engine fails with where files cannot be locked or mapped into memory (sqlite.org/rescode.html).
_NEEDS_LOCAL_DISK = (
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_IOERR_LOCK,
    sqlite3.SQLITE_IOERR_RDLOCK,
    sqlite3.SQLITE_PROTOCOL,
)

_BY_CODE: dict[int, type[StorageError]] = {
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
    sqlite3.SQLITE_FULL: DatabaseFull,
    sqlite3.SQLITE_CORRUPT: DatabaseBroken,
    sqlite3.SQLITE_NOTADB: DatabaseBroken,
    sqlite3.SQLITE_CANTOPEN: DatabaseBroken,
    sqlite3.SQLITE_IOERR: DatabaseBroken,
    sqlite3.SQLITE_READONLY: DatabaseBroken,
}


def translated(error: Exception) -> StorageError:
    """The same failure in this package's words."""
    extended = getattr(error, "sqlite_errorcode", 0)
    if extended in _NEEDS_LOCAL_DISK:
        return DatabaseBroken(f"{error}: {LOCAL_DISK}")
    # An extended result code carries the primary one in its low byte (sqlite.org/rescode.html, section 2).
    code = extended & 0xFF
    return _BY_CODE.get(code, StorageError)(str(error))
