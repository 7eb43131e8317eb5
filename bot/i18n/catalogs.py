"""The catalogs: TOML files named after their languages (`en.toml`, `pt-BR.toml`), read once; and their texts in one
locale."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import NamedTuple

log = logging.getLogger(__name__)

DEFAULT = "en"
_SUFFIX = ".toml"

_catalogs: dict[str, Mapping[str, str]] = {}


def add_catalogs(folder: Path) -> None:
    """Reads all catalogs of a folder. Texts for a language that is already loaded are added to it.

    Texts that cannot replace the English ones are skipped and logged. Raises OSError, tomllib.TOMLDecodeError.
    """
    # English first, because the other languages are checked against it.
    for file in sorted(folder.iterdir(), key=lambda file: (file.name != DEFAULT + _SUFFIX, file.name)):
        if file.name.endswith(_SUFFIX):
            language = file.name.removesuffix(_SUFFIX)
            texts = dict(_flat("", tomllib.loads(file.read_text(encoding="utf-8"))))
            _catalogs[language] = {**_catalogs.get(language, {}), **_usable(language, texts)}


def translation_of(name: str, locale: str) -> str | None:
    """The text with that name in the language of a Discord locale (`de`, `pt-BR`), with its values in braces. None if
    no catalog of that language has it."""
    for language in (locale, locale.partition("-")[0]):
        text = _catalogs.get(language, {}).get(name)
        if text is not None:
            return text
    return None


def has(name: str) -> bool:
    """Whether the English catalog has a text with that name."""
    return name in _catalogs[DEFAULT]


def names() -> frozenset[str]:
    """The names of all texts."""
    return frozenset(_catalogs[DEFAULT])


def languages() -> frozenset[str]:
    """The languages that have a catalog."""
    return frozenset(_catalogs)


class Translator(NamedTuple):
    """Looks up texts for one Discord locale (`de`, `pt-BR`). Falls back to English if that language lacks a text.

    Functions that build texts take a translator as `t`: `t("card.cancelled")`.
    """

    locale: str

    def __call__(self, name: str, /, **values: object) -> str:
        """The text with that name, with its values filled in. Raises KeyError if the English catalog lacks it.

        Without values, braces stay as they are.
        """
        text = translation_of(name, self.locale)
        if text is None:
            text = translation_of(name, DEFAULT)
        if text is None:
            raise KeyError(name)
        return text.format_map(values) if values else text


def _usable(language: str, texts: Mapping[str, str]) -> Mapping[str, str]:
    if language == DEFAULT:
        return texts
    english = _catalogs[DEFAULT]
    usable = {name: text for name, text in texts.items() if name in english and _fits(text, english[name])}
    if unusable := sorted(texts.keys() - usable.keys()):
        log.warning("the catalog %s has texts that cannot be used: %s", language, ", ".join(unusable))
    return usable


def _fits(text: str, english: str) -> bool:
    """Whether the text uses only values that the English text uses."""
    try:
        return _values(text) <= _values(english)
    except ValueError:  # malformed braces
        return False


def _values(text: str) -> set[tuple[str, str | None, str | None]]:
    return {(field, form, way) for _, field, form, way in Formatter().parse(text) if field is not None}


def _flat(prefix: str, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield prefix + key, str(value)


add_catalogs(Path(__file__).parent)
