"""Errors of the storage, independent of the database engine.

StorageError
├── NewerDatabase      written by a later version of the program
├── DatabaseInUse      another process holds this database
├── DatabaseBusy       locked for longer than the timeout
├── DatabaseFull       no space left on the disk
└── DatabaseBroken     damaged, unreadable or not a database
"""

from __future__ import annotations


class StorageError(Exception):
    """The operation failed and nothing was written."""


class NewerDatabase(StorageError):
    """The database was written by a later version of the program."""


class DatabaseInUse(StorageError):
    """Another process of the program uses this database."""


class DatabaseBusy(StorageError):
    """The database stayed locked for longer than the timeout."""


class DatabaseFull(StorageError):
    """No space is left on the disk."""


class DatabaseBroken(StorageError):
    """The file is damaged, cannot be read or written, or is not a database."""
