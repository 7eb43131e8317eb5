"""Example answers of platforms (tests/data/platform/README.md)."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from bot.platform.transport import AnswerHead, PlatformAnswer

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "platform"
_ROW = re.compile(r"^\| (\S+\.\w+) \| (\w+) \| (\S+) \| (.*) \|$", re.MULTILINE)
REQUEST = "request"


@functools.cache
def listed() -> dict[str, tuple[str, str]]:
    """The files of the table, each with its status and its content type."""
    text = (SAMPLES / "README.md").read_text(encoding="utf-8")
    return {name: (status, media_type) for name, status, media_type, _ in _ROW.findall(text)}


def body(name: str) -> bytes:
    """The bytes of a file."""
    return (SAMPLES / name).read_bytes()


def head(name: str, method: str = "POST") -> AnswerHead:
    """The status and the content type that a file comes with, without other headers."""
    status, media_type = listed()[name]
    return AnswerHead(int(status), method, media_type)


def answer(name: str, method: str = "POST") -> PlatformAnswer:
    """A file as a whole answer."""
    return PlatformAnswer(head(name, method), body(name))
