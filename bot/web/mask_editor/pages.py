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
    "mask_editor.lang",
    "mask_editor.title",
    "mask_editor.hint",
    "mask_editor.tools",
    "mask_editor.brush",
    "mask_editor.eraser",
    "mask_editor.rectangle",
    "mask_editor.lasso",
    "mask_editor.size",
    "mask_editor.selection",
    "mask_editor.undo",
    "mask_editor.redo",
    "mask_editor.clear",
    "mask_editor.select_all",
    "mask_editor.invert",
    "mask_editor.zoom",
    "mask_editor.zoom_in",
    "mask_editor.zoom_out",
    "mask_editor.fit",
    "mask_editor.upload",
    "mask_editor.upload_title",
    "mask_editor.upload_hint",
    "mask_editor.upload_drop",
    "mask_editor.history",
    "mask_editor.drop",
    "mask_editor.keys",
    "mask_editor.keys_tools",
    "mask_editor.keys_rectangle",
    "mask_editor.keys_gestures",
    "mask_editor.prompt",
    "mask_editor.prompt_hint",
    "mask_editor.submit",
    "mask_editor.back",
    "mask_editor.no_painting",
    "mask_editor.loading",
    "mask_editor.picture",
    "mask_editor.mask",
    "mask_editor.no_script",
)
# Texts that the page's script shows.
_FOR_SCRIPT = (
    "mask_editor.nothing_painted",
    "mask_editor.no_prompt",
    "mask_editor.sending",
    "mask_editor.done",
    "mask_editor.trouble",
    "mask_editor.restored",
    "mask_editor.ends",
    "mask_editor.painted",
    "mask_editor.too_old",
    "mask_editor.upload_checking",
    "mask_editor.upload_added",
    "mask_editor.upload_nothing_new",
    "mask_editor.upload_too_large",
    "mask_editor.upload_unreadable",
    "mask_editor.position",
    "mask_editor.corner_set",
    "mask_editor.corner_moved",
    "mask_editor.corner_same",
    "mask_editor.corner_cancelled",
    "mask_editor.rectangle_painted",
    "mask_editor.rectangle_erased",
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
