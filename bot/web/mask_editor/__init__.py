"""The painter: a page on which a person marks what of a picture is to be repainted.

`tickets` signs the links, `mask_editor` knows what a link may do, `routes` speaks HTTP, `pages` makes the pages.
"""

from bot.web.mask_editor.editor import AfterSubmit, MaskEditor
from bot.web.mask_editor.link_tokens import Signer
from bot.web.mask_editor.routes import MaskEditorRoutes

__all__ = ["AfterSubmit", "MaskEditor", "MaskEditorRoutes", "Signer"]
