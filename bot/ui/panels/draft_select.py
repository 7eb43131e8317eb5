"""The select of a user's refused prompts. Pure."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import discord

from bot.i18n import Translator
from bot.ui.cards.card import made_by
from bot.ui.components.custom_ids import CHOSEN_DRAFT, DraftId
from bot.ui.components.dynamic_items import DraftItem
from bot.ui.components.markdown import sanitize_line, truncate
from bot.ui.components.message_components import MAX_OPTION
from storage import Draft

_HOUR, _MINUTE = 3600, 60


def draft_select(drafts: Sequence[Draft], t: Translator) -> discord.ui.ActionRow[Any]:
    """The select of these drafts; at least one."""
    now = time.time()
    options = [
        discord.SelectOption(
            label=truncate(sanitize_line(draft.prompt), MAX_OPTION) or "…",
            value=draft.id,
            description=truncate(f"{made_by(draft.request, t)} · {_age(now - draft.created_at, t)}", MAX_OPTION),
        )
        for draft in drafts
    ]
    select: discord.ui.Select[Any] = discord.ui.Select(placeholder=t("draft.recent"), options=options)
    return discord.ui.ActionRow(DraftItem.make(DraftId(CHOSEN_DRAFT), select))


def _age(seconds: float, t: Translator) -> str:
    if seconds < _HOUR:
        return t("draft.minutes", count=max(1, int(seconds // _MINUTE)))
    return t("draft.hours", count=int(seconds // _HOUR))
