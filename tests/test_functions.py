"""Functions fit on a screen."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 40


def test_no_function_is_longer_than_a_screen() -> None:
    paths = [
        path for package in ("storage", "bot", "cogs", "playground", "tests") for path in (ROOT / package).rglob("*.py")
    ]
    lengths = {
        f"{path.relative_to(ROOT)}: {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}
