"""The kinds of platforms that can be emulated, as data (`profiles.toml`), and what they change in answers."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any

from playground.platform.replies import Json, Part, Reply

# What says that the stream is alive, in turn.
_PINGS = (b": PING\n\n", b"event: ping\ndata:\n\n", b"id: 7\n: keep-alive\n\n")


@dataclass(frozen=True)
class Profile:
    """One kind of platform, and in what it differs from the official API.

    Errors: `error_type` is the `type` of its own ("" for none at all), `request_ids` whether its texts end in the ID
    of the request; `no_channel` ("zh", "en") is how it refuses a model, `upstream_errors_as_200` whether a refusal of
    the service behind it has the status 200. `missing` are endpoints that it does not know, `not_implemented` those
    that it refuses with 501.

    Event streams: `done` and `blank` are whether they end in `[DONE]`, and whether a blank follows `data:`; `crlf` is
    how their lines end; `pings` are comments and empty events between their parts; lines longer than `line_limit`
    bytes are lost with what follows. `always_streams` and `never_streams` are models that do so whatever is asked.

    Chat: `reasoning` ("field", "think") is where thoughts are told, `images_field` whether images come in a field in
    place of the text, `content_parts` whether a text is a list of parts, `gpt_name` what GPTs call themselves,
    `links_only` the models that take no data URLs, `counts_usage` whether tokens are counted.
    `mj_form` ("A", "A, older", "B") is the text of mj-chat.

    Images: unknown fields are dropped or else refused; unused fields are empty or else left out; `tasks` maps models
    to the dialect of their tasks ("unified", "generations", "accepted").

    `model_list` ("official", "success", "bare") is the form of the list.
    `counts_bytes`: limits are in bytes. `unlimited`: the key has no limit.
    """

    name: str
    error_type: str = "invalid_request_error"
    request_ids: bool = False
    no_channel: str = ""
    upstream_errors_as_200: bool = False
    missing: tuple[str, ...] = ()
    not_implemented: tuple[str, ...] = ()
    done: bool = True
    blank: bool = True
    crlf: bool = False
    pings: bool = False
    line_limit: int = 0
    always_streams: tuple[str, ...] = ()
    never_streams: tuple[str, ...] = ()
    reasoning: str = ""
    images_field: bool = False
    content_parts: bool = False
    gpt_name: str = ""
    links_only: tuple[str, ...] = ()
    counts_usage: bool = True
    mj_form: str = "A"
    drops_fields: bool = False
    empty_fields: bool = False
    data_url_in_base64: bool = False
    relative_urls: bool = False
    ignores_n: bool = False
    tasks: Mapping[str, str] = field(default_factory=dict)
    model_list: str = "official"
    counts_bytes: bool = False
    unlimited: bool = False

    def length_of(self, text: str) -> int:
        """How long a text is, as this platform counts."""
        return len(text.encode()) if self.counts_bytes else len(text)


def _all() -> dict[str, Profile]:
    table: dict[str, dict[str, Any]] = tomllib.loads(
        resources.files(__package__).joinpath("profiles.toml").read_text("utf-8")
    )
    return {name: Profile(name, **{key: _frozen(value) for key, value in row.items()}) for name, row in table.items()}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


PROFILES = _all()


def profile_named(name: str) -> Profile:
    """The profile of this name. Raises ValueError for an unknown one."""
    if name not in PROFILES:
        raise ValueError(f"no profile {name!r}: choose one of {', '.join(PROFILES)}")
    return PROFILES[name]


# Other envelopes, request IDs, lost lines, comments.


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
