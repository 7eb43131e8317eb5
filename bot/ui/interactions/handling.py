"""How a handler runs: the shutdown check, the deferral, and an answer to every error.

While the bot stops, users get a private notice and nothing is sent. Discord never shows "interaction failed".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from types import TracebackType
from typing import Self

import discord

from bot.discord_api.errors import Remedy, described, remedy_of
from bot.tasks.errors import UserError
from bot.ui.interactions.context import Interaction
from bot.ui.interactions.responses import send_error
from storage import StorageError

log = logging.getLogger(__name__)

# After these errors the bot cannot answer where the interaction was used.
_NO_PLACE = (Remedy.OTHER_PLACE, Remedy.NEW_MESSAGE, Remedy.DELETED, Remedy.UNREACHABLE)

# Sends an error to one user.
ErrorSender = Callable[[UserError], Awaitable[None]]
# After so many turns of the event loop, a request on an open connection has been written. Only then other work begins.
TURNS = 2


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
            return error is not None and await _is_answered(self._interaction, error, self._say_no)
        finally:
            self._owned.__exit__(kind, error, trace)


async def _is_answered(interaction: Interaction, error: BaseException, say_no: ErrorSender) -> bool:
    """Answers an error. Returns False if it has to be raised further."""
    match error:
        case UserError():
            log.debug("interaction %d is refused: %s", interaction.id, error)
            await say_no(error)
        case asyncio.CancelledError():
            # Canceled by the owner of the handlers at shutdown. If only the awaited submission was canceled, the
            # journal has it.
            task = asyncio.current_task()
            if task and task.cancelling() and not interaction.client.is_closed():
                await say_no(UserError("interrupted"))
            return False
        case StorageError():
            log.error("interaction %d: the database is unavailable: %s", interaction.id, error)
            await say_no(UserError("store"))
        case discord.HTTPException():
            await _report_discord_error(interaction, error, say_no)
        case Exception():
            if interaction.client.is_closed():
                log.info("interaction %d arrived after shutdown", interaction.id)
            else:
                log.error("interaction %d failed", interaction.id, exc_info=error)
                await say_no(UserError("defect"))
        case _:
            return False
    return True


async def _report_discord_error(interaction: Interaction, error: discord.HTTPException, say_no: ErrorSender) -> None:
    remedy = remedy_of(error)
    if remedy is Remedy.ACKNOWLEDGED:
        log.info("interaction %d was delivered twice", interaction.id)
    elif remedy is Remedy.OTHER_WAY:
        log.warning("interaction %d was not acknowledged in time", interaction.id)
    elif remedy in _NO_PLACE:
        log.warning("interaction %d: cannot answer in its channel: %s", interaction.id, described(error))
    elif remedy is Remedy.RETRY:
        log.warning("interaction %d failed: %s", interaction.id, described(error))
        await say_no(UserError("defect"))
    else:
        log.error("interaction %d failed", interaction.id, exc_info=error)
        await say_no(UserError("defect"))


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
    """A deferral under way: the request leaves first, and errors wait for its answer. Leaving the context waits for it,
    so that what follows can answer the interaction.

    If it failed, leaving raises its error, also in place of another one: then there is no way to tell the user.
    """

    def __init__(self, interaction: Interaction) -> None:
        self._task = interaction.client.answers.start(_deferred(interaction), f"deferral-{interaction.id}")

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
        for _ in range(TURNS):
            await asyncio.sleep(0)
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
