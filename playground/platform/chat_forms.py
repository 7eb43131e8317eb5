"""An answer of a chat model, and its forms: JSON and event streams (docs/platform-api.md#event-streams)."""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from playground.platform.models import Kind
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
    """What a model answers, piece by piece, and why it ended. `thoughts` come before it, `images` are data URLs."""

    pieces: tuple[Piece, ...]
    finish: str = "stop"
    thoughts: str = ""
    images: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(piece.text for piece in self.pieces)

    def limited(self, most: int) -> "Answer":
        """The answer, cut after this number of pieces."""
        return self if len(self.pieces) <= most else replace(self, pieces=self.pieces[:most], finish="length")


def pieces_of(text: str, pause: float) -> tuple[Piece, ...]:
    """A text, word by word."""
    return tuple(Piece(word, pause) for word in _WORD.findall(text))


def steps(texts: Iterable[str], pause: float) -> tuple[Piece, ...]:
    """Texts that come one step of an image after the other."""
    return tuple(Piece(text, pause) for text in texts)


def reply_of(call: Call, answer: Answer, *, legacy: bool = False) -> Reply:
    """The answer as JSON or as an event stream: as was asked, unless the model has a way of its own."""
    profile, asked = call.state.profile, bool(call.body.get("stream"))
    streams = call.model.id in profile.always_streams or (asked and call.model.id not in profile.never_streams)
    return _stream(call, answer, legacy=legacy) if streams else _document(call, answer, legacy=legacy)


def _document(call: Call, answer: Answer, *, legacy: bool) -> Reply:
    """The answer as one JSON document."""
    choice = {"text": answer.text} if legacy else {"message": _message(call, answer)}
    choices = [{"index": 0, **choice, "logprobs": None, "finish_reason": answer.finish}]
    body = {**_head(call, "text_completion" if legacy else "chat.completion"), "choices": choices}
    return Reply(200, {**body, "usage": _usage(call, answer)} if call.state.profile.counts_usage else body)


def _message(call: Call, answer: Answer) -> Json:
    profile, text = call.state.profile, _with_thoughts(call, answer)
    content = [{"type": "text", "text": text}] if profile.content_parts else text
    message: Json = {"role": "assistant", "content": content, "refusal": None}
    if answer.thoughts and profile.reasoning == "field":
        message["reasoning_content"] = answer.thoughts
    return {**message, "images": _images(answer)} if answer.images else message


def _with_thoughts(call: Call, answer: Answer) -> str:
    in_text = answer.thoughts and call.state.profile.reasoning == "think"
    return f"<think>{answer.thoughts}</think>\n{answer.text}" if in_text else answer.text


def _images(answer: Answer) -> list[Json]:
    return [{"type": "image_url", "image_url": {"url": url}} for url in answer.images]


def _usage(call: Call, answer: Answer) -> Json:
    """Tokens, counted as words."""
    asked = len(str(call.body.get("messages") or call.body.get("prompt")).split())
    given = len(answer.text.split())
    return {"prompt_tokens": asked, "completion_tokens": given, "total_tokens": asked + given}


def _stream(call: Call, answer: Answer, *, legacy: bool) -> Reply:
    """The answer as an event stream."""
    profile = call.state.profile
    begin = "data: " if profile.blank else "data:"
    head = _head(call, "text_completion" if legacy else "chat.completion.chunk")
    parts = []
    for content, finish, pause in _legacy_deltas(answer) if legacy else _deltas(call, answer):
        choice = {"index": 0, **content, "finish_reason": finish}
        parts.append(Part(f"{begin}{as_json({**head, 'choices': [choice]})}\n\n".encode(), pause))
    end = (Part(f"{begin}[DONE]\n\n".encode()),) if profile.done else ()
    return Reply(200, None, "text/event-stream", parts=(*parts, *end))


Delta = tuple[Json, str | None, float]


def _legacy_deltas(answer: Answer) -> Iterator[Delta]:
    for piece in answer.pieces:
        yield {"text": piece.text}, None, piece.pause
    yield {"text": ""}, answer.finish, 0.0


def _deltas(call: Call, answer: Answer) -> Iterator[Delta]:
    yield {"delta": {"role": "assistant", "content": ""}}, None, 0.0
    reasoning = call.state.profile.reasoning if answer.thoughts else ""
    if reasoning == "field":
        yield {"delta": {"reasoning_content": answer.thoughts}}, None, 0.0
    elif reasoning == "think":
        yield {"delta": {"content": f"<think>{answer.thoughts}</think>\n"}}, None, 0.0
    for piece in answer.pieces:
        yield {"delta": {"content": piece.text}}, None, piece.pause
    if answer.images:
        yield {"delta": {"images": _images(answer)}}, None, 0.0
    yield {"delta": {}}, answer.finish, 0.0


def _head(call: Call, kind: str) -> Json:
    name = call.state.profile.gpt_name if call.model.kind is Kind.GPT else ""
    number = next(call.state.numbers)
    model = name or call.request.model
    return {"id": f"chatcmpl-local{number:06}", "object": kind, "created": int(time.time()), "model": model}
