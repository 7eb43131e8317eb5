"""Names in the code use the words of the glossary: none carries a word that `docs/glossary.md` tells to avoid."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").partition("## Code terms")[2]
PACKAGES = ("bot", "cogs", "storage")

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Name:
    """A name in the code: its kind is `module`, `class` or `function`, its place the file."""

    text: str
    kind: str
    place: str

    @property
    def words(self) -> list[str]:
        """Its words in lower case: `openDoor`, `OpenDoor` and `open_door` have the same."""
        return [word.lower() for word in _WORD.findall(self.text)]


def names_in(source: str, place: str) -> Iterator[Name]:
    """The names of a module, its classes and functions."""
    stem = Path(place).parent.name if Path(place).name == "__init__.py" else Path(place).stem
    yield Name(stem, "module", place)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            yield Name(node.name, "class", place)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Name(node.name, "function", place)


def rows(heading: str) -> list[list[str]]:
    """The rows of the glossary's table with this heading, as cells."""
    table = GLOSSARY.partition(f"{heading}\n")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[1:]]


AVOIDED = sorted({entry for row in rows("| term | meaning | avoid |") for entry in _CODE.findall(row[2])})
KEPT = frozenset(entry for row in rows("| name | reason |") for entry in _CODE.findall(row[0]))
NAMES = [
    name
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    for name in names_in(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
]


def carries(name: Name, entry: str) -> bool:
    """Does the name carry what this entry of the `avoid` column stands for?"""
    if entry.endswith(".py"):
        return name.kind == "module" and name.text == entry.removesuffix(".py")
    if entry.endswith("()"):
        return name.kind == "function" and name.text == entry.removesuffix("()")
    if entry[0].isupper():
        return name.kind == "class" and name.text == entry
    words = entry.split("_")
    return any(name.words[start : start + len(words)] == words for start in range(len(name.words)))


@pytest.mark.parametrize("entry", AVOIDED)
def test_no_name_carries_an_avoided_word(entry: str) -> None:
    found = {f"{name.place}: {name.text}" for name in NAMES if name.text not in KEPT and carries(name, entry)}
    assert found == set()


def test_the_glossary_is_read() -> None:
    assert len(AVOIDED) > 80
    assert {"door", "let_in", "Taken", "copies.py"} <= set(AVOIDED)
    assert len(NAMES) > 1_500


@pytest.mark.parametrize(
    ("entry", "source"),
    [
        ("door", "def open_door(): ..."),
        ("door", "class DoorState: ..."),
        ("let_in", "async def _let_in_now(): ..."),
        ("Taken", "class Taken: ..."),
        ("plain()", "class Text:\n    def plain(self): ..."),
        ("window", "class HTTPWindow: ..."),
    ],
)
def test_an_avoided_word_is_found(entry: str, source: str) -> None:
    assert any(carries(name, entry) for name in names_in(source, "bot/example.py"))


@pytest.mark.parametrize(
    ("entry", "source"),
    [
        ("door", "def indoors(): ..."),
        ("let_in", "def let_them_in(): ..."),
        ("Taken", "def taken(): ..."),
        ("plain()", "def plain_text(): ..."),
        ("copies.py", "def copies(): ..."),
    ],
)
def test_what_only_looks_like_one_is_not(entry: str, source: str) -> None:
    assert not any(carries(name, entry) for name in names_in(source, "bot/example.py"))


def test_a_name_that_keeps_its_word_exists_and_has_a_reason() -> None:
    texts = {name.text for name in NAMES}
    assert texts >= KEPT
    assert all(row[1] for row in rows("| name | reason |"))
