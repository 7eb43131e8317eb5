"""Everything that people read, from one catalogue a language.

A text is named by its place in the file (`refused.queue_full`) and holds its values in braces. A language that lacks a
text falls back to English, so a translation can begin with one line.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

DEFAULT = "en"


def say(name: str, locale: str | None = None, /, **values: object) -> str:
    """The text of that name in the reader's language, with its values filled in.

    `locale` is Discord's (`de`, `pt-BR`). Raises KeyError for a name that the English catalogue lacks.
    """
    for language in _languages(locale):
        text = _catalogue(language).get(name)
        if text is not None:
            return text.format_map(values) if values else text
    raise KeyError(name)


def has(name: str) -> bool:
    """Does the English catalogue hold a text of that name?"""
    return name in _catalogue(DEFAULT)


def names() -> frozenset[str]:
    """The names of all texts."""
    return frozenset(_catalogue(DEFAULT))


def _languages(locale: str | None) -> tuple[str, ...]:
    if not locale:
        return (DEFAULT,)
    return (locale, locale.split("-")[0], DEFAULT)


@cache
def _catalogue(language: str) -> dict[str, str]:
    file = resources.files("bot.texts").joinpath(f"{language}.toml")
    if not language.replace("-", "").isalnum() or not file.is_file():
        return {}
    return dict(_flat("", tomllib.loads(file.read_text(encoding="utf-8"))))


def _flat(prefix: str, table: dict[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found += _flat(f"{prefix}{key}.", value)
        else:
            found.append((prefix + key, str(value)))
    return found
