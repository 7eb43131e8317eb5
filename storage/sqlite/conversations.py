"""Conversations with chat models, their turns and images."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence

from storage.chat_records import ChatImage, ChatTurn, Conversation, TurnEnd, TurnMessage, TurnState
from storage.sqlite.database import Database
from storage.sqlite.statements import Row, Session, json_text, marks


class SqliteConversations:
    """`Conversations` in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, conversation: Conversation, turn: ChatTurn, images: Sequence[ChatImage], now: float
    ) -> ChatTurn | None:
        """Stores a conversation with its first turn. Returns the turn, None if its source was answered before."""

        def store(session: Session) -> ChatTurn | None:
            if _is_answered(session, turn.source_id):
                return None
            session.execute(
                "INSERT INTO conversations (id, owner_id, guild_id, channel_id, model, locale, used_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*dataclasses.astuple(conversation), now),
            )
            return _insert(session, dataclasses.replace(turn, number=1), images)

        return await self._database.transaction(store)

    async def add(self, turn: ChatTurn, images: Sequence[ChatImage], now: float) -> ChatTurn | None:
        """Stores a further turn. Returns it with its number, None if its source was answered before, or if the
        conversation is gone."""

        def store(session: Session) -> ChatTurn | None:
            if _is_answered(session, turn.source_id):
                return None
            if not session.execute("UPDATE conversations SET used_at = ? WHERE id = ?", (now, turn.conversation_id)):
                return None
            (newest,) = session.fetch(
                "SELECT COALESCE(MAX(number), 0) FROM chat_turns WHERE conversation_id = ?", (turn.conversation_id,)
            )
            return _insert(session, dataclasses.replace(turn, number=newest[0] + 1), images)

        return await self._database.transaction(store)

    async def get(self, conversation_id: str) -> Conversation | None:
        """Returns a conversation."""
        row = await self._database.row("SELECT * FROM conversations WHERE id = ?", (conversation_id,))
        if row is None:
            return None
        return Conversation(*(row[field.name] for field in dataclasses.fields(Conversation)))

    async def turn(self, conversation_id: str, number: int) -> ChatTurn | None:
        """Returns one turn."""
        row = await self._database.row(
            "SELECT * FROM chat_turns WHERE conversation_id = ? AND number = ?", (conversation_id, number)
        )
        return None if row is None else _turn(row)

    async def path(self, conversation_id: str, number: int, limit: int) -> list[ChatTurn]:
        """Returns a turn and those that it continues, newest first, at most `limit`."""
        rows = await self._database.rows(
            "WITH RECURSIVE earlier (number, parent, depth) AS ("
            " SELECT number, parent, 1 FROM chat_turns WHERE conversation_id = ? AND number = ?"
            " UNION ALL SELECT chat_turns.number, chat_turns.parent, depth + 1 FROM chat_turns"
            " JOIN earlier ON chat_turns.number = earlier.parent WHERE conversation_id = ? AND depth < ?)"
            " SELECT chat_turns.* FROM chat_turns JOIN earlier ON chat_turns.number = earlier.number"
            " WHERE conversation_id = ? ORDER BY depth",
            (conversation_id, number, conversation_id, limit, conversation_id),
        )
        return [_turn(row) for row in rows]

    async def by_message(self, message_id: int) -> ChatTurn | None:
        """Returns the turn that a message shows."""
        row = await self._database.row("SELECT * FROM chat_turns WHERE message_id = ?", (message_id,))
        return None if row is None else _turn(row)

    async def newest(self, channel_id: int, since: float) -> ChatTurn | None:
        """Returns the last turn of the conversation that was used last in a channel, if that was after `since`."""
        row = await self._database.row(
            "SELECT chat_turns.* FROM chat_turns WHERE conversation_id = (SELECT id FROM conversations"
            " WHERE channel_id = ? AND used_at > ? ORDER BY used_at DESC LIMIT 1) ORDER BY number DESC LIMIT 1",
            (channel_id, since),
        )
        return None if row is None else _turn(row)

    async def is_answered(self, source_id: int) -> bool:
        """Whether a turn answers this message of a person."""
        return await self._database.row("SELECT 1 FROM chat_turns WHERE source_id = ?", (source_id,)) is not None

    async def images(self, conversation_id: str, numbers: Sequence[int]) -> Mapping[int, Sequence[ChatImage]]:
        """Returns the images of some turns of a conversation, by number, in order."""
        rows = await self._database.rows(
            "SELECT number, media_type, data, url FROM chat_images WHERE conversation_id = ?"  # noqa: S608 - marks
            f" AND number IN ({marks(numbers)}) ORDER BY number, position",
            (conversation_id, *numbers),
        )
        found: dict[int, list[ChatImage]] = {}
        for row in rows:
            found.setdefault(row["number"], []).append(ChatImage(row["media_type"], row["data"], row["url"]))
        return found

    async def run_again(self, conversation_id: str, number: int, message: TurnMessage, now: float) -> bool:
        """Records that a turn that has ended is answered again, in this message. False if it runs, or is gone."""

        def store(session: Session) -> bool:
            changed = session.execute(
                "UPDATE chat_turns SET state = ?, shown = 0, application_id = ?, message_id = ?, token = ?,"
                " token_ends_at = ?, upload_limit = ? WHERE conversation_id = ? AND number = ? AND state <> ?",
                (
                    TurnState.RUNNING,
                    message.application_id,
                    message.message_id,
                    message.token,
                    message.token_ends_at,
                    message.upload_limit,
                    conversation_id,
                    number,
                    TurnState.RUNNING,
                ),
            )
            session.execute("UPDATE conversations SET used_at = ? WHERE id = ?", (now, conversation_id))
            return bool(changed)

        return await self._database.transaction(store)

    async def placed(self, conversation_id: str, number: int, message_id: int) -> None:
        """Stores the id of the message that shows a turn."""
        await self._database.write(
            "UPDATE chat_turns SET message_id = ? WHERE conversation_id = ? AND number = ?",
            (message_id, conversation_id, number),
        )

    async def keep(self, conversation_id: str, number: int, answer: str, raw_text: str) -> None:
        """Stores what has arrived of the answer of a turn that runs."""
        await self._database.write(
            "UPDATE chat_turns SET answer = ?, raw_text = ?, image_urls = '[]'"
            " WHERE conversation_id = ? AND number = ? AND state = ?",
            (answer, raw_text, conversation_id, number, TurnState.RUNNING),
        )

    async def end(self, conversation_id: str, number: int, end: TurnEnd) -> bool:
        """Stores the end of a turn that runs. False if it does not run, or is gone."""
        values = _values_of(end)
        changed = await self._database.write(
            "UPDATE chat_turns SET state = ?, answer = ?, raw_text = ?, image_urls = ?, error_code = ?,"
            " error_params = ? WHERE conversation_id = ? AND number = ? AND state = ?",
            (*values.values(), conversation_id, number, TurnState.RUNNING),
        )
        return bool(changed)

    async def mark_shown(self, conversation_id: str, number: int) -> None:
        """Records that the message of a turn that has ended shows that."""
        await self._database.write(
            "UPDATE chat_turns SET shown = 1 WHERE conversation_id = ? AND number = ? AND state <> ?",
            (conversation_id, number, TurnState.RUNNING),
        )

    async def unshown(self) -> list[ChatTurn]:
        """Returns all turns whose message does not show their end."""
        return [_turn(row) for row in await self._database.rows("SELECT * FROM chat_turns WHERE shown = 0")]

    async def messages(self, conversation_id: str) -> list[int]:
        """Returns the ids of all messages of a conversation."""
        rows = await self._database.rows(
            "SELECT message_id FROM chat_turns WHERE conversation_id = ? AND message_id IS NOT NULL ORDER BY number",
            (conversation_id,),
        )
        return [row[0] for row in rows]

    async def remove(self, conversation_id: str) -> bool:
        """Deletes a conversation with its turns and images. False if there is none."""
        return bool(await self._database.transaction(lambda session: _remove(session, [conversation_id])))

    async def forget(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` conversations that were last used before `before` (unix seconds). Returns their
        number."""

        def remove(session: Session) -> int:
            rows = session.fetch("SELECT id FROM conversations WHERE used_at < ? LIMIT ?", (before, limit))
            return _remove(session, [row[0] for row in rows])

        return await self._database.transaction(remove)

    async def forget_tokens(self, now: float) -> int:
        """Clears the interaction tokens that have expired. Returns their number."""
        return await self._database.write(
            "UPDATE chat_turns SET token = NULL WHERE token IS NOT NULL AND token_ends_at < ?", (now,)
        )


def _is_answered(session: Session, source_id: int | None) -> bool:
    return source_id is not None and bool(session.fetch("SELECT 1 FROM chat_turns WHERE source_id = ?", (source_id,)))


def _insert(session: Session, turn: ChatTurn, images: Sequence[ChatImage]) -> ChatTurn:
    values = {
        "conversation_id": turn.conversation_id,
        "number": turn.number,
        "parent": turn.parent,
        "user_id": turn.user_id,
        "prompt": turn.prompt,
        **_values_of(turn.end),
        "shown": int(turn.shown),
        "application_id": turn.message.application_id,
        "message_id": turn.message.message_id,
        "token": turn.message.token,
        "token_ends_at": turn.message.token_ends_at,
        "upload_limit": turn.message.upload_limit,
        "source_id": turn.source_id,
    }
    session.execute(
        f"INSERT INTO chat_turns ({', '.join(values)}) VALUES ({marks(tuple(values))})",  # noqa: S608 - constants
        values.values(),
    )
    for position, image in enumerate(images):
        session.execute(
            "INSERT INTO chat_images (conversation_id, number, position, media_type, data, url)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (turn.conversation_id, turn.number, position, image.media_type, image.data, image.url),
        )
    return turn


def _remove(session: Session, conversation_ids: Sequence[str]) -> int:
    removed = 0
    for conversation_id in conversation_ids:
        session.execute("DELETE FROM chat_images WHERE conversation_id = ?", (conversation_id,))
        session.execute("DELETE FROM chat_turns WHERE conversation_id = ?", (conversation_id,))
        removed += session.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))
    return removed


def _values_of(end: TurnEnd) -> Mapping[str, str]:
    return {
        "state": end.state,
        "answer": end.answer,
        "raw_text": end.raw_text,
        "image_urls": json_text(end.image_urls),
        "error_code": end.error_code,
        "error_params": json_text(end.error_params),
    }


def _turn(row: Row) -> ChatTurn:
    return ChatTurn(
        conversation_id=row["conversation_id"],
        number=row["number"],
        parent=row["parent"],
        user_id=row["user_id"],
        prompt=row["prompt"],
        message=TurnMessage(
            row["application_id"], row["message_id"], row["token"], row["token_ends_at"], row["upload_limit"]
        ),
        end=TurnEnd(
            TurnState(row["state"]),
            row["answer"],
            row["raw_text"],
            tuple(json.loads(row["image_urls"])),
            row["error_code"],
            json.loads(row["error_params"]),
        ),
        source_id=row["source_id"],
        shown=bool(row["shown"]),
    )
