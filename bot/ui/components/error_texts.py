"""Maps error codes to catalog texts."""

from __future__ import annotations

from collections.abc import Collection
from string import Formatter

from bot.i18n import DEFAULT, Translator, has
from bot.media.masks import PROBLEMS

# Mask errors have their own texts, shared with the pages of the mask editor.
MASK_TEXTS = {f"mask_{problem}": f"mask.{problem}" for problem in (*PROBLEMS, "other_shape")}


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


def _has_values_for(name: str, params: Collection[str]) -> bool:
    return has(name) and all(
        field in params for _, field, _, _ in Formatter().parse(Translator(DEFAULT)(name)) if field
    )
