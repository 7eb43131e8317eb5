"""The errors of SQLite: which ones a statement may raise, and what they mean to the users of the database."""

from __future__ import annotations

import sqlite3

from storage.errors import DatabaseBroken, DatabaseBusy, DatabaseFull, StorageError

# Errors of a statement. The last two are raised for values that no column can store: integers beyond 64 bits, lone
# surrogates.
STATEMENT_ERRORS = (sqlite3.Error, OverflowError, UnicodeEncodeError)

LOCAL_DISK = "the database does not work on a network share (NFS, SMB): keep it on a local disk"

# SQLite's errors on file systems without file locks or memory mapping (sqlite.org/rescode.html).
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


class StuckTransaction(sqlite3.OperationalError):
    """A transaction could not be undone. Its connection cannot be used any more."""


def translated(error: Exception) -> StorageError:
    """Maps an SQLite error to a StorageError."""
    extended = getattr(error, "sqlite_errorcode", 0)
    if extended in _NEEDS_LOCAL_DISK:
        return DatabaseBroken(f"{error}: {LOCAL_DISK}")
    # The low byte of an extended result code is the primary code (sqlite.org/rescode.html, section 2).
    code = extended & 0xFF
    return _BY_CODE.get(code, StorageError)(str(error))
