"""A task to draw a card of, and readings of what was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.engines.midjourney.buttons import buttons_of
from bot.ui.cards.card import card
from bot.ui.cards.card_buttons import CardOptions
from bot.ui.components.message_components import CheckedLayout
from storage import Action, Request, StoredButton, Task, TaskResult, TaskState
from tests.support.languages import ENGLISH

PAPER_BOAT = Request(Action.IMAGINE, prompt="a paper boat")


def a_task(
    state: TaskState,
    *,
    request: Request = PAPER_BOAT,
    progress: int | None = None,
    queue_ahead: int | None = None,
    result: TaskResult | None = None,
    buttons: tuple[StoredButton, ...] = (),
    error_code: str | None = None,
    error_params: Mapping[str, str] | None = None,
) -> Task:
    """A task of somebody's that stands like this."""
    return Task(
        id="k7m2p9x4qa",
        upstream_id="1760000000000001",
        parent_id=None,
        owner_id=7,
        guild_id=1,
        channel_id=2,
        request=request,
        state=state,
        progress=progress,
        queue_ahead=queue_ahead,
        result=result or TaskResult(),
        buttons=buttons,
        error_code=error_code,
        error_params=error_params or {},
        created_at=1000.0,
        progressed_at=1000.0,
        finished_at=None,
        version=3,
    )


def card_of(task: Task, **look: Any) -> discord.ui.LayoutView:
    """The card of a task in English, with the buttons that its engine gives it unless others are named."""
    return card(task, CardOptions(**{"buttons": buttons_of(task), **look}), ENGLISH)


def components_of(view: discord.ui.LayoutView) -> list[dict[str, Any]]:
    """The components in the form in which they are sent, which are within Discord's limits."""
    assert isinstance(view, CheckedLayout)
    return view.to_components()


def rows(view: discord.ui.LayoutView) -> list[list[dict[str, Any]]]:
    """The rows of buttons, as they are sent."""
    return [part["components"] for part in components_of(view) if part["type"] == 1]


def texts(view: discord.ui.LayoutView) -> str:
    """All that can be read."""
    return "\n".join(part["content"] for part in components_of(view)[0]["components"] if part["type"] == 10)
