"""How interactions are handled: their routes, the shutdown check, the deferral, and an answer to every error.

The router replaces discord.py's own parser. That one closes the connection if a field is missing, does not answer a
button that is not on the message in its payload, and forgets modals that it did not open itself.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from types import TracebackType
from typing import Any, NamedTuple, Self

import discord
from discord import app_commands

from bot.discord_api.message_sender import DiscordClock
from bot.i18n import Translator
from bot.tasks.errors import UserError
from bot.ui.components.payloads import MAX_ID, InvalidPayload, check_options
from bot.ui.interactions.context import (
    Interaction,
    InteractionClient,
    address_of,
    created_at,
    read_interaction,
    used_message,
)
from bot.ui.interactions.responses import ErrorSender, answer_error, best_effort, send_error

log = logging.getLogger(__name__)

AUTOCOMPLETE = discord.InteractionType.autocomplete
# From Discord's "Interaction Callback Type", and its flag for ephemeral messages.
_MESSAGE, _CHOICES, _EPHEMERAL = 4, 8, 1 << 6
# The name of every command's prompt option.
_PROMPT = "prompt"
# Exceptions that discord.py raises for a malformed payload.
_STUMBLES = (app_commands.AppCommandError, LookupError, TypeError, ValueError, AttributeError, InvalidPayload)
# After so many turns of the event loop, a request on an open connection has been written. Only then other work begins.
TURNS = 2

Handler = Callable[[Interaction, re.Match[str]], Awaitable[None]]


class InteractionRoute(NamedTuple):
    """A handler for the custom_ids that match the whole pattern.

    `private`: only on ephemeral messages, because the handler replaces the message. `holds_text`: the modal contains
    the user's text, so the handler itself answers during a shutdown and returns the text.
    """

    pattern: re.Pattern[str]
    handler: Handler
    private: bool = False
    holds_text: bool = False


class Routes:
    """The routes of components and of modals. The cogs add them."""

    def __init__(self) -> None:
        self._components: list[InteractionRoute] = []
        self._modals: list[InteractionRoute] = []

    def add_component(self, pattern: re.Pattern[str], handler: Handler, *, private: bool = False) -> None:
        """Adds a handler for buttons and selects."""
        self._components.append(InteractionRoute(pattern, handler, private))

    def add_modal(
        self, pattern: re.Pattern[str], handler: Handler, *, private: bool = False, holds_text: bool = False
    ) -> None:
        """Adds a handler for modals."""
        self._modals.append(InteractionRoute(pattern, handler, private, holds_text))

    def component(self, custom_id: str) -> tuple[InteractionRoute, re.Match[str]] | None:
        """The route of a button or select with its match, or None."""
        return _first(self._components, custom_id)

    def modal(self, custom_id: str) -> tuple[InteractionRoute, re.Match[str]] | None:
        """The route of a modal with its match, or None."""
        return _first(self._modals, custom_id)


def _first(routes: list[InteractionRoute], custom_id: str) -> tuple[InteractionRoute, re.Match[str]] | None:
    for route in routes:
        if match := route.pattern.fullmatch(custom_id):
            return route, match
    return None


class InteractionRouter:
    """Parses interactions and passes each to its handler. Only this class routes components and modals."""

    def __init__(
        self,
        client: InteractionClient,
        tree: app_commands.CommandTree[Any],
        routes: Routes,
        state: Any,
        clock: DiscordClock,
    ) -> None:
        """`state`: discord.py's connection state, which is needed to create interactions. `clock`: learns from the time
        at which each was created."""
        self._client = client
        self._tree = tree
        self._routes = routes
        self._state = state
        self._clock = clock

    def receive(self, payload: Any) -> None:
        """Handles one event. Never raises, because discord.py calls it in its connection loop."""
        try:
            interaction = read_interaction(payload, self._state, self._client.token_session.opened())
        except Exception as error:  # noqa: BLE001 - whatever discord.py stumbles over must not end the connection
            log.warning("ignored an invalid interaction (%s)", type(error).__name__)
            self._client.answers.start(self._answer_unread(payload), "unreadable")
            return
        self._client.answers.start(self._handle(interaction), f"interaction-{interaction.id}")

    async def _handle(self, interaction: Interaction) -> None:
        async with handle_errors(interaction):
            self._clock.at_least(created_at(interaction))
            if interaction.type is discord.InteractionType.component:
                await self._component(interaction)
            elif interaction.type is discord.InteractionType.modal_submit:
                await self._modal(interaction)
            elif interaction.type in (discord.InteractionType.application_command, AUTOCOMPLETE):
                await self._command(interaction)
            else:
                await self._not_understood(interaction, "kind")

    async def _command(self, interaction: Interaction) -> None:
        try:
            # A command with a prompt answers a shutdown itself, because it returns the prompt to the user.
            if not _has_prompt(interaction) and not await ensure_available(interaction):
                return
            self._check_command(interaction)
            await self._tree._call(interaction)
        except app_commands.CommandInvokeError:
            raise  # a defect of the bot
        except _STUMBLES as error:
            await self._not_understood(interaction, type(error).__name__)

    def _check_command(self, interaction: Interaction) -> None:
        data: Any = interaction.data
        if data.get("type", 1) != 1:
            return
        command = self._tree.get_command(str(data.get("name")))
        if not isinstance(command, app_commands.Command):
            raise InvalidPayload("unknown command")
        check_options(command, data, complete=interaction.type is not AUTOCOMPLETE)

    async def _component(self, interaction: Interaction) -> None:
        custom_id = _custom_id(interaction)
        if custom_id is None:
            await self._not_understood(interaction, "component")
            return
        if not await ensure_available(interaction):
            return
        found = self._routes.component(custom_id)
        if found is None or (found[0].private and not on_private_message(interaction)):
            raise UserError("foreign_button")
        await found[0].handler(interaction, found[1])

    async def _modal(self, interaction: Interaction) -> None:
        found = self._routes.modal(_custom_id(interaction) or "")
        if not (found and found[0].holds_text) and not await ensure_available(interaction):
            return
        if found is None or (found[0].private and not on_private_message(interaction)):
            raise UserError("foreign_window")
        await found[0].handler(interaction, found[1])

    async def _not_understood(self, interaction: Interaction, why: str) -> None:
        log.warning("interaction %d has an invalid payload (%s)", interaction.id, why)
        if interaction.type is not AUTOCOMPLETE:
            raise UserError("not_understood")
        if not interaction.response.is_done():
            async with best_effort(f"interaction {interaction.id}: cannot send autocomplete choices"):
                await interaction.response.autocomplete([])

    async def _answer_unread(self, payload: Any) -> None:
        address = address_of(payload)
        if address is None or int(address[0]) > MAX_ID:
            return  # without a valid id and token there is no way to answer
        interaction_id, token, kind = address
        route = discord.http.Route("POST", f"/interactions/{interaction_id}/{token}/callback")
        t = Translator(str(payload.get("locale")))
        body: dict[str, Any] = {
            "type": _MESSAGE,
            "data": {"content": t("refused.not_understood"), "flags": _EPHEMERAL},
        }
        if kind == AUTOCOMPLETE.value:
            body = {"type": _CHOICES, "data": {"choices": []}}
        async with best_effort(f"interaction {interaction_id}: cannot send an answer"):
            await self._client.http.request(route, json=body)


def on_private_message(interaction: Interaction) -> bool:
    """Whether the message is ephemeral. Updating a panel replaces its message, so it must not be a public one."""
    message = used_message(interaction)
    return message is not None and message.ephemeral


def _has_prompt(interaction: Interaction) -> bool:
    """Whether the interaction is a command with a prompt."""
    data: Any = interaction.data or {}
    return any(option.get("name") == _PROMPT for option in data.get("options", ()))


def _custom_id(interaction: Interaction) -> str | None:
    data: Any = interaction.data
    custom_id = data.get("custom_id")
    return custom_id if isinstance(custom_id, str) else None


def handle_errors(
    interaction: Interaction, say_no: ErrorSender | None = None
) -> AbstractAsyncContextManager[None, bool]:
    """Answers every exception raised inside with a text, through `say_no` if it is given. Defects are also logged.

    discord.py has no `on_error` for dynamic items: an exception in a callback would leave the interaction without an
    answer. discord.py also does not wait for its handlers when it closes. The client's `answers` own the handlers, so
    they end before the client closes.
    """
    return _ErrorAnswers(interaction, say_no or partial(send_error, interaction))


class _ErrorAnswers(AbstractAsyncContextManager[None, bool]):
    """The context of `handle_errors`. A class, because it is entered before a press is acknowledged, and a generator
    costs several times as much."""

    def __init__(self, interaction: Interaction, say_no: ErrorSender) -> None:
        self._interaction = interaction
        self._say_no = say_no
        self._owned = interaction.client.answers.adopting()

    async def __aenter__(self) -> None:
        self._owned.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        try:
            return error is not None and await answer_error(self._interaction, error, self._say_no)
        finally:
            self._owned.__exit__(kind, error, trace)


def check_running(interaction: Interaction) -> None:
    """Raises UserError if the bot is shutting down."""
    if interaction.client.shutting_down:
        raise UserError("restarting")


async def ensure_available(interaction: Interaction) -> bool:
    """Whether the bot still accepts interactions. If not, the user gets an error."""
    if not interaction.client.shutting_down:
        return True
    if interaction.type is not discord.InteractionType.autocomplete:
        async with handle_errors(interaction):
            check_running(interaction)
    return False


class Deferral:
    """A deferral under way: its request is written before other I/O begins (`written`), and errors wait for its answer.
    Leaving the context waits for it, so that what follows can answer the interaction.

    If it failed, leaving raises its error, also in place of another one: then there is no way to tell the user.
    """

    def __init__(self, interaction: Interaction) -> None:
        self._task = interaction.client.answers.start(_deferred(interaction), f"deferral-{interaction.id}")
        self._written = False

    async def written(self) -> None:
        """Waits until the request has been written, if a connection is open."""
        if self._written:
            return
        for _ in range(TURNS):
            await asyncio.sleep(0)
        self._written = True

    async def succeeded(self) -> bool:
        """Waits until the interaction is acknowledged. Returns False if it could not be."""
        if not self._task.done():  # waiting for a finished task takes a turn of the loop
            await asyncio.wait({self._task})
        return not self._task.cancelled() and self._task.result() is None

    def call_when_done(self, work: Callable[[], None]) -> None:
        """Calls `work` soon after Discord has answered, unless it has answered before."""
        if not self._task.done():
            self._task.add_done_callback(lambda _: work())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, asyncio.CancelledError):
            return
        if not self._task.done():
            await asyncio.shield(self._task)
        if failure := self._task.result():
            raise failure


async def _deferred(interaction: Interaction) -> Exception | None:
    """Defers an interaction. An error is returned, because the supervisor logs what its tasks raise."""
    try:
        await interaction.client.token_session.defer_update(interaction)
    except Exception as error:  # noqa: BLE001 - raised by `__aexit__`
        return error
    return None
