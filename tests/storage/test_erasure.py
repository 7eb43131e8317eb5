"""The statements in the privacy document remove a person's words from conversations, and leave those of others."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from storage import ChatImage, ChatTurn, Conversation, TurnEnd, TurnMessage, TurnState, open_store

ROOT = Path(__file__).resolve().parent.parent.parent
PERSON, OTHER = 123, 456
MESSAGE = TurnMessage(1, None, None, 0.0, 0)
IMAGE = ChatImage("image/png", b"secret", "https://files.example.org/secret.png")


def secret(conversation_id: str, user_id: int, parent: int | None = None) -> ChatTurn:
    end = TurnEnd(TurnState.FAILED, "secret", "secret", ("https://secret.example.org",), "x", {"reason": "secret"})
    return ChatTurn(conversation_id, 0, parent, user_id, "a secret", MESSAGE, end)


async def test_a_persons_conversations_go_and_their_turns_elsewhere_are_emptied(tmp_path: Path) -> None:
    text = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
    (statements,) = re.findall(r"^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    url = f"sqlite:///{tmp_path}/atelier.db"
    async with open_store(url) as store:
        for name, owner in (("own", PERSON), ("other", OTHER)):
            await store.conversations.begin(
                Conversation(name, owner, 1, 2, "m", "en-US"), secret(name, owner), [IMAGE], 1.0
            )
            await store.conversations.add(secret(name, OTHER + PERSON - owner, 1), [IMAGE], 1.0)
    with closing(sqlite3.connect(tmp_path / "atelier.db", isolation_level=None)) as connection:
        connection.executescript(statements)
    async with open_store(url) as store:
        assert await store.conversations.get("own") is None
        assert await store.conversations.turn("own", 2) is None
        assert await store.conversations.images("own", [1, 2]) == {}
        kept, erased = await store.conversations.turn("other", 1), await store.conversations.turn("other", 2)
        assert kept
        assert kept.prompt == "a secret"
        assert "secret" not in repr(erased)
        assert list(await store.conversations.images("other", [1, 2])) == [1]
