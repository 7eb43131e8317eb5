"""The texts of commands in every language of the catalogs. Discord keeps them all, and shows each person their own."""

from __future__ import annotations

from discord import Locale, app_commands

from bot.i18n import DEFAULT, Translator, translation_of


def localized(name: str) -> app_commands.locale_str:
    """The catalog's text of that name, for the name of a menu or a description. Raises KeyError for a name that the
    English catalog lacks."""
    return app_commands.locale_str(Translator(DEFAULT)(name), name=name)


class CommandTranslator(app_commands.Translator):
    """Gives discord.py the translations of what was made by `localized`."""

    async def translate(
        self, string: app_commands.locale_str, locale: Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The text in that language; None where it has none, or where it is English anyway."""
        name = string.extras.get("name")
        text = translation_of(name, locale.value) if name else None
        return None if text == string.message else text
