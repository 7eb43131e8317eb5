"""The texts in one person's language, or in one server's."""

from __future__ import annotations

from dataclasses import dataclass

from bot.i18n.catalogs import DEFAULT, translation_of


@dataclass(frozen=True, slots=True)
class Translator:
    """Gives texts for one of Discord's locales (`de`, `pt-BR`); English where that language lacks a text.

    Functions that make text take one as `t`: `t("card.cancelled")`.
    """

    locale: str

    def __call__(self, name: str, /, **values: object) -> str:
        """The text of that name with its values filled in. Raises KeyError for a name that the English catalog lacks.

        Without values, braces stay as they are.
        """
        text = translation_of(name, self.locale)
        if text is None:
            text = translation_of(name, DEFAULT)
        if text is None:
            raise KeyError(name)
        return text.format_map(values) if values else text
