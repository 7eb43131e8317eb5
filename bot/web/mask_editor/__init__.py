"""The painter: a page on which a person marks what of a picture is to be repainted.

`link_tokens` makes the secret part of a link, `editor` knows what a link may do, `routes` speaks HTTP, `pages` makes
the pages.
"""

from bot.web.mask_editor.editor import AfterSubmit, MaskEditor
from bot.web.mask_editor.routes import MaskEditorRoutes

__all__ = ["AfterSubmit", "MaskEditor", "MaskEditorRoutes"]
