"""Which text of the catalog tells an error's code."""

from __future__ import annotations

from collections.abc import Collection
from string import Formatter

from bot.i18n import DEFAULT, Translator, has
from bot.media.masks import PROBLEMS

# Errors with a mask have texts of their own, which the pages of the mask editor share.
MASK_TEXTS = {f"mask_{problem}": f"mask.{problem}" for problem in (*PROBLEMS, "other_shape")}


def error_text_name(code: str) -> str:
    """The name of the text that tells a `UserError` of this code."""
    return MASK_TEXTS.get(code, f"refused.{code}")


def failure_text_name(code: str | None, params: Collection[str]) -> str:
    """The name of the text that tells why a task failed or was refused, for a code and the names of its values.

    They may come from the database of another version: where no text knows the code, or the text lacks one of its
    values, a more general one tells it.
    """
    names = [f"failed.{code}", error_text_name(code)] if code else []
    return next(name for name in (*names, "failed.with_reason", "failed.silent") if _has_values_for(name, params))


def _has_values_for(name: str, params: Collection[str]) -> bool:
    return has(name) and all(
        field in params for _, field, _, _ in Formatter().parse(Translator(DEFAULT)(name)) if field
    )
