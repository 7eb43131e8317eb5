"""Command texts in every language of the catalogs. Discord stores them all and shows each user their own language."""

from __future__ import annotations

from discord import Locale, app_commands

from bot.i18n import DEFAULT, Translator, translation_of


def localized(name: str) -> app_commands.locale_str:
    """The catalog text with that name, for a description or the name of a context menu. Raises KeyError if the English
    catalog lacks it."""
    return app_commands.locale_str(Translator(DEFAULT)(name), name=name)


class CommandTranslator(app_commands.Translator):
    """Translates the strings made by `localized` for discord.py."""

    async def translate(
        self, string: app_commands.locale_str, locale: Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The text in that language. None if there is none, or if it equals the English text."""
        name = string.extras.get("name")
        text = translation_of(name, locale.value) if name else None
        return None if text == string.message else text
