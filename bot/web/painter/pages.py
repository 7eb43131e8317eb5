"""The painter's pages, in the words of their reader's language, and the files that they load."""

from __future__ import annotations

import html
from functools import cache
from importlib import resources
from string import Template

from bot.tasks.prompt import MAX_PROMPT
from bot.texts import say

# Everything comes from this host: no script, style or picture from another, nothing inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_SPOKEN = (
    "painter.lang",
    "painter.title",
    "painter.hint",
    "painter.tools",
    "painter.brush",
    "painter.eraser",
    "painter.rectangle",
    "painter.lasso",
    "painter.size",
    "painter.undo",
    "painter.redo",
    "painter.clear",
    "painter.fit",
    "painter.keys",
    "painter.keys_list",
    "painter.prompt",
    "painter.prompt_hint",
    "painter.submit",
    "painter.loading",
    "painter.picture",
    "painter.nothing_painted",
    "painter.no_prompt",
    "painter.sending",
    "painter.done",
    "painter.trouble",
    "painter.restored",
    "painter.ends",
    "painter.painted",
    "painter.mask",
    "painter.too_old",
    "painter.no_script",
)


def page(locale: str | None) -> str:
    """The page on which one paints."""
    return Template(_file("page.html")).substitute(_words(locale), max_prompt=MAX_PROMPT)


def closed(text: str, locale: str | None) -> str:
    """The page of a link that opens nothing."""
    return Template(_file("closed.html")).substitute(_words(locale), text=html.escape(say(text, locale)))


def static(name: str) -> tuple[str, str] | None:
    """A file's text and media type, or None where there is no such file."""
    files = {entry.name for entry in resources.files(__package__).joinpath("static").iterdir()}
    ending = name[name.rfind(".") :]
    return (_file(name), _TYPES[ending]) if name in files and ending in _TYPES else None


def _words(locale: str | None) -> dict[str, str]:
    return {name.partition(".")[2]: html.escape(say(name, locale)) for name in _SPOKEN}


@cache
def _file(name: str) -> str:
    return resources.files(__package__).joinpath("static", name).read_text(encoding="utf-8")
