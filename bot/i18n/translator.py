"""Texts in one locale: a user's or a server's."""

from __future__ import annotations

from dataclasses import dataclass

from bot.i18n.catalogs import DEFAULT, translation_of


@dataclass(frozen=True, slots=True)
class Translator:
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
