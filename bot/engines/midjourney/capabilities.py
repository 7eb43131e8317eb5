"""The capabilities of the current service, and the form in which it expects requests: where the mode is sent, and how
bodies are encoded.

A profile provides the initial values, and the service's answers correct them. A feature that was switched off is tried
again after an hour, so a temporary "not found" from a proxy disables it only for that time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any

import aiohttp
from pydantic_core import PydanticSerializationError

from bot.engines.errors import NotOffered, NotSent, RefusalKind
from bot.engines.midjourney.button_kinds import ActionKind
from bot.engines.midjourney.buttons import facts_of
from bot.engines.midjourney.command_requests import SwapRequest, SwapVideoRequest
from bot.engines.midjourney.profiles import PROFILES, UNKNOWN, Profile, Quirk
from bot.engines.midjourney.requests import RequestBody
from bot.engines.models import Feature
from bot.engines.options import Mode
from bot.engines.service_requests import json_bytes
from bot.runtime.supervisor import IN_LINE_BYTES, in_thread_if_large

log = logging.getLogger(__name__)

SWITCHED_OFF_SECONDS = 3600.0


class ModeStyle(Enum):
    """Where the mode is sent: in the path, in the body, or not at all (docs/image-api.md#modes)."""

    PREFIX = "prefix"
    BODY = "body"
    NONE = "none"


# A refusal of these kinds concerns one task or ID, not the capabilities of the service.
_ALWAYS_POSSIBLE = frozenset({ActionKind.UPSCALE, ActionKind.VARIATION, ActionKind.REROLL, ActionKind.OTHER})


class Capabilities:
    """The known capabilities of the current service."""

    def __init__(
        self, profile: Profile, *, quirks: Iterable[Quirk] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`quirks` are added to those of the profile. `clock` returns seconds and never goes backwards."""
        self.profile = profile
        self._added_quirks = frozenset(quirks)
        self.quirks = profile.quirks | self._added_quirks
        """The service's deviations from the common request format."""
        self._clock = clock
        # Two tables, because members of different StrEnums with equal values are the same key.
        self._features_off: dict[Feature, float] = {}
        self._kinds_off: dict[ActionKind, float] = {}
        self._prefix_off: float | None = None

    @classmethod
    def of(cls, name: str, quirks: Iterable[Quirk] = ()) -> Capabilities:
        """Returns the capabilities of a profile of `PROFILES`. Raises KeyError for an unknown name."""
        return cls(PROFILES[name], quirks=quirks)

    @classmethod
    def unknown(cls) -> Capabilities:
        """Assumes every feature until the service refuses one."""
        return cls(UNKNOWN)

    def has(self, feature: Feature) -> bool:
        """Whether the service has the feature."""
        if feature in self.profile.lacks:
            return False
        return feature not in self._features_off or self._past(self._features_off[feature])

    def require(self, feature: Feature) -> None:
        """Raises NotOffered, without a request, if the service lacks the feature."""
        if not self.has(feature):
            raise NotOffered(RefusalKind.NOT_OFFERED, f"the service does not support {feature.value}")

    def adopt(self, profile: Profile) -> None:
        """Sets the detected profile. Corrections from the service's answers stay in effect."""
        self.profile = profile
        self.quirks = profile.quirks | self._added_quirks

    def has_quirk(self, quirk: Quirk) -> bool:
        """Whether the service has this quirk."""
        return quirk in self.quirks

    def add_quirk(self, quirk: Quirk) -> None:
        """Adds a quirk that an answer of the service revealed."""
        log.warning("the image service needs the quirk %s", quirk.value)
        self._added_quirks |= {quirk}
        self.quirks |= {quirk}

    @property
    def mode_style(self) -> ModeStyle:
        """Where the service expects the mode."""
        if Quirk.MODE_IN_BODY in self.quirks:
            return ModeStyle.BODY
        return ModeStyle.NONE if Quirk.NO_MODE in self.quirks or not self._past(self._prefix_off) else ModeStyle.PREFIX

    def supports_mode(self, mode: Mode) -> bool:
        """Whether a request can select this mode."""
        style = self.mode_style
        # A mode in the body cannot be turbo (docs/image-api.md#modes).
        return style is ModeStyle.PREFIX or (style is ModeStyle.BODY and mode is not Mode.TURBO)

    @property
    def reads_mode_flag(self) -> bool:
        """Whether the service that generates the images reads the mode only as a flag in the prompt."""
        return not self.profile.hands_mode_on

    @property
    def ignores_modes(self) -> bool:
        """Whether requests have no mode."""
        return self.mode_style is ModeStyle.NONE

    def switch_off(self, feature: Feature) -> None:
        """Disables a feature for an hour after the service refused it."""
        if self.has(feature):
            log.warning("the image service does not support %s; trying again in an hour", feature.value)
        self._features_off[feature] = self._clock() + SWITCHED_OFF_SECONDS

    def switch_off_mode_prefix(self) -> None:
        """Disables mode prefixes for an hour, because the service does not route such paths."""
        log.warning("the image service does not support modes in paths; leaving modes out for an hour")
        self._prefix_off = self._clock() + SWITCHED_OFF_SECONDS

    def refuse_button(self, custom_id: str) -> None:
        """Disables the kind of this button for an hour after the service refused it."""
        kind = facts_of(custom_id).kind
        if kind in _ALWAYS_POSSIBLE:
            return
        if self._past(self._kinds_off.get(kind)):
            log.warning("the image service does not support %s buttons", kind.value)
        self._kinds_off[kind] = self._clock() + SWITCHED_OFF_SECONDS

    def supports_button(self, custom_id: str) -> bool:
        """Whether this button may succeed, according to the known capabilities."""
        facts = facts_of(custom_id)
        if facts.kind is ActionKind.CHANGE:
            return self.has(Feature.CHANGE) or self.has(Feature.SIMPLE_CHANGE)
        known = facts.sendable and facts.kind not in self.profile.refuses and self.has(Feature.ACTION)
        return known and (facts.kind not in self._kinds_off or self._past(self._kinds_off[facts.kind]))

    def _past(self, moment: float | None) -> bool:
        return moment is None or self._clock() >= moment


async def encoded(*bodies: RequestBody, quirks: frozenset[Quirk] = frozenset()) -> bytes | aiohttp.FormData:
    """Encodes the fields of these bodies as one JSON object, without empty fields, or as a form if the first one
    contains files. `quirks` selects the format of images.

    Raises NotSent for text that cannot be encoded, and for images of a form that cannot be decoded.
    """
    size = _size(bodies)
    return await in_thread_if_large(size, lambda: _encoded(bodies, quirks, size))


def encoded_in_line(*bodies: RequestBody, quirks: frozenset[Quirk] = frozenset()) -> bytes | aiohttp.FormData | None:
    """Like `encoded`, without waiting. None for bodies whose encoding would block the event loop."""
    size = _size(bodies)
    return None if size > IN_LINE_BYTES else _encoded(bodies, quirks, size)


def _encoded(bodies: Sequence[RequestBody], quirks: frozenset[Quirk], size: int) -> bytes | aiohttp.FormData:
    try:
        return _json_or_form(bodies, quirks, size)
    except (PydanticSerializationError, UnicodeEncodeError):
        raise NotSent("the request contains text that cannot be encoded") from None


def _json_or_form(bodies: Sequence[RequestBody], quirks: frozenset[Quirk], size: int) -> bytes | aiohttp.FormData:
    body, *others = bodies
    if isinstance(body, SwapRequest) and Quirk.SWAP_AS_FILES in quirks:
        return body.as_form(_fields(others, frozenset()))
    fields = _fields(bodies, quirks)
    if isinstance(body, SwapVideoRequest):
        form = aiohttp.FormData(fields)
        form.add_field("targetFile", body.target_file, filename="target.mp4", content_type="video/mp4")
        return form
    return json_bytes(fields, size=size)


def _size(bodies: Sequence[RequestBody]) -> int:
    """Returns the number of characters and bytes in all fields, images included."""
    size = 0
    for body in bodies:
        for value in vars(body).values():
            if isinstance(value, str | bytes):
                size += len(value)
            elif isinstance(value, list):
                size += sum(map(len, value))
    return size


def _fields(bodies: Sequence[RequestBody], quirks: frozenset[Quirk]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for body in bodies:
        fields |= body.model_dump(by_alias=True, exclude_none=True, mode="json", context=quirks)
    return fields
