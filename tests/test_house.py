"""The plan of the house: which package may import which, and who may read the environment or write SQL."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "storage": {"storage"},
    "bot": {"bot", "storage"},
    "cogs": {"cogs", "bot", "storage"},
    "playground": {"playground", "bot", "storage"},
    "tests": {"tests", "playground", "cogs", "bot", "storage"},
}
MODULES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """The full names that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_point_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    ours = {module.split(".")[0] for module in imports(path)} & set(MAY_IMPORT)
    assert ours <= MAY_IMPORT[room]


@pytest.mark.parametrize("path", [path for path in MODULES if "storage" in name(path).split("/")[0]], ids=name)
def test_storage_needs_only_the_standard_library_and_aiosqlite(path: Path) -> None:
    heads = {module.split(".")[0] for module in imports(path)}
    assert heads - sys.stdlib_module_names <= {"storage", "aiosqlite"}


@pytest.mark.parametrize("path", [path for path in MODULES if name(path).startswith("bot/tasks/")], ids=name)
def test_the_task_service_knows_nothing_of_discord(path: Path) -> None:
    assert not {module for module in imports(path) if module.split(".")[0] == "discord" or module.startswith("bot.ui")}


@pytest.mark.parametrize("path", [p for p in MODULES if name(p).split("/")[0] in ("bot", "cogs", "storage")], ids=name)
def test_the_environment_is_read_by_the_settings_alone(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert (
        not {word for word in ("os.environ", "getenv", "BaseSettings") if word in source}
        or name(path) == "bot/settings.py"
    )


@pytest.mark.parametrize("path", [p for p in MODULES if name(p).split("/")[0] in ("bot", "cogs")], ids=name)
def test_sql_is_written_in_storage_alone(path: Path) -> None:
    assert not {module for module in imports(path) if module.split(".")[0] in ("sqlite3", "aiosqlite")}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_can_be_read_at_one_sitting(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
