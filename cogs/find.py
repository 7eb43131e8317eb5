"""`/find`, and the components of found images."""

from __future__ import annotations

import re

from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.search.image_search import LONGEST_QUERY, words_of
from bot.ui.components.catalog_texts import localized
from bot.ui.components.custom_ids import LIKE_PATTERN, SEARCH_PATTERN, LikeId, ListControl, SearchId
from bot.ui.interactions.context import Interaction, actor_of, chosen_values, translator_of
from bot.ui.interactions.responses import draw_panel, open_panel
from bot.ui.interactions.router import Routes, handle_errors
from bot.ui.panels.thumbnails import thumbnail_files
from bot.ui.search.found_images import SERVER, found_images
from bot.ui.search.search_pages import found_page
from bot.ui.services import Services
from storage import SavedSearch


class Find(commands.Cog):
    """The command `/find`, the components of its panel, and *More like this*."""

    def __init__(self, routes: Routes, services: Services) -> None:
        self._services = services
        routes.add_component(SEARCH_PATTERN, self.on_panel, private=True)
        routes.add_component(LIKE_PATTERN, self.on_like)

    @app_commands.command(name="find", description=localized("find.description"))
    @app_commands.describe(words=localized("find.words"))
    async def find(self, interaction: Interaction, words: app_commands.Range[str, 1, LONGEST_QUERY]) -> None:
        """Finds images by what they show."""
        async with handle_errors(interaction):
            await open_panel(interaction)
            search = await self._services.search.find(actor_of(interaction), words_of(words))
            await self._draw(interaction, search)

    async def on_like(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Finds images like that of a task."""
        key = LikeId.read(match)
        async with handle_errors(interaction):
            await open_panel(interaction)
            await self._draw(interaction, await self._services.search.like(actor_of(interaction), key.task_id))

    async def on_panel(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Handles the buttons and the select of found images."""
        key = SearchId.read(match)
        async with handle_errors(interaction):
            await interaction.response.defer()
            actor = actor_of(interaction)
            search = await self._services.search.earlier(actor, key.search_id)
            if key.control is ListControl.KIND:
                in_server = SERVER in chosen_values(interaction)
                search = await self._services.search.narrowed(actor, search, in_server=in_server)
            await self._draw(interaction, search, key.page)

    async def _draw(self, interaction: Interaction, search: SavedSearch, page: int = 0) -> None:
        t = translator_of(interaction)
        found = await found_page(self._services, actor_of(interaction), search, page)
        files = thumbnail_files(found.tasks, found.thumbnails, t)
        await draw_panel(interaction, found_images(found, t), files)


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Find(bot.routes, bot.services))
