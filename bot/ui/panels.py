"""Panels: private messages that answer their own buttons and selects (lists of tasks, settings).

Like a card's buttons, their components are recognised by the custom_id alone, so a panel works after a restart. A
press is acknowledged first; then the panel is drawn anew in its place.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord

from bot.ui.guard import Interaction, as_far_as_possible
from bot.ui.keys import DRAFT_PATTERN, LIST_PATTERN, MAX_CUSTOM_ID, SETTING_PATTERN, DraftKey, ListKey, SettingKey
from bot.ui.limits import check
from bot.ui.payloads import chosen_in

Component = discord.ui.Button[Any] | discord.ui.Select[Any]
ListHandler = Callable[[Interaction, ListKey], Awaitable[None]]
DraftHandler = Callable[[Interaction, DraftKey], Awaitable[None]]
SettingHandler = Callable[[Interaction, SettingKey], Awaitable[None]]


class ListItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=LIST_PATTERN):
    """A part of a list of tasks."""

    def __init__(self, item: discord.ui.Item[Any], key: ListKey) -> None:
        super().__init__(item)
        self.key = key

    @classmethod
    def make(cls, key: ListKey, component: Component) -> ListItem:
        """The component, known by this key. Raises ValueError for a key that would never be dispatched."""
        component.custom_id = _checked(LIST_PATTERN, key.custom_id())
        return cls(component, key)


class SettingItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=SETTING_PATTERN):
    """A setting's select, switch or button."""

    def __init__(self, item: discord.ui.Item[Any], key: SettingKey) -> None:
        super().__init__(item)
        self.key = key

    @classmethod
    def make(cls, key: SettingKey, component: Component) -> SettingItem:
        """The component, known by this key. Raises ValueError for a key that would never be dispatched."""
        component.custom_id = _checked(SETTING_PATTERN, key.custom_id())
        return cls(component, key)


class DraftItem(discord.ui.DynamicItem[discord.ui.Item[Any]], template=DRAFT_PATTERN):
    """A draft's button, or a select of drafts."""

    def __init__(self, item: discord.ui.Item[Any], key: DraftKey) -> None:
        super().__init__(item)
        self.key = key

    @classmethod
    def make(cls, key: DraftKey, component: Component) -> DraftItem:
        """The component, known by this key. Raises ValueError for a key that would never be dispatched."""
        component.custom_id = _checked(DRAFT_PATTERN, key.custom_id())
        return cls(component, key)


def chosen_values(interaction: Interaction) -> list[str]:
    """What was chosen in a select."""
    data: Any = interaction.data
    return list(chosen_in(data))


async def open_panel(interaction: Interaction) -> None:
    """Acknowledges a command whose answer is a panel."""
    await interaction.response.defer(ephemeral=True, thinking=True)


async def draw_panel(interaction: Interaction, view: discord.ui.LayoutView, files: Sequence[discord.File] = ()) -> None:
    """Puts the panel, with these files, where the acknowledgement stands; what cannot be shown any more is logged."""
    check(view)
    async with as_far_as_possible(f"interaction {interaction.id} is not shown its panel"):
        none = discord.AllowedMentions.none()
        await interaction.edit_original_response(view=view, attachments=list(files), allowed_mentions=none)


def _checked(pattern: re.Pattern[str], custom_id: str) -> str:
    # Dispatched by the whole, see `bot.ui.button`.
    if len(custom_id) > MAX_CUSTOM_ID or not pattern.fullmatch(custom_id):
        raise ValueError(f"{custom_id!r} would never be dispatched")
    return custom_id
