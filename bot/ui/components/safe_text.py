"""Catalog texts with untrusted values: shown literally, and never longer than a message may be."""

from __future__ import annotations

from string import Formatter

from bot.i18n import Translator
from bot.tasks.errors import UserError
from bot.ui.components.error_texts import error_text_name
from bot.ui.components.limits import MAX_CONTENT
from bot.ui.components.markdown import escape_markdown, literal_text, weight

MAX_VALUE = 500


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


def _room(template: str, fields: int) -> int:
    return min(MAX_VALUE, (MAX_CONTENT - weight(template)) // max(1, fields))
