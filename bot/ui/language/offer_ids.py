"""The custom_ids of offered prompts: the buttons below them, and the form in which one is edited.

    of:1:<offer>:<action><number>   a button below offered prompts
    ow:1:<offer>:<number>           the form with one of them

Prompt 0 is the original one. As everywhere, the digit after the name is the format's version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

import discord


class OfferAction(StrEnum):
    """What a button below offered prompts does."""

    CREATE = "c"
    EDIT = "e"
    ENGLISH = "l"
    """Asks for the same in English."""
    AGAIN = "a"
    """Asks a model again."""
    COPY = "y"
    IMPROVE = "i"


# What only a model can do.
_ASKING = (OfferAction.ENGLISH, OfferAction.AGAIN, OfferAction.IMPROVE)
_USING = tuple(action for action in OfferAction if action not in _ASKING)
_OFFER = "(?P<offer>[a-z0-9]{1,20})"


def _pattern(actions: Iterable[OfferAction]) -> re.Pattern[str]:
    return re.compile(f"of:1:{_OFFER}:(?P<action>{'|'.join(actions)})(?P<number>[0-9])")


OFFER_USE_PATTERN, OFFER_ASK_PATTERN = _pattern(_USING), _pattern(_ASKING)
OFFER_MODAL_PATTERN = re.compile(f"ow:1:{_OFFER}:(?P<number>[0-9])")


class OfferId(NamedTuple):
    """The custom_id of a button below offered prompts. `number`: the prompt, 0 for the original one."""

    offer_id: str
    action: OfferAction
    number: int = 0

    @classmethod
    def read(cls, match: re.Match[str]) -> OfferId:
        """Reads a match of `OFFER_USE_PATTERN` or `OFFER_ASK_PATTERN`."""
        return cls(match["offer"], OfferAction(match["action"]), int(match["number"]))

    def button_custom_id(self) -> str:
        """The custom_id of the button."""
        return f"of:1:{self.offer_id}:{self.action}{self.number}"


def offer_modal_id(offer_id: str, number: int) -> str:
    """The custom_id of the form with one of the prompts."""
    return f"ow:1:{offer_id}:{number}"


class OfferButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_pattern(OfferAction)):
    """A button below offered prompts. It never expires, see `bot.ui.components.dynamic_items`."""

    def __init__(self, button: discord.ui.Button[Any], key: OfferId) -> None:
        super().__init__(button)
        self.key = key

    @classmethod
    def make(cls, key: OfferId, *, label: str, emoji: str, primary: bool = False) -> OfferButton:
        """Creates the button."""
        style = discord.ButtonStyle.primary if primary else discord.ButtonStyle.secondary
        return cls(discord.ui.Button(custom_id=key.button_custom_id(), label=label, emoji=emoji, style=style), key)
