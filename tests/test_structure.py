"""Which package may import which, and which modules may read the environment or contain SQL."""

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
# The packages that run in production.
PRODUCTION = ("bot", "cogs", "storage")
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


def package_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def imported_packages(path: Path) -> set[str]:
    """The packages that a module imports from."""
    return {module.split(".")[0] for module in imports(path)}


def test_packages_import_one_way() -> None:
    backward = {
        name(path): (imported_packages(path) & set(MAY_IMPORT)) - MAY_IMPORT[package_of(path)] for path in MODULES
    }
    assert {path: names for path, names in backward.items() if names} == {}


def test_storage_needs_only_the_standard_library_and_aiosqlite() -> None:
    allowed = sys.stdlib_module_names | {"storage", "aiosqlite"}
    foreign = {name(path): imported_packages(path) - allowed for path in MODULES if package_of(path) == "storage"}
    assert {path: names for path, names in foreign.items() if names} == {}


def test_the_task_service_imports_neither_discord_nor_texts_nor_the_user_interface() -> None:
    service = [path for path in MODULES if name(path).startswith("bot/tasks/")]
    assert service
    assert [name(path) for path in service if "discord" in imported_packages(path)] == []
    foreign = ("bot.ui", "bot.i18n")
    assert [name(path) for path in service if any(module.startswith(foreign) for module in imports(path))] == []


def test_only_the_settings_read_the_environment() -> None:
    words = ("os.environ", "getenv")
    sources = {name(path): path.read_text(encoding="utf-8") for path in MODULES if package_of(path) in PRODUCTION}
    assert [path for path, source in sources.items() if any(word in source for word in words)] == ["bot/settings.py"]


def test_only_one_module_imports_pillow() -> None:
    production = [path for path in MODULES if package_of(path) in PRODUCTION]
    assert [name(path) for path in production if "PIL" in imported_packages(path)] == ["bot/media/pillow.py"]


def test_only_storage_contains_sql() -> None:
    others = [path for path in MODULES if package_of(path) in ("bot", "cogs")]
    assert [name(path) for path in others if imported_packages(path) & {"sqlite3", "aiosqlite"}] == []


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: lines for path, lines in lengths.items() if lines > 400} == {}


def test_a_class_name_means_one_thing() -> None:
    found: dict[str, list[str]] = {}
    for path in MODULES:
        if package_of(path) in PRODUCTION:
            classes = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ClassDef))
            for each in classes:
                found.setdefault(each.name, []).append(name(path))
    assert {each: places for each, places in found.items() if len(places) > 1} == {}
