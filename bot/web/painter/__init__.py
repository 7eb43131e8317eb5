"""The painter: a page on which a person marks what of a picture is to be repainted.

`tickets` signs the links, `painter` knows what a link may do, `routes` speaks HTTP, `pages` makes the pages.
"""

from bot.web.painter.painter import AfterSubmit, Painter
from bot.web.painter.routes import PainterRoutes
from bot.web.painter.tickets import Signer

__all__ = ["AfterSubmit", "Painter", "PainterRoutes", "Signer"]
