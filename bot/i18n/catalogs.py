"""The catalogs: TOML files named after their languages (`en.toml`, `pt-BR.toml`), read once."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from string import Formatter

log = logging.getLogger(__name__)

DEFAULT = "en"
_SUFFIX = ".toml"

_catalogs: dict[str, Mapping[str, str]] = {}


def add_catalogs(folder: Traversable) -> None:
    """Reads every catalog of a folder; a language that is known already gets the texts in addition.

    Texts that cannot stand for the English ones are left out and logged. Raises OSError, tomllib.TOMLDecodeError.
    """
    # English first: the others are measured by it.
    for file in sorted(folder.iterdir(), key=lambda file: (file.name != DEFAULT + _SUFFIX, file.name)):
        if file.name.endswith(_SUFFIX):
            language = file.name.removesuffix(_SUFFIX)
            texts = dict(_flat("", tomllib.loads(file.read_text(encoding="utf-8"))))
            _catalogs[language] = {**_catalogs.get(language, {}), **_usable(language, texts)}


def translation_of(name: str, locale: str) -> str | None:
    """The text of that name in the language of Discord's locale (`de`, `pt-BR`), values in braces; None where no
    catalog of that language has it."""
    for language in (locale, locale.partition("-")[0]):
        text = _catalogs.get(language, {}).get(name)
        if text is not None:
            return text
    return None


def has(name: str) -> bool:
    """Does the English catalog hold a text of that name?"""
    return name in _catalogs[DEFAULT]


def names() -> frozenset[str]:
    """The names of all texts."""
    return frozenset(_catalogs[DEFAULT])


def _usable(language: str, texts: Mapping[str, str]) -> Mapping[str, str]:
    if language == DEFAULT:
        return texts
    english = _catalogs[DEFAULT]
    usable = {name: text for name, text in texts.items() if name in english and _fits(text, english[name])}
    if unusable := sorted(texts.keys() - usable.keys()):
        log.warning("the catalog %s has texts that cannot be used: %s", language, ", ".join(unusable))
    return usable


def _fits(text: str, english: str) -> bool:
    """Does the text ask for no other values than the English one?"""
    try:
        return _values(text) <= _values(english)
    except ValueError:  # its braces are not well-formed
        return False


def _values(text: str) -> set[tuple[str, str | None, str | None]]:
    return {(field, form, way) for _, field, form, way in Formatter().parse(text) if field is not None}


def _flat(prefix: str, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield prefix + key, str(value)


add_catalogs(resources.files("bot.i18n"))
