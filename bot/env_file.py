"""The file `.env`: read in the encodings that editors and shells write, with a clear error if it cannot be read."""

from __future__ import annotations

import codecs
import io
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.runtime.units import MEGABYTE

MAX_BYTES = MEGABYTE
# The BOM of UTF-32 LE starts with that of UTF-16 LE, so UTF-32 LE is tested first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class EnvFileError(Exception):
    """The file cannot be read. The text names the file, the cause and the remedy, and contains no value."""


def values_of(path: Path, names: Collection[str]) -> dict[str, str]:
    """The values that the file sets for these names, keyed in upper case; empty if there is no file.

    An invalid line is skipped if it contains none of the names. Raises EnvFileError.
    """
    data = _bytes_of(path)
    if data is None:
        return {}
    from dotenv import dotenv_values  # noqa: PLC0415 - a container has its settings in the environment, and no file
    from dotenv.parser import parse_stream  # noqa: PLC0415 - as above

    text = _text_of(path, data)
    for binding in parse_stream(io.StringIO(text)):
        if binding.error and any(name in binding.original.string.upper() for name in names):
            # The line may contain a secret, so the error does not quote it.
            line = binding.original.line
            raise EnvFileError(f"{path}: line {line} is invalid: expected NAME=value, with quotes in pairs")
    with _quiet():
        found = dotenv_values(stream=io.StringIO(text))
    return {name.upper(): value for name, value in found.items() if value is not None and name.upper() in names}


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppresses the parser's warnings about skipped lines."""
    log = logging.getLogger("dotenv.main")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def _bytes_of(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise EnvFileError(f"{path} is a folder: replace it with a file or remove it") from None
    except OSError as error:
        raise EnvFileError(f"{path} cannot be read: {error.strerror}; fix that or remove the file") from None
    if len(data) > MAX_BYTES:
        raise EnvFileError(f"{path} is larger than {MAX_BYTES:,} bytes: it is not a settings file")
    return data


def _text_of(path: Path, data: bytes) -> str:
    mark, encoding = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        raise EnvFileError(f"{path} is not UTF-8: save it as UTF-8") from None
    if "\0" in text:
        raise EnvFileError(f"{path} contains NUL bytes (UTF-16 without a byte order mark?): save it as UTF-8")
    return text
