"""The documents of this repository: their sections, and what cites them."""

from __future__ import annotations

import functools
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = ("bot", "cogs", "storage", "playground", "tests", "docs", ".ci")
_SUFFIXES = frozenset({".py", ".toml", ".sql", ".js", ".css", ".html", ".md", ".sh", ""})
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def text_files() -> list[Path]:
    """Everything that is read by people: sources, documents, settings."""
    inside = (path for folder in _FOLDERS for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts)
    found = (path for path in inside if path.is_file() and path.suffix in _SUFFIXES)
    return sorted([*found, *ROOT.glob("*.md"), *ROOT.glob("*.toml"), ROOT / "Makefile"])


def documents() -> list[Path]:
    """The documents among them."""
    return [path for path in text_files() if path.suffix == ".md"]


def name(path: Path) -> str:
    """A file's path from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def sections(document: Path) -> frozenset[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    text = _FENCED.sub("", document.read_text(encoding="utf-8"))
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *#*$", text, re.MULTILINE):
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = 0
        while (unique := f"{anchor}-{number}" if number else anchor) in found:
            number += 1
        found.add(unique)
    return frozenset(found)


def prose(path: Path) -> str:
    """A file's text as one line; comment signs at the beginning of lines are left out."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return " ".join(re.sub(r"^(?:#|//|--|\*) ", "", line.strip()) for line in lines)


def remarks(path: Path) -> Iterator[str]:
    """The docstrings and comments of a Python module, each as one line; comments in a row are one."""
    block: list[str] = []
    end = 0
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.COMMENT:
            if block and token.start[0] != end + 1:
                yield " ".join(block)
                block = []
            block.append(token.string.lstrip("# "))
            end = token.start[0]
        elif token.type == tokenize.STRING and token.string.startswith('"""'):
            yield " ".join(token.string.strip('"').split())
    if block:
        yield " ".join(block)
