"""The port of a database engine for conversations. The rules are those of `storage.ports`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from storage.chat_records import ChatImage, ChatTurn, Conversation, TurnEnd, TurnMessage


class Conversations(Protocol):
    """Conversations, their turns, and the images that came with prompts."""

    async def begin(
        self, conversation: Conversation, turn: ChatTurn, images: Sequence[ChatImage], now: float
    ) -> ChatTurn | None:
        """Stores a conversation with its first turn. Returns the turn, None if its source was answered before."""

    async def add(self, turn: ChatTurn, images: Sequence[ChatImage], now: float) -> ChatTurn | None:
        """Stores a further turn. Returns it with its number, None if its source was answered before, or if the
        conversation is gone."""

    async def get(self, conversation_id: str) -> Conversation | None:
        """Returns a conversation."""

    async def turn(self, conversation_id: str, number: int) -> ChatTurn | None:
        """Returns one turn."""

    async def path(self, conversation_id: str, number: int, limit: int) -> list[ChatTurn]:
        """Returns a turn and those that it continues, newest first, at most `limit`."""

    async def by_message(self, message_id: int) -> ChatTurn | None:
        """Returns the turn that a message shows."""

    async def newest(self, channel_id: int, since: float) -> ChatTurn | None:
        """Returns the last turn of the conversation that was used last in a channel, if that was after `since`."""

    async def is_answered(self, source_id: int) -> bool:
        """Whether a turn answers this message of a person."""

    async def images(self, conversation_id: str, numbers: Sequence[int]) -> Mapping[int, Sequence[ChatImage]]:
        """Returns the images of some turns of a conversation, by number, in order."""

    async def run_again(self, conversation_id: str, number: int, message: TurnMessage, now: float) -> bool:
        """Records that a turn that has ended is answered again, in this message. False if it runs, or is gone."""

    async def placed(self, conversation_id: str, number: int, message_id: int) -> None:
        """Stores the id of the message that shows a turn."""

    async def keep(self, conversation_id: str, number: int, answer: str, raw_text: str) -> None:
        """Stores what has arrived of the answer of a turn that runs."""

    async def end(self, conversation_id: str, number: int, end: TurnEnd) -> bool:
        """Stores the end of a turn that runs. False if it does not run, or is gone."""

    async def mark_shown(self, conversation_id: str, number: int) -> None:
        """Records that the message of a turn that has ended shows that."""

    async def unshown(self) -> list[ChatTurn]:
        """Returns all turns whose message does not show their end."""

    async def messages(self, conversation_id: str) -> list[int]:
        """Returns the ids of all messages of a conversation."""

    async def remove(self, conversation_id: str) -> bool:
        """Deletes a conversation with its turns and images. False if there is none."""

    async def forget(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` conversations that were last used before `before`. Returns their number."""

    async def forget_tokens(self, now: float) -> int:
        """Clears the interaction tokens that have expired. Returns their number."""
