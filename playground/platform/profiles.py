"""The kinds of platforms that can be emulated, as data: `profiles.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any


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
