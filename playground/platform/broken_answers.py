"""Answers that go wrong half-way, or hold no result (docs/platform-api.md#event-streams and #success)."""

from dataclasses import replace

from playground.platform.faults import ANSWERS, Fault
from playground.platform.replies import Json, Part, Reply, as_json

_EMPTY: Json = {"created": 1_788_000_000, "data": [], "text": "", "choices": []}


def _event(document: Json) -> Part:
    return Part(f"data: {as_json(document)}\n\n".encode())


def _chunk(delta: Json, finish: str | None = None) -> Part:
    return _event(
        {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    )


_DONE = Part(b"data: [DONE]\n\n")
# What follows the first half of a stream.
_ENDINGS: dict[Fault, tuple[Part, ...]] = {
    Fault.CUT: (),
    Fault.DONE_EARLY: (_DONE,),
    Fault.DELTA_ERROR: (_chunk({"error": "timeout"}), _chunk({}, "stop"), _DONE),
    Fault.ERROR_CHUNK: (_event({"error": {"message": "upstream broke off", "type": "upstream_error"}}), _DONE),
    Fault.ERROR_EVENT: (Part(b'event: error\ndata: {"message":"boom"}\n\n'),),
}
# What other answers have in place of a stream's errors.
_PLAIN = {
    Fault.DELTA_ERROR: ANSWERS["message_error"],
    Fault.ERROR_CHUNK: ANSWERS["error_200"],
    Fault.ERROR_EVENT: ANSWERS["error_200"],
}


def broken(fault: Fault, reply: Reply) -> Reply:
    """The answer as it becomes with this fault."""
    if fault is Fault.NO_RESULT:
        return Reply(200, _EMPTY)
    if fault not in _ENDINGS:
        return reply
    if reply.parts:
        half = reply.parts[: max(len(reply.parts) // 2, 1)]
        return replace(reply, parts=(*half, *_ENDINGS[fault]), closes=fault is Fault.CUT)
    return _plain(fault, reply)


def _plain(fault: Fault, reply: Reply) -> Reply:
    """An answer that is no stream: cut in its body, without a reason for its end, or an error."""
    if fault is Fault.CUT:
        data = reply.data()
        return replace(reply, body=None, parts=(Part(data[: len(data) // 2]),), closes=True)
    if fault is Fault.DONE_EARLY:
        return _without_finish(reply)
    return _PLAIN[fault]


def _without_finish(reply: Reply) -> Reply:
    choices = reply.body.get("choices") if isinstance(reply.body, dict) else None
    if not choices or not isinstance(reply.body, dict):
        return Reply(200, _EMPTY)
    return replace(reply, body={**reply.body, "choices": [{**choice, "finish_reason": None} for choice in choices]})
