"""From Discord's INTERACTION_CREATE to the handlers: every interaction is answered, whatever it holds.

Takes the place of discord.py's own reader, which ends the connection when a field is missing, leaves a press without an
answer when the pressed message does not hold the button, and forgets windows that it did not open itself.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import discord
from discord import app_commands

from bot.runtime.supervisor import TaskSupervisor
from bot.texts import say
from bot.ui.components.custom_ids import (
    ACTION_PATTERN,
    CONTROL_PATTERN,
    DRAFT_PATTERN,
    LIST_PATTERN,
    SETTING_PATTERN,
    ActionId,
    ControlId,
    DraftId,
    ListId,
    SettingId,
)
from bot.ui.components.dynamic_items import PressHandler
from bot.ui.components.panel_items import DraftHandler, ListHandler, SettingHandler
from bot.ui.components.payloads import MAX_ID, Unreadable, address_of, are_ids, check_options, encodable
from bot.ui.interactions.error_handling import Interaction, best_effort, handle_errors, send_ephemeral
from bot.ui.interactions.maintenance import ensure_available

log = logging.getLogger(__name__)

AUTOCOMPLETE = discord.InteractionType.autocomplete
# Discord's "Interaction Callback Type", and its flag for a message that one person sees.
_MESSAGE, _CHOICES, _EPHEMERAL = 4, 8, 1 << 6
_MAX_UPLOAD = 1 << 40
_MAX_LOCALE = 20
# What discord.py raises when it meets a payload of another shape.
_STUMBLES = (app_commands.AppCommandError, LookupError, TypeError, ValueError, AttributeError, Unreadable)

Use = Callable[[], Awaitable[None]]


class RoutesInteractions(Protocol):
    """A bot that has commands and handlers for what is used."""

    answers: TaskSupervisor
    press_handler: PressHandler | None
    list_handler: ListHandler | None
    setting_handler: SettingHandler | None
    draft_handler: DraftHandler | None

    @property
    def tree(self) -> app_commands.CommandTree[Any]: ...
    @property
    def http(self) -> discord.http.HTTPClient: ...
    def dispatch(self, event: str, /, *args: Any) -> None: ...


class InteractionRouter:
    """Reads interactions and hands each to whoever answers for it."""

    def __init__(self, bot: RoutesInteractions, state: Any) -> None:
        """`state` is discord.py's connection state, from which interactions are made."""
        self._bot = bot
        self._state = state

    def receive(self, payload: Any) -> None:
        """Takes one event. Never raises: discord.py calls this within its connection."""
        try:
            interaction = self._read(encodable(payload))
        except Exception as error:  # noqa: BLE001 - whatever discord.py stumbles over must not end the connection
            log.warning("ignored an invalid interaction (%s)", type(error).__name__)
            self._bot.answers.start(self._answer_unread(payload), "unreadable")
            return
        self._bot.answers.start(self._handle(interaction), f"interaction-{interaction.id}")

    def _read(self, payload: Any) -> Interaction:
        if not isinstance(payload, dict) or not isinstance(payload.get("data"), dict) or address_of(payload) is None:
            raise Unreadable("not an interaction")
        interaction: Interaction = discord.Interaction(data=payload, state=self._state)  # type: ignore[arg-type] # is checked as it is read
        if not isinstance(interaction.user, discord.User | discord.Member):
            raise Unreadable("no user")
        message = interaction.message
        ids = (interaction.id, interaction.application_id, interaction.user.id, interaction.channel_id)
        if not are_ids((*ids, interaction.guild_id, message.id if message else None)):
            raise Unreadable("invalid id")
        limit = interaction.filesize_limit
        if type(limit) is not int or not 0 <= limit <= _MAX_UPLOAD:
            raise Unreadable("invalid file size")
        locale: Any = interaction.locale.value  # what discord.py does not know it takes as it is
        if not isinstance(locale, str) or len(locale) > _MAX_LOCALE:
            raise Unreadable("invalid locale")
        return interaction

    async def _handle(self, interaction: Interaction) -> None:
        async with handle_errors(interaction):
            self._bot.dispatch("interaction", interaction)
            if interaction.type is discord.InteractionType.modal_submit:
                return  # the cogs that open windows listen
            if interaction.type is discord.InteractionType.component:
                await self._component(interaction)
            elif interaction.type in (discord.InteractionType.application_command, AUTOCOMPLETE):
                await self._command(interaction)
            else:
                await self._not_understood(interaction, "kind")

    async def _command(self, interaction: Interaction) -> None:
        try:
            self._check_command(interaction)
            await self._bot.tree._call(interaction)
        except app_commands.CommandInvokeError:
            raise  # a defect of ours
        except _STUMBLES as error:
            await self._not_understood(interaction, type(error).__name__)

    def _check_command(self, interaction: Interaction) -> None:
        data: Any = interaction.data
        if data.get("type", 1) != 1:
            return
        command = self._bot.tree.get_command(str(data.get("name")))
        if not isinstance(command, app_commands.Command):
            raise Unreadable("unknown command")
        check_options(command, data, complete=interaction.type is not AUTOCOMPLETE)

    async def _component(self, interaction: Interaction) -> None:
        use = self._use_of(interaction)
        if use is None:
            await self._not_understood(interaction, "component")
        elif await ensure_available(interaction):
            await use()

    def _use_of(self, interaction: Interaction) -> Use | None:
        data: Any = interaction.data
        custom_id, presses = data.get("custom_id"), self._bot.press_handler
        lists, settings, drafts = self._bot.list_handler, self._bot.setting_handler, self._bot.draft_handler
        if not isinstance(custom_id, str) or presses is None:
            return None
        if match := ACTION_PATTERN.fullmatch(custom_id):
            action = ActionId.read(match)
            return lambda: presses.on_action(interaction, action)
        if match := CONTROL_PATTERN.fullmatch(custom_id):
            control = ControlId.read(match)
            return lambda: presses.on_control(interaction, control)
        if not on_private_message(interaction):
            return lambda: presses.on_foreign(interaction)
        if lists and (match := LIST_PATTERN.fullmatch(custom_id)):
            part = ListId.read(match)
            return lambda: lists(interaction, part)
        if settings and (match := SETTING_PATTERN.fullmatch(custom_id)):
            setting = SettingId.read(match)
            return lambda: settings(interaction, setting)
        if drafts and (match := DRAFT_PATTERN.fullmatch(custom_id)):
            draft = DraftId.read(match)
            return lambda: drafts(interaction, draft)
        return lambda: presses.on_foreign(interaction)

    async def _not_understood(self, interaction: Interaction, why: str) -> None:
        log.warning("interaction %d has an invalid payload (%s)", interaction.id, why)
        if interaction.type is not AUTOCOMPLETE:
            await send_ephemeral(interaction, "refused.not_understood")
        elif not interaction.response.is_done():
            async with best_effort(f"interaction {interaction.id}: cannot send autocomplete choices"):
                await interaction.response.autocomplete([])

    async def _answer_unread(self, payload: Any) -> None:
        address = address_of(payload)
        if address is None or int(address[0]) > MAX_ID:
            return  # nobody can be answered
        interaction_id, token, kind = address
        route = discord.http.Route("POST", f"/interactions/{interaction_id}/{token}/callback")
        body: dict[str, Any] = {
            "type": _MESSAGE,
            "data": {"content": say("refused.not_understood"), "flags": _EPHEMERAL},
        }
        if kind == AUTOCOMPLETE.value:
            body = {"type": _CHOICES, "data": {"choices": []}}
        async with best_effort(f"interaction {interaction_id}: cannot send an answer"):
            await self._bot.http.request(route, json=body)


def on_private_message(interaction: Interaction) -> bool:
    """Panels are private, and drawing one anew replaces the message that was used: never one that others see."""
    return interaction.message is not None and interaction.message.flags.ephemeral
