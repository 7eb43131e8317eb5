"""The database's files: who may read them, and that one process alone works on them."""

from __future__ import annotations

import errno
import logging
import os
from contextlib import suppress
from pathlib import Path

from storage.errors import LOCAL_DISK, DatabaseBroken, DatabaseInUse

log = logging.getLogger(__name__)

FILE_MODE = 0o600
FOLDER_MODE = 0o700
# What SQLite puts beside a database. It gives new ones the mode of the database itself (sqlite.org/fileio.html).
COMPANIONS = ("-wal", "-shm", "-journal")
# What `flock` fails with where a file system has no locks (flock(2); nfs(5), "local_lock").
_NO_LOCKS = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOLCK, errno.EINVAL)


def real_path(path: Path) -> Path:
    """The file behind every spelling and symlink of its name. Raises DatabaseBroken for links that go in a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # RuntimeError: Python 3.11 and 3.12, for a circle
        raise DatabaseBroken(f"{path}: {error}") from error


def make_folder(folder: Path) -> None:
    """Makes a folder, and those above it that are missing, for this user alone. Raises OSError."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        with suppress(FileExistsError):
            each.mkdir(mode=FOLDER_MODE)
            each.chmod(FOLDER_MODE)  # whatever the umask took away
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(folder))


def make_private(path: Path) -> None:
    """Takes the database's files away from other users of the machine, where they stand open to them."""
    for each in (path, *(path.with_name(path.name + end) for end in COMPANIONS)):
        try:
            if each.stat().st_mode & 0o777 != FILE_MODE:
                each.chmod(FILE_MODE)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("%s may be open to other users of this machine: %s", each, error.strerror)


class FileLock:
    """Keeps other processes away from a database, by whichever of its names they come.

    Two locks: one on a file beside the database, which also holds where the database itself is replaced by a copy, and
    one on the database, which holds where it has a second name (a hard link). Both are `flock`s: SQLite's own locks
    are of another kind, which neither sees nor hinders these on a local disk. SQLite's write-ahead log works on no
    other.
    """

    def __init__(self, path: Path) -> None:
        """Locks, and makes the database's file if it is missing. Raises DatabaseInUse, DatabaseBroken, OSError."""
        self._path = path
        self._beside = _locked(path.with_name(path.name + ".lock"))
        try:
            self._itself = _locked(path)
        except BaseException:
            os.close(self._beside)
            raise

    def renew(self) -> None:
        """Locks the file that has this name now; SQLite must not have it open. Raises DatabaseInUse, OSError."""
        itself = _locked(self._path) if self._replaced() else None
        if itself is not None:
            os.close(self._itself)
            self._itself = itself

    def release(self) -> None:
        """Lets others in. Only once SQLite has closed: a process that closes a file loses all its locks on it."""
        os.close(self._itself)
        os.close(self._beside)

    def _replaced(self) -> bool:
        return not os.path.samestat(os.fstat(self._itself), self._path.stat())


def _locked(path: Path) -> int:
    import fcntl  # noqa: PLC0415 - Windows has none, and the program says so instead of failing here

    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        with suppress(PermissionError):  # somebody else's file; `make_private` says so
            os.fchmod(handle, FILE_MODE)  # whatever the umask took away, or an older version left open
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
