"""The port to what people see of an answer. None of its methods raises errors of Discord; each has a time limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bot.platform.chat_answer import ChatAnswer
from storage import ChatTurn, Conversation


class AnswerDisplay(Protocol):
    """Shows answers in messages."""

    async def post(self, conversation: Conversation, turn: ChatTurn) -> int | None:
        """Posts the message of a turn that has none. Returns its id, None if that is impossible."""

    async def find(self, conversation: Conversation, turn: ChatTurn) -> int | None:
        """The id of a message that was posted for the turn before a crash."""

    async def progress(self, conversation: Conversation, turn: ChatTurn, answer: ChatAnswer) -> None:
        """Shows what has arrived of an answer."""

    async def ended(
        self, conversation: Conversation, turn: ChatTurn, answer: ChatAnswer, ready: Callable[[], None]
    ) -> bool:
        """Shows how the turn ended. `answer` has the images that have no URL. `ready` is called before people can see
        it. False if another attempt may succeed."""
