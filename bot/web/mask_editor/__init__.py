"""The mask editor: a web page on which a user marks the region of an image to change.

`link_tokens` creates the secret tokens of links, `editor` implements the rules of a link, `routes` the HTTP routes, and
`pages` the pages.
"""

from bot.web.mask_editor.editor import AfterSubmit, MaskEditor
from bot.web.mask_editor.routes import MaskEditorRoutes

__all__ = ["AfterSubmit", "MaskEditor", "MaskEditorRoutes"]
