"""The custom_ids of chat answers: `ct:1:<conversation>:<turn>:<control>` for buttons, and those of the forms that they
open. Only this module builds and parses them.

    cm:1:<conversation>:<turn>   the form that continues after this turn
    cp:1                         the form with a prompt for an image
    sy:1:<voice>                 the form that confirms a long text for speech
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, NamedTuple

import discord

from storage import ChatTurn


class ChatControl(StrEnum):
    """What a button of an answer does."""

    CONTINUE = "more"
    REPEAT = "again"
    STOP = "stop"
    IMAGE = "image"
    READ = "read"
    READ_ALL = "read_all"
    """Confirms that reading takes several calls."""
    DELETE = "delete"
    DELETE_NOW = "delete_now"


_TURN = "(?P<conversation>[a-z0-9]{1,20}):(?P<number>[0-9]{1,6})"
CHAT_PATTERN = re.compile(f"ct:1:{_TURN}:(?P<control>{'|'.join(ChatControl)})")
CHAT_MODAL_PATTERN = re.compile(f"cm:1:{_TURN}")
CHAT_IMAGE_MODAL_PATTERN = re.compile("cp:1")
SPEECH_MODAL_PATTERN = re.compile(r"sy:1:(?P<voice>[\w.-]{1,40})", re.ASCII)


class TurnId(NamedTuple):
    """The turn that a control belongs to."""

    conversation_id: str
    number: int

    @classmethod
    def of(cls, turn: ChatTurn) -> TurnId:
        """The id of a turn."""
        return cls(turn.conversation_id, turn.number)

    @classmethod
    def read(cls, match: re.Match[str]) -> TurnId:
        """Reads a match of `CHAT_PATTERN` or `CHAT_MODAL_PATTERN`."""
        return cls(match["conversation"], int(match["number"]))

    def custom_id(self, control: ChatControl) -> str:
        """The custom_id of a button."""
        return f"ct:1:{self.conversation_id}:{self.number}:{control}"

    def modal_custom_id(self) -> str:
        """The custom_id of the form that continues the conversation."""
        return f"cm:1:{self.conversation_id}:{self.number}"


IMAGE_MODAL_ID = "cp:1"


def speech_modal_id(voice: str) -> str:
    """The custom_id of the form that confirms a long text."""
    return f"sy:1:{voice}"


class ChatButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=CHAT_PATTERN):
    """A button of an answer. It never expires: the router recognizes it by its custom_id."""

    @classmethod
    def make(
        cls,
        turn: TurnId,
        control: ChatControl,
        *,
        label: str | None = None,
        emoji: str | None = None,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    ) -> ChatButton:
        """Creates the button."""
        return cls(discord.ui.Button(custom_id=turn.custom_id(control), label=label, emoji=emoji, style=style))
