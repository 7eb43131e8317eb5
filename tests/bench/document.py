"""Writes measured tables into docs/performance.md, each between the comments that name it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs/performance.md"
END = "<!-- end -->"
PLOT = DOCUMENT.with_name("performance.svg")


def places(text: str) -> list[str]:
    """The names of the tables that the document shows."""
    return re.findall(r"<!-- bench: ([a-z]+) -->", text)


def replaced(text: str, blocks: Mapping[str, str]) -> str:
    """The document with these blocks, by their names; those it has no place for are left out."""
    for name, block in blocks.items():
        before, mark, rest = text.partition(f"<!-- bench: {name} -->\n")
        if mark:
            text = f"{before}{mark}\n{block}\n\n{END}{rest.partition(END)[2]}"
    return text
