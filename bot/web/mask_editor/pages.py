"""The pages of the mask editor, in the language of their reader, and their static files."""

from __future__ import annotations

import html
from functools import cache
from importlib import resources
from string import Template

from bot.i18n import Translator
from bot.runtime.units import MEGABYTE
from bot.tasks.prompt import MAX_PROMPT

# Everything is loaded from this host: no scripts, styles or images from others, nothing inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The maximum size of a mask file in bytes. It is sent as base64 in JSON, so it takes several times as much memory.
MAX_MASK = 10 * MEGABYTE
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# Texts in the HTML of the page.
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
    "painter.selection",
    "painter.undo",
    "painter.redo",
    "painter.clear",
    "painter.select_all",
    "painter.invert",
    "painter.zoom",
    "painter.zoom_in",
    "painter.zoom_out",
    "painter.fit",
    "painter.upload",
    "painter.upload_title",
    "painter.upload_hint",
    "painter.upload_drop",
    "painter.history",
    "painter.drop",
    "painter.keys",
    "painter.keys_tools",
    "painter.keys_rectangle",
    "painter.keys_gestures",
    "painter.prompt",
    "painter.prompt_hint",
    "painter.submit",
    "painter.back",
    "painter.no_painting",
    "painter.loading",
    "painter.picture",
    "painter.mask",
    "painter.no_script",
)
# Texts that the page's script shows.
_FOR_SCRIPT = (
    "painter.nothing_painted",
    "painter.no_prompt",
    "painter.sending",
    "painter.done",
    "painter.trouble",
    "painter.restored",
    "painter.ends",
    "painter.painted",
    "painter.too_old",
    "painter.upload_checking",
    "painter.upload_added",
    "painter.upload_nothing_new",
    "painter.upload_too_large",
    "painter.upload_unreadable",
    "painter.position",
    "painter.corner_set",
    "painter.corner_moved",
    "painter.corner_same",
    "painter.corner_cancelled",
    "painter.rectangle_painted",
    "painter.rectangle_erased",
)


def page(t: Translator) -> str:
    """Renders the page of the mask editor."""
    spans = (f'<span data-word="{name.partition(".")[2]}">{html.escape(t(name))}</span>' for name in _FOR_SCRIPT)
    return Template(_file("page.html")).substitute(
        _words(t), words="".join(spans), max_prompt=MAX_PROMPT, max_mask=MAX_MASK
    )


def closed(text: str, t: Translator, back: str | None = None) -> str:
    """Renders the page of an unusable link. `back` is the URL of its message in Discord."""
    words = _words(t)
    way = f'<a class="button" href="{html.escape(back)}" rel="noreferrer">{words["back"]}</a>' if back else ""
    return Template(_file("closed.html")).substitute(words, text=html.escape(t(text)), way_back=way)


def static(name: str) -> tuple[str, str] | None:
    """Returns the text and the media type of a static file, or None if it does not exist."""
    files = {entry.name for entry in resources.files(__package__).joinpath("static").iterdir()}
    ending = name[name.rfind(".") :]
    return (_file(name), _TYPES[ending]) if name in files and ending in _TYPES else None


def _words(t: Translator) -> dict[str, str]:
    return {name.partition(".")[2]: html.escape(t(name)) for name in _SPOKEN}


@cache
def _file(name: str) -> str:
    return resources.files(__package__).joinpath("static", name).read_text(encoding="utf-8")
