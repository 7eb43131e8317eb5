"""The content of a page of found images, as far as this user may see it now."""

from __future__ import annotations

from bot.tasks.policy import Actor
from bot.ui.search.found_images import IMAGES_PER_PAGE, FoundPage
from bot.ui.services import Services
from bot.ui.workflows.task_queries import links_to
from storage import SavedSearch


async def found_page(services: Services, actor: Actor, search: SavedSearch, number: int) -> FoundPage:
    """The page with this number, or the last one. Raises StorageError."""
    visible = await services.search.visible(actor, search.task_ids)
    pages = max(1, -(-len(visible) // IMAGES_PER_PAGE))
    number = min(number, pages - 1)
    shown = visible[number * IMAGES_PER_PAGE : (number + 1) * IMAGES_PER_PAGE]
    return FoundPage(
        search,
        shown,
        number,
        pages,
        in_server=actor.guild_id is not None,
        links=await links_to(services.store, [task.id for task in shown]),
        thumbnails=await services.thumbnails.of(shown),
    )
