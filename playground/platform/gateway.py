"""What a gateway makes of the answers behind it: other envelopes, request IDs, lost lines, comments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from playground.platform.profiles import Profile
from playground.platform.replies import Json, Part, Reply

# What says that the stream is alive, in turn.
_PINGS = (b": PING\n\n", b"event: ping\ndata:\n\n", b"id: 7\n: keep-alive\n\n")


def passed_on(profile: Profile, reply: Reply, number: int) -> Reply:
    """The answer as the gateway of this profile sends it. `number` tells requests apart."""
    if not profile.request_ids:
        return replace(reply, parts=tuple(_parts(profile, reply)))
    request_id = f"2026112612{number:08}"
    headers = {**reply.headers, "X-Oneapi-Request-Id": request_id}
    body = reply.body
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        message = f"{body['error'].get('message', '')} (request id: {request_id})"
        body = {**body, "error": {**body["error"], "message": message}}
    return replace(reply, body=body, headers=headers, parts=tuple(_parts(profile, reply)))


def reworded(profile: Profile, reply: Reply) -> Reply:
    """A refusal of the platform itself, in the envelope of this profile."""
    if not isinstance(reply.body, dict) or not isinstance(reply.body.get("error"), dict):
        return reply
    fields: Json = reply.body["error"]
    if not profile.error_type:
        return replace(reply, body={"error": {"message": fields["message"]}})
    is_upstream = profile.upstream_errors_as_200 and reply.status == 400
    kind = "upstream_error" if is_upstream else profile.error_type
    return replace(reply, status=200 if is_upstream else reply.status, body={"error": {**fields, "type": kind}})


def _parts(profile: Profile, reply: Reply) -> Iterator[Part]:
    """The parts of a stream. Behind a line that is too long, everything is lost but the end."""
    is_stream = reply.content_type == "text/event-stream"
    for number, part in enumerate(reply.parts):
        if profile.line_limit and is_stream and len(part.data) > profile.line_limit:
            yield Part(b"data: [DONE]\n\n")
            return
        if profile.pings and is_stream and part.pause:
            yield Part(_PINGS[number % len(_PINGS)])
        yield Part(part.data.replace(b"\n", b"\r\n"), part.pause) if profile.crlf and is_stream else part
