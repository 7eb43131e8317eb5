"""An answer of a chat model, and its forms: JSON and event streams (docs/platform-api.md#event-streams)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from playground.platform.replies import Json, Part, Reply, as_json
from playground.platform.state import Call

_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Piece:
    """A piece of a text, that comes after a pause in seconds."""

    text: str
    pause: float = 0.0


@dataclass(frozen=True)
class Answer:
    """What a model answers, piece by piece, and why it ended."""

    pieces: tuple[Piece, ...]
    finish: str = "stop"

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(piece.text for piece in self.pieces)

    def limited(self, most: int) -> Answer:
        """The answer, cut after this number of pieces."""
        return self if len(self.pieces) <= most else replace(self, pieces=self.pieces[:most], finish="length")


def pieces_of(text: str, pause: float) -> tuple[Piece, ...]:
    """A text, word by word."""
    return tuple(Piece(word, pause) for word in _WORD.findall(text))


def completion_body(call: Call, answer: Answer) -> Reply:
    """The answer as one JSON document."""
    message = {"role": "assistant", "content": answer.text, "refusal": None}
    return _document(call, answer, "chat.completion", {"message": message, "logprobs": None})


def legacy_body(call: Call, answer: Answer) -> Reply:
    """The answer of the legacy endpoint."""
    return _document(call, answer, "text_completion", {"text": answer.text, "logprobs": None})


def _document(call: Call, answer: Answer, kind: str, choice: Json) -> Reply:
    choices = [{"index": 0, **choice, "finish_reason": answer.finish}]
    return Reply(200, {**_head(call, kind), "choices": choices, "usage": usage_of(call, answer.text)})


def usage_of(call: Call, text: str) -> Json:
    """Tokens, counted as words."""
    asked = len(str(call.body.get("messages") or call.body.get("prompt")).split())
    given = len(text.split())
    return {"prompt_tokens": asked, "completion_tokens": given, "total_tokens": asked + given}


def completion_stream(call: Call, answer: Answer, *, legacy: bool = False) -> Reply:
    """The answer as an event stream."""
    head = _head(call, "text_completion" if legacy else "chat.completion.chunk")
    chunks = _chunks(call, answer, head, legacy=legacy)
    parts = [Part(f"data: {as_json(chunk)}\n\n".encode(), pause) for chunk, pause in chunks]
    return Reply(200, None, "text/event-stream", parts=(*parts, Part(b"data: [DONE]\n\n")))


def _chunks(call: Call, answer: Answer, head: Json, *, legacy: bool) -> Iterator[tuple[Json, float]]:
    def chunk(content: Json, finish: str | None = None) -> Json:
        fields = content if legacy else {"delta": content}
        return {**head, "choices": [{"index": 0, **fields, "finish_reason": finish}]}

    if not legacy:
        yield chunk({"role": "assistant", "content": ""}), 0.0
    for piece in answer.pieces:
        yield chunk({"text" if legacy else "content": piece.text}), piece.pause
    yield chunk({"text": ""} if legacy else {}, answer.finish), 0.0
    options = call.body.get("stream_options")
    if isinstance(options, dict) and options.get("include_usage"):
        yield {**head, "choices": [], "usage": usage_of(call, answer.text)}, 0.0


def _head(call: Call, kind: str) -> Json:
    number = next(call.state.numbers)
    return {
        "id": f"chatcmpl-local{number:06}",
        "object": kind,
        "created": int(time.time()),
        "model": call.request.model,
    }


def steps(texts: Iterable[str], pause: float) -> tuple[Piece, ...]:
    """Texts that come one step of an image after the other."""
    return tuple(Piece(text, pause) for text in texts)
