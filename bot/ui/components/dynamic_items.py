"""Buttons that never die: recognised by their custom_id alone (`bot.ui.interactions.router`), whichever message and however old.

Every component of every message that can be used is one of these classes: discord.py keeps no memory of those.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

import discord

from bot.ui.components.custom_ids import ACTION_PATTERN, CONTROL_PATTERN, MAX_CUSTOM_ID, ActionId, ControlId
from bot.ui.modals.action_modals import SubmittedModal
from storage import Draft

Interaction = discord.Interaction[Any]


class PressHandler(Protocol):
    """The one who takes every press: the action cog."""

    async def on_action(self, interaction: Interaction, key: ActionId) -> None:
        """One of the service's buttons was pressed."""

    async def on_control(self, interaction: Interaction, key: ControlId) -> None:
        """One of our own controls was pressed."""

    async def modal_custom_id(self, interaction: Interaction, modal: SubmittedModal, draft: Draft) -> None:
        """A button's window was submitted out of this draft; the interaction is acknowledged."""

    async def on_foreign(self, interaction: Interaction) -> None:
        """A component was used that this version does not know."""


def _checked(pattern: re.Pattern[str], custom_id: str) -> str:
    # discord.py asks for a prefix only when an item is made, but dispatches by the whole (ui/dynamic.py, ui/view.py).
    if len(custom_id) > MAX_CUSTOM_ID or not pattern.fullmatch(custom_id):
        raise ValueError(f"{custom_id!r} would never be dispatched")
    return custom_id


class ActionButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=ACTION_PATTERN):
    """A button of the image service's."""

    def __init__(self, button: discord.ui.Button[Any], key: ActionId) -> None:
        super().__init__(button)
        self.key = key

    @classmethod
    def make(cls, key: ActionId, *, label: str | None, emoji: str | None, style: discord.ButtonStyle) -> ActionButton:
        """A fresh button. Raises ValueError for a key that Discord would never bring back."""
        custom_id = _checked(ACTION_PATTERN, key.button_custom_id())
        return cls(discord.ui.Button(custom_id=custom_id, label=label, emoji=emoji, style=style), key)


class ControlButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=CONTROL_PATTERN):
    """A control of our own card."""

    def __init__(self, button: discord.ui.Button[Any], key: ControlId) -> None:
        super().__init__(button)
        self.key = key

    @classmethod
    def make(
        cls,
        key: ControlId,
        *,
        label: str | None,
        emoji: str | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        disabled: bool = False,
    ) -> ControlButton:
        """A fresh control. Raises ValueError for a key that Discord would never bring back."""
        custom_id = _checked(CONTROL_PATTERN, key.button_custom_id())
        button: discord.ui.Button[Any] = discord.ui.Button(
            custom_id=custom_id, label=label, emoji=emoji, style=style, disabled=disabled
        )
        return cls(button, key)
