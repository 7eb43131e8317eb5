"""What the service at hand can do, and in which style it wants to be asked.

A profile is where to start from; what the service then answers corrects it. A capability that was switched off is
tried again after an hour, so that a passing "not found" of some front door costs no more than that.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from enum import Enum

from bot.midjourney.custom_id_facts import ActionKind, never_send, parse
from bot.midjourney.errors import NotOffered, RefusalKind
from bot.midjourney.models import Mode
from bot.midjourney.profiles import PROFILES, UNKNOWN, Feature, Profile, Quirk

log = logging.getLogger(__name__)

SWITCHED_OFF_SECONDS = 3600.0


class ModeStyle(Enum):
    """Where the mode stands: before the path, in the body, or nowhere (docs/image-api.md#modes)."""

    PREFIX = "prefix"
    BODY = "body"
    NONE = "none"


# A refusal of one of these speaks of the one task or id, not of what the service can do.
_ALWAYS_POSSIBLE = frozenset({ActionKind.UPSCALE, ActionKind.VARIATION, ActionKind.REROLL, ActionKind.OTHER})


class Capabilities:
    """What the service at hand can do, as far as is known now."""

    def __init__(
        self, profile: Profile, *, quirks: Iterable[Quirk] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`quirks` stand beside those of the profile. `clock` gives seconds from anywhere, never going back."""
        self.profile = profile
        self._quirks = set(quirks)
        self._clock = clock
        # Two tables: members of different StrEnums with one value are one key.
        self._features_off: dict[Feature, float] = {}
        self._kinds_off: dict[ActionKind, float] = {}
        self._prefix_off: float | None = None

    @classmethod
    def of(cls, name: str, quirks: Iterable[Quirk] = ()) -> Capabilities:
        """Those of a profile, by its name in `PROFILES`. Raises KeyError for another name."""
        return cls(PROFILES[name], quirks=quirks)

    @classmethod
    def unknown(cls) -> Capabilities:
        """Everything is assumed until the service says otherwise."""
        return cls(UNKNOWN)

    def has(self, feature: Feature) -> bool:
        """Is the feature there?"""
        return feature not in self.profile.lacks and self._past(self._features_off.get(feature))

    def require(self, feature: Feature) -> None:
        """Raises NotOffered, without asking the service, when the feature is not there."""
        if not self.has(feature):
            raise NotOffered(RefusalKind.NOT_OFFERED, f"the service does not support {feature.value}")

    def adopt(self, profile: Profile) -> None:
        """The service turned out to be of this profile; what it said itself stays known."""
        self.profile = profile

    @property
    def quirks(self) -> frozenset[Quirk]:
        """How the service wants to be asked otherwise than most of the family do."""
        return self.profile.quirks | self._quirks

    def has_quirk(self, style: Quirk) -> bool:
        """Does the service want to be asked in this way?"""
        return style in self.quirks

    def apply_remote(self, style: Quirk) -> None:
        """The service said that it wants to be asked in this way."""
        log.warning("the image service needs the quirk %s", style.value)
        self._quirks.add(style)

    @property
    def mode_style(self) -> ModeStyle:
        """Where the mode has to stand."""
        if self.has_quirk(Quirk.MODE_IN_BODY):
            return ModeStyle.BODY
        return ModeStyle.NONE if self.has_quirk(Quirk.NO_MODE) or not self._past(self._prefix_off) else ModeStyle.PREFIX

    def draws_in(self, mode: Mode) -> bool:
        """Can the service be asked for this mode?"""
        style = self.mode_style
        # Where the mode stands in the body, there is no turbo (docs/image-api.md#modes).
        return style is ModeStyle.PREFIX or (style is ModeStyle.BODY and mode is not Mode.TURBO)

    def switch_off(self, feature: Feature) -> None:
        """The service said that it lacks the feature."""
        if self.has(feature):
            log.warning("the image service does not support %s; trying again in an hour", feature.value)
        self._features_off[feature] = self._clock() + SWITCHED_OFF_SECONDS

    def switch_off_mode_prefix(self) -> None:
        """The service does not route paths with a mode before them."""
        log.warning("the image service does not support modes in paths; leaving modes out for an hour")
        self._prefix_off = self._clock() + SWITCHED_OFF_SECONDS

    def refuse_button(self, custom_id: str) -> None:
        """The service said that it does not do what this button asks: it will not for another of its kind either."""
        kind = parse(custom_id).kind
        if kind in _ALWAYS_POSSIBLE:
            return
        if self._past(self._kinds_off.get(kind)):
            log.warning("the image service does not support %s buttons", kind.value)
        self._kinds_off[kind] = self._clock() + SWITCHED_OFF_SECONDS

    def supports_button(self, custom_id: str) -> bool:
        """Can a press of this button succeed, as far as is known?"""
        kind = parse(custom_id).kind
        if kind is ActionKind.CHANGE:
            return self.has(Feature.CHANGE) or self.has(Feature.SIMPLE_CHANGE)
        known = not never_send(custom_id) and kind not in self.profile.refuses
        return known and self.has(Feature.ACTION) and self._past(self._kinds_off.get(kind))

    def _past(self, moment: float | None) -> bool:
        return moment is None or self._clock() >= moment
