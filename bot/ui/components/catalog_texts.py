"""Texts of the catalogs, also those of errors and commands.

Untrusted values are shown literally, and never make a message too long. The texts of commands exist in every language:
Discord stores them all and shows each user their own.
"""

from __future__ import annotations

from collections.abc import Collection
from string import Formatter

from discord import Locale, app_commands

from bot.i18n import DEFAULT, Translator, has, translation_of
from bot.media.masks import PROBLEMS
from bot.tasks.errors import UserError
from bot.ui.components.markdown import escape_markdown, literal_text, weight
from bot.ui.components.message_components import MAX_CONTENT

MAX_VALUE = 500
# Mask errors have their own texts, shared with the pages of the mask editor.
MASK_TEXTS = {f"mask_{problem}": f"mask.{problem}" for problem in (*PROBLEMS, "other_shape")}


def catalog_text(name: str, t: Translator, /, **values: object) -> str:
    """The text with that name as message content, at most `MAX_CONTENT` characters.

    Values are shown literally (between backticks too) and truncated if they are long. Raises KeyError for an unknown
    name or a missing value.
    """
    filled, in_code = [], False
    template = t(name)
    parts = list(Formatter().parse(template))
    room = _room(template, sum(1 for part in parts if part[1] is not None))
    for text, field, _, _ in parts:
        filled.append(text)
        in_code ^= text.count("`") % 2 == 1
        if field is not None:
            shown = literal_text if in_code else escape_markdown
            filled.append(shown(str(values[field]), room, t))
    return "".join(filled)


def error_text_name(code: str) -> str:
    """The name of the text for a `UserError` with this code."""
    return MASK_TEXTS.get(code, f"refused.{code}")


def failure_text_name(code: str | None, params: Collection[str]) -> str:
    """The name of the text for a failed or refused task, given its error code and the names of its params.

    Code and params may come from the database of another version. If no text exists for the code, or the params lack a
    value that the text needs, a more general text is used.
    """
    names = [f"failed.{code}", error_text_name(code)] if code else []
    return next(name for name in (*names, "failed.with_reason", "failed.silent") if _has_values_for(name, params))


def error_text(error: UserError, t: Translator, *, typed: str = "") -> str:
    """An error as message content, followed by the user's input."""
    text = catalog_text(error_text_name(error.code), t, **error.params)
    given_back = escape_markdown(typed, MAX_CONTENT - weight(text) - 1, t)
    return f"{text}\n{given_back}" if given_back else text


def unformatted_error(error: UserError, t: Translator) -> str:
    """An error for places without Markdown, such as a web page."""
    return unformatted(error_text_name(error.code), t, **error.params)


def unformatted(name: str, t: Translator, /, **values: object) -> str:
    """A catalog text for places without Markdown, such as a web page."""
    return t(name, **{key: literal_text(str(value), MAX_VALUE, t) for key, value in values.items()})


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


def _room(template: str, fields: int) -> int:
    return min(MAX_VALUE, (MAX_CONTENT - weight(template)) // max(1, fields))


def _has_values_for(name: str, params: Collection[str]) -> bool:
    return has(name) and all(
        field in params for _, field, _, _ in Formatter().parse(Translator(DEFAULT)(name)) if field
    )
