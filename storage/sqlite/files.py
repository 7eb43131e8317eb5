"""The database files: permissions, and a lock that keeps other processes out."""

from __future__ import annotations

import errno
import logging
import os
from contextlib import suppress
from pathlib import Path

from storage.errors import DatabaseBroken, DatabaseInUse
from storage.sqlite.error_codes import LOCAL_DISK

log = logging.getLogger(__name__)

FILE_MODE = 0o600
FOLDER_MODE = 0o700
# Suffixes of SQLite's auxiliary files. SQLite creates them with the mode of the database file (sqlite.org/fileio.html).
COMPANIONS = ("-wal", "-shm", "-journal")
# Errors of `flock` on file systems without locks (flock(2); nfs(5), "local_lock").
_NO_LOCKS = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK, errno.EINVAL)


def real_path(path: Path) -> Path:
    """Resolves a path and its symlinks. Raises DatabaseBroken for a symlink loop."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: symlink loop in Python 3.11 and 3.12
        raise DatabaseBroken(f"{path}: {error}") from error


def make_folder(folder: Path) -> None:
    """Creates a folder and its missing parents, accessible to this user only. Raises OSError."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        with suppress(FileExistsError):
            each.mkdir(mode=FOLDER_MODE)
            each.chmod(FOLDER_MODE)  # undo the umask
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(folder))


def make_private(path: Path) -> None:
    """Removes other users' access to the database files. Logs a warning if that fails."""
    for each in (path, *(path.with_name(path.name + end) for end in COMPANIONS)):
        try:
            if each.stat().st_mode & 0o777 != FILE_MODE:
                each.chmod(FILE_MODE)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("%s may be open to other users of this machine: %s", each, error.strerror)


class FileLock:
    """Keeps other processes away from a database, whichever name they open it by.

    It holds two locks. The lock on a file beside the database stays valid if the database is replaced by a copy. The
    lock on the database itself also covers a second name (a hard link). Both are `flock`s. SQLite's own locks are of
    another kind, and on a local disk the two kinds do not affect each other. SQLite's write-ahead log requires a local
    disk.
    """

    def __init__(self, path: Path) -> None:
        """Acquires both locks and creates a missing database file. Raises DatabaseInUse, DatabaseBroken, OSError."""
        self._path = path
        self._beside = _locked(path.with_name(path.name + ".lock"))
        try:
            self._itself = _locked(path)
        except BaseException:
            os.close(self._beside)
            raise

    def renew(self) -> None:
        """Locks the file that now has the database's name. SQLite must not have it open. Raises DatabaseInUse,
        OSError."""
        itself = _locked(self._path) if self._replaced() else None
        if itself is not None:
            os.close(self._itself)
            self._itself = itself

    def release(self) -> None:
        """Releases both locks. Call it after SQLite has closed: a process that closes a file loses all its locks on
        it."""
        os.close(self._itself)
        os.close(self._beside)

    def _replaced(self) -> bool:
        return not os.path.samestat(os.fstat(self._itself), self._path.stat())


def _locked(path: Path) -> int:
    import fcntl  # noqa: PLC0415 - Windows has none; the program reports that instead of failing at import

    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        with suppress(PermissionError):  # another user's file; `make_private` logs it
            os.fchmod(handle, FILE_MODE)  # undo the umask or the open mode of an older version
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise DatabaseInUse(f"{path} is in use by another process") from error
    except OSError as error:
        os.close(handle)
        if error.errno in _NO_LOCKS:
            raise DatabaseBroken(f"{path.parent} cannot lock files ({error.strerror}): {LOCAL_DISK}") from error
        raise
    return handle
