"""Which text of the catalog tells an error's code."""

from __future__ import annotations

from bot.media.masks import PROBLEMS
from bot.texts import has

# Errors with a mask have texts of their own, which the pages of the mask editor share.
MASK_TEXTS = {f"mask_{problem}": f"mask.{problem}" for problem in (*PROBLEMS, "other_shape")}
# For a code that this version does not know, from the database of another one.
UNKNOWN = "refused.defect"


def error_text_name(code: str) -> str:
    """The name of the text that tells a `UserError` of this code."""
    name = MASK_TEXTS.get(code, f"refused.{code}")
    return name if has(name) else UNKNOWN
