"""`/settings`: a user's own defaults, in one message with selects and buttons."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import re
from contextlib import AsyncExitStack
from functools import partial
from weakref import WeakValueDictionary

from discord import app_commands
from discord.ext import commands

from bot.client import AtelierBot
from bot.engines.registry import EngineRegistry
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.errors import UserError
from bot.tasks.user_defaults import check_consistent, check_suffix
from bot.ui.components.catalog_texts import localized
from bot.ui.components.custom_ids import SETTING_MODAL_PATTERN, SETTING_PATTERN, Setting, SettingId
from bot.ui.interactions.context import Interaction, chosen_values, translator_of
from bot.ui.interactions.responses import draw_panel, open_panel, send_error
from bot.ui.interactions.router import Routes, handle_errors
from bot.ui.modals.modal_prefill import PREFILL_SECONDS
from bot.ui.modals.remix_cache import RemixUsers
from bot.ui.panels.user_settings import chosen, settings_panel, suffix_modal, written_suffix
from storage import StorageError, UserSettings

log = logging.getLogger(__name__)

SettingChange = dict[str, str | bool | None]
# Settings that a suffix can also contain.
_SAID_BY_SUFFIX = {Setting.MODE.value, Setting.BOT.value, Setting.ASPECT.value, Setting.SUFFIX.value}


class SettingsCommand(commands.Cog):
    """Handles users' defaults and keeps track of the users in remix mode."""

    def __init__(
        self, routes: Routes, user_settings: UserSettings, remix_users: RemixUsers, engines: EngineRegistry
    ) -> None:
        self._user_settings = user_settings
        self._engines = engines
        self._remix_users = remix_users
        self._running = AsyncExitStack()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        routes.add_component(SETTING_PATTERN, self.on_setting, private=True)
        routes.add_modal(SETTING_MODAL_PATTERN, self.on_modal, private=True)

    async def cog_load(self) -> None:
        """Starts the background task that tracks the users in remix mode."""
        work = await self._running.enter_async_context(TaskSupervisor("settings"))
        work.start(self._remix_users.keep_reading(), "remix-users")

    async def cog_unload(self) -> None:
        """Stops that task."""
        await self._running.aclose()

    @app_commands.command(name="settings", description=localized("settings.description"))
    async def settings(self, interaction: Interaction) -> None:
        """Shows the user's defaults."""
        async with handle_errors(interaction):
            await open_panel(interaction)
            await self._draw(interaction)

    async def on_setting(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Handles a select, a toggle or the suffix button of the panel."""
        key = SettingId.read(match)
        async with handle_errors(interaction):
            if key.setting is Setting.SUFFIX:
                modal = suffix_modal(await self._suffix_of(interaction), translator_of(interaction))
                await interaction.response.send_modal(modal)
                return
            await interaction.response.defer()
            names = self._engines.names
            values = [key.value] if key.value else chosen_values(interaction)
            await self._change(interaction, *(chosen(key.setting, value, names) or {} for value in values))

    async def on_modal(self, interaction: Interaction, _: re.Match[str]) -> None:
        """Saves the submitted suffix."""
        async with handle_errors(interaction):
            suffix = written_suffix(interaction.data or {})
            async with handle_errors(interaction, partial(send_error, interaction, typed=suffix)):
                await interaction.response.defer()
                await self._change(interaction, {Setting.SUFFIX.value: suffix})

    async def _change(self, interaction: Interaction, *changes: SettingChange) -> None:
        """Saves the changes up to the first invalid one and updates the panel. Changes of one user are serialized,
        because otherwise an older panel could reach Discord after a newer one and stay visible. Raises UserError."""
        user_id = interaction.user.id
        async with self._turns.setdefault(user_id, asyncio.Lock()):
            try:
                for change in filter(None, changes):
                    await self._check(user_id, change)
                    preferred = await self._user_settings.change(user_id, **change)
                    self._remix_users.changed(user_id, preferred.remix)
            except UserError:
                await self._draw(interaction)
                raise
            await self._draw(interaction)

    async def _check(self, user_id: int, change: SettingChange) -> None:
        """Raises UserError for a suffix that is invalid by itself, or that would contradict another default after this
        change."""
        if suffix := change.get(Setting.SUFFIX.value):
            check_suffix(str(suffix))
        if change.keys() & _SAID_BY_SUFFIX:
            preferred = await self._user_settings.of(user_id)
            check_consistent(dataclasses.replace(preferred, **change))  # type: ignore[arg-type] # checked by name

    async def _draw(self, interaction: Interaction) -> None:
        preferred = await self._user_settings.of(interaction.user.id)
        await draw_panel(interaction, settings_panel(preferred, self._engines.names, translator_of(interaction)))

    async def _suffix_of(self, interaction: Interaction) -> str:
        try:
            async with asyncio.timeout(PREFILL_SECONDS):
                return (await self._user_settings.of(interaction.user.id)).suffix
        except (TimeoutError, StorageError) as error:
            log.warning("opening a form without its text: %r", error)
            return ""


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(
        SettingsCommand(bot.routes, bot.services.store.user_settings, bot.remix_users, bot.services.engines)
    )
