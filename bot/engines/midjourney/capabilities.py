"""The capabilities of the current service, and the form in which it expects requests.

A profile provides the initial values, and the service's answers correct them. A feature that was switched off is tried
again after an hour, so a temporary "not found" from a proxy disables it only for that time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from enum import Enum

from bot.engines.errors import NotOffered, RefusalKind
from bot.engines.midjourney.buttons import facts_of
from bot.engines.midjourney.custom_id_parser import ActionKind
from bot.engines.midjourney.profiles import PROFILES, UNKNOWN, Profile, Quirk
from bot.engines.models import Feature
from bot.engines.options import Mode

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
