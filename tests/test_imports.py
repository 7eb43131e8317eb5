"""Imports point one way inside `bot` as well: each package imports only from those before it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each may import from those above it, and from itself.
ORDER = (
    "storage",
    "storage.sqlite",
    "bot.net",
    "bot.runtime",
    "bot.i18n",
    "bot.media.containers",
    "bot.media",
    "bot.engines",
    "bot.platform",
    "bot.engines.midjourney",
    "bot.engines.platform",
    "bot.tasks",
    "bot.language",
    "bot.chat",
    "bot.search",
    "bot.discord_api",
    "bot.ui.components",
    "bot.ui.modals",
    "bot.ui.cards",
    "bot.ui.panels",
    "bot.ui.interactions",
    "bot.ui.inputs",
    "bot.ui.delivery",
    "bot.ui.notifications",
    "bot.web",
    "bot.web.mask_editor",
    "bot.ui",
    "bot.ui.workflows",
    "bot.ui.language",
    "bot.ui.chat",
    "bot.ui.search",
    "bot",
    "cogs",
)
MAX_MODULES = 10


def modules() -> dict[str, Path]:
    paths = [path for package in ("storage", "bot", "cogs") for path in (ROOT / package).rglob("*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


MODULES = modules()


def package_of(module: str) -> str:
    return module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]


def imported(module: str) -> Iterator[str]:
    """The modules of ours that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else node.module for name in names]
        yield from (name for name in names if name in MODULES)


def is_face_of(module: str, name: str) -> bool:
    """Whether the module is the `__init__` of a package that contains the other one: it may tell what is inside."""
    return MODULES[module].name == "__init__.py" and name.startswith(f"{module}.")


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_from_packages_before_its_own(module: str) -> None:
    own = package_of(module)
    later = ORDER[ORDER.index(own) + 1 :]
    names = [name for name in imported(module) if not is_face_of(module, name)]
    assert [name for name in names if package_of(name) in later] == []


def test_every_package_has_its_place_in_the_order() -> None:
    assert {package_of(module) for module in MODULES} == set(ORDER)


def test_no_folder_of_the_user_interface_holds_more_than_ten_modules() -> None:
    counts = {
        package: sum(package_of(module) == package and module != package for module in MODULES)
        for package in ORDER
        if package.startswith("bot.ui")
    }
    assert {package: count for package, count in counts.items() if count > MAX_MODULES} == {}


def test_the_architecture_document_lists_the_packages_in_this_order() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = text.partition("| Package | Responsibility |\n")[2].partition("\n\n")[0]
    listed = [package for row in table.splitlines()[1:] for package in re.findall(r"`([\w.]+)`", row.split("|")[1])]
    assert tuple(listed) == ORDER


# The composition root makes the engines, and the settings and the doctor know their options.
KNOW_ENGINES = {"bot.app", "bot.platform_setup", "bot.settings", "bot.doctor", "bot.platform_checks"}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_only_the_composition_root_imports_a_concrete_engine(module: str) -> None:
    concrete = [name for name in imported(module) if package_of(name).startswith("bot.engines.")]
    inside = module.startswith("bot.engines.") and package_of(module) != "bot.engines"
    assert inside or module in KNOW_ENGINES or concrete == []
