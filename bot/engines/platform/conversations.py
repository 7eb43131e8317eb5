"""Conversations with chat models as they are stored with a result, so that a press can continue them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.net import json_limits
from bot.net.json_values import sequence
from bot.platform.requests import ChatMessage

# Characters of a stored conversation. The oldest exchanges are left out beyond it.
MAX_STORED = 16_000

Turns = Sequence[tuple[str, str]]
"""Questions and answers in turn, as texts, the oldest first."""


def stored(turns: Turns) -> str:
    """The newest exchanges within the limit, "" if not even the last one is. It never contains a part of a message."""
    kept = list(turns)
    while kept and len(text := json.dumps(kept, ensure_ascii=False)) > MAX_STORED:
        del kept[0]
    return text if kept else ""


def restored(text: str) -> Turns:
    """The exchanges of a stored conversation, () for one that cannot be read."""
    try:
        found = [tuple(sequence(exchange)) for exchange in sequence(json_limits.loads(text or "[]"))]
    except (ValueError, RecursionError):
        return ()
    return [
        (question, answer)
        for question, answer in (exchange for exchange in found if len(exchange) == 2)
        if isinstance(question, str) and isinstance(answer, str) and question.strip() and answer.strip()
    ]


def messages_of(turns: Turns) -> list[ChatMessage]:
    """The messages of these exchanges."""
    messages = []
    for question, answer in turns:
        messages += [ChatMessage(role="user", content=question), ChatMessage(role="assistant", content=answer)]
    return messages
