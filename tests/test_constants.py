"""Limits, codes, patterns and sizes are told once: a second definition is forgotten when the first one changes."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.discord_api.errors import REMEDIES

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for package in ("bot", "cogs", "storage")
    for path in (ROOT / package).rglob("*.py")
}
LIMITS = "bot/ui/components/message_components.py"
# These make another thing each time, whatever they are called.
MAKERS = {"TypeVar", "object", "getLogger", "ContextVar", "auto"}
# Shorter texts repeat by chance.
LONG = 16


def constants(source: str) -> Iterator[tuple[str, ast.expr]]:
    """Name, without underscores before it, and value of each constant of a module that is not another one's alias."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign):
            pairs = [pair for target in node.targets for pair in _pairs(target, node.value)]
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            pairs = [(node.target, node.value)]
        else:
            continue
        for target, value in pairs:
            is_constant = isinstance(target, ast.Name) and target.id.isupper()
            if is_constant and not isinstance(value, ast.Name | ast.Attribute) and not _made(value):
                assert isinstance(target, ast.Name)
                yield target.id.lstrip("_"), value


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def _made(value: ast.expr) -> bool:
    called = value.func if isinstance(value, ast.Call) else None
    return (isinstance(called, ast.Name) and called.id in MAKERS) or (
        isinstance(called, ast.Attribute) and called.attr in MAKERS
    )


def _value(expression: ast.expr) -> str:
    """A text that is the same for equal values: 10 * 1024 and 10_240 are."""
    numbers = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)
    if all(isinstance(node, numbers) for node in ast.walk(expression)):
        return repr(eval(compile(ast.Expression(expression), "", "eval"), {"__builtins__": {}}))  # noqa: S307 - numbers
    return ast.unparse(expression)


def repeated_names(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Constants that several modules define with one value, and the modules."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path, source in sources.items():
        for name, value in constants(source):
            found[name, _value(value)].add(path)
    return {f"{name} = {value}": sorted(paths) for (name, value), paths in found.items() if len(paths) > 1}


def repeated_texts(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Long texts and bytes in constants of several modules, whatever their names, and the modules."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, source in sources.items():
        for _, value in constants(source):
            for node in ast.walk(value):
                if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and len(node.value) >= LONG:
                    found[repr(node.value)].add(path)
    return {text: sorted(paths) for text, paths in found.items() if len(paths) > 1}


def numbers(source: str) -> set[int]:
    return {
        node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant) and type(node.value) is int
    }


def test_no_constant_is_defined_twice() -> None:
    assert repeated_names(SOURCES) == {}


def test_no_pattern_or_other_long_text_is_written_twice() -> None:
    assert repeated_texts(SOURCES) == {}


def test_the_names_of_discords_limits_are_defined_in_one_module() -> None:
    names = {name for name, _ in constants(SOURCES[LIMITS])}
    assert {"MAX_CUSTOM_ID", "MAX_LABEL", "MAX_CONTENT", "MAX_ALT", "MAX_ROW"} <= names
    others = {path: names & {name for name, _ in constants(source)} for path, source in SOURCES.items()}
    assert {path for path, shared in others.items() if shared} == {LIMITS}


def test_discords_error_codes_stand_in_one_module() -> None:
    codes = {code for code in REMEDIES if code >= 10_002}
    assert {path for path, source in SOURCES.items() if numbers(source) & codes} == {"bot/discord_api/errors.py"}


def test_the_form_of_a_jobs_id_and_the_size_of_a_megabyte_are_written_once() -> None:
    # The storage imports nothing of the bot's.
    ours = {path: source for path, source in SOURCES.items() if not path.startswith("storage/")}
    assert [path for path, source in ours.items() if "[0-9a-f]{8}" in source] == [
        "bot/engines/midjourney/button_kinds.py"
    ]
    megabyte = re.compile(r"\b1_?024 \* 1_?024\b|\b1_?048_?576\b|1 << 20|2 ?\*\* ?20")
    assert [path for path, source in ours.items() if megabyte.search(source)] == ["bot/runtime/units.py"]


def test_a_repetition_is_found_whatever_it_looks_like() -> None:
    found = repeated_names(
        {
            "a": "MAX_LABEL = 80\nOTHER = 1\nLEAST, MOST = 1, 2",
            "b": "_MAX_LABEL: int = 8 * 10\nOTHER = 2\nMOST = 2",
            "c": "OTHER = MAX_LABEL\nT = TypeVar('T')",
            "d": "T = TypeVar('T')\n\n\nclass State:\n    MOST = 2",
        }
    )
    assert found == {"MAX_LABEL = 80": ["a", "b"], "MOST = 2": ["a", "b"]}
    pattern = "[0-9a-f]{8}-[0-9a-f]{4}"
    texts = repeated_texts({"a": f"ID = re.compile(r'{pattern}')", "b": f"_JOB = '{pattern}'", "c": "OTHER = 'short'"})
    assert texts == {repr(pattern): ["a", "b"]}
