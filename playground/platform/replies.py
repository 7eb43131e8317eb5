"""Answers of the platform: whole ones, and event streams in parts with pauses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A part of a stream, sent after a pause in seconds."""

    data: bytes
    pause: float = 0.0


@dataclass(frozen=True)
class Reply:
    """An HTTP answer. `body` is JSON when it is an object or a list; text or bytes are sent as they are.

    `parts` are a stream in place of the body. `closes`: the connection is closed behind them without their end.
    """

    status: int = 200
    body: Json | list[Any] | str | bytes | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    closes: bool = False

    def data(self) -> bytes:
        """The body as it is sent."""
        if isinstance(self.body, bytes):
            return self.body
        if self.body is None:
            return b""
        return (self.body if isinstance(self.body, str) else as_json(self.body)).encode()


def as_json(value: object) -> str:
    """Compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Refusal(Exception):
    """A request that is refused; carries the answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.data().decode("utf-8", "replace"))
        self.reply = reply


def error(
    status: int, message: str, *, kind: str = "invalid_request_error", code: str | None = None, param: str | None = None
) -> Reply:
    """The official error envelope."""
    return Reply(status, {"error": {"message": message, "type": kind, "param": param, "code": code}})


def refusal(status: int, message: str, *, code: str | None = None, param: str | None = None) -> Refusal:
    """A request that is refused with the official envelope."""
    return Refusal(error(status, message, code=code, param=param))
