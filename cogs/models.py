"""`/models`: what works here now, by kind."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.engines.errors import EngineError
from bot.engines.registry import NoEngine
from bot.i18n import Translator
from bot.platform.roles import Role
from bot.tasks.policy import may_see_credit
from bot.ui.components.catalog_texts import localized
from bot.ui.components.custom_ids import MODELS_PATTERN, ModelsId
from bot.ui.interactions.context import Interaction, actor_of, translator_of
from bot.ui.interactions.responses import draw_panel, open_panel
from bot.ui.interactions.router import Routes, handle_errors
from bot.ui.panels.models import OfferedModels, models_panel
from bot.ui.services import Services

if TYPE_CHECKING:
    from bot.platform.service import Platform

log = logging.getLogger(__name__)

# The panel waits this long for the balance, then is shown without it.
CREDIT_SECONDS = 5.0


class Models(commands.Cog):
    """The `/models` command and the buttons of its panel."""

    def __init__(self, routes: Routes, services: Services) -> None:
        self._services = services
        routes.add_component(MODELS_PATTERN, self.on_control, private=True)

    @app_commands.command(name="models", description=localized("models.description"))
    async def models(self, interaction: Interaction) -> None:
        """Lists the engines and models that work here now."""
        async with handle_errors(interaction):
            await open_panel(interaction)
            await self._draw(interaction, ModelsId())

    async def on_control(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Handles the page buttons and *Refresh*."""
        async with handle_errors(interaction):
            await interaction.response.defer()
            await self._draw(interaction, ModelsId.read(match))

    async def _draw(self, interaction: Interaction, key: ModelsId) -> None:
        t = translator_of(interaction)
        await draw_panel(interaction, models_panel(await self._offered(interaction, t), key, t))

    async def _offered(self, interaction: Interaction, t: Translator) -> OfferedModels:
        engines, platform = self._services.engines.names, self._services.platform
        if platform is None:
            return OfferedModels(engines, self._default(), has_platform=False)
        models = platform.models
        chat = models.chat_models
        may_see = may_see_credit(actor_of(interaction), bot_is_member=interaction.is_guild_integration())
        roles = {role: name for role in Role if (name := models.for_role(role))}
        priced = {name: models.price_of(name) for name in {*engines, *chat, *roles.values()}}
        return OfferedModels(
            engines,
            self._default(),
            chat,
            roles,
            {name: price for name, price in priced.items() if price},
            models.refreshed_at,
            await _credit(platform, t) if may_see else None,
        )

    def _default(self) -> str | None:
        try:
            return self._services.engines.default.name
        except NoEngine:
            return None


async def _credit(platform: Platform, t: Translator) -> str | None:
    """What is left of the platform's credit, in words. None if the platform does not tell in time."""
    try:
        async with asyncio.timeout(CREDIT_SECONDS):
            balance = await platform.client.models.balance(datetime.now(UTC).date(), tries=1)
    except (EngineError, TimeoutError) as error:
        log.info("the platform does not tell its balance: %r", error)
        return None
    left = balance.remaining
    return t("models.no_limit") if left is None else t("models.credit", left=f"{left:,.2f}")


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Models(bot.routes, bot.services))
