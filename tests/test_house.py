"""The plan of the house: which package may import which, and who may read the environment or write SQL."""

from __future__ import annotations

import ast
import functools
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "storage": {"storage"},
    "bot": {"bot", "storage"},
    "cogs": {"cogs", "bot", "storage"},
    "playground": {"playground", "bot", "storage"},
    "tests": {"tests", "playground", "cogs", "bot", "storage"},
}
# What runs in production.
RUNNING = ("bot", "cogs", "storage")
MODULES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))


@functools.cache
def imports(path: Path) -> frozenset[str]:
    """The full names that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return frozenset(found)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def heads(path: Path) -> set[str]:
    """The packages that a module imports from."""
    return {module.split(".")[0] for module in imports(path)}


def test_imports_point_one_way() -> None:
    back = {name(path): (heads(path) & set(MAY_IMPORT)) - MAY_IMPORT[room(path)] for path in MODULES}
    assert {path: names for path, names in back.items() if names} == {}


def test_storage_needs_only_the_standard_library_and_aiosqlite() -> None:
    allowed = sys.stdlib_module_names | {"storage", "aiosqlite"}
    foreign = {name(path): heads(path) - allowed for path in MODULES if room(path) == "storage"}
    assert {path: names for path, names in foreign.items() if names} == {}


def test_the_task_service_knows_nothing_of_discord_and_of_texts() -> None:
    service = [path for path in MODULES if name(path).startswith("bot/tasks/")]
    assert service
    assert [name(path) for path in service if "discord" in heads(path)] == []
    foreign = ("bot.ui", "bot.i18n")
    assert [name(path) for path in service if any(module.startswith(foreign) for module in imports(path))] == []


def test_the_environment_is_read_by_the_settings_alone() -> None:
    words = ("os.environ", "getenv", "BaseSettings")
    sources = {name(path): path.read_text(encoding="utf-8") for path in MODULES if room(path) in RUNNING}
    assert [path for path, source in sources.items() if any(word in source for word in words)] == ["bot/settings.py"]


def test_sql_is_written_in_storage_alone() -> None:
    others = [path for path in MODULES if room(path) in ("bot", "cogs")]
    assert [name(path) for path in others if heads(path) & {"sqlite3", "aiosqlite"}] == []


def test_a_module_can_be_read_at_one_sitting() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: lines for path, lines in lengths.items() if lines > 400} == {}
