"""What the platform's answers have taught about it (docs/platform-api.md#learned-switches). Everything is forgotten
after a while, because a proxy's temporary answer looks the same, and at the end of the process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from enum import StrEnum

from bot.engines.errors import RefusalKind
from bot.platform.errors import EndpointMissing, ModelNotOffered
from bot.runtime.units import DAY

log = logging.getLogger(__name__)


class Switch(StrEnum):
    """What can be learned."""

    ENDPOINT_MISSING = "endpoint missing"
    MODEL_MISSING = "model not offered"
    NO_STREAM = "streams lose images"
    COMPLETIONS_ONLY = "only the legacy endpoint"
    FIELD_REFUSED = "field refused"


# How long each holds, in seconds.
_HOLDS = {
    Switch.ENDPOINT_MISSING: 3_600.0,
    Switch.MODEL_MISSING: 600.0,
    Switch.NO_STREAM: 21_600.0,
    Switch.COMPLETIONS_ONLY: DAY,
    Switch.FIELD_REFUSED: DAY,
}


class LearnedSwitches:
    """The switches of one platform and key, each about one subject: an endpoint, a model, or a field of both."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds and never goes backwards."""
        self._clock = clock
        self._until: dict[tuple[Switch, tuple[str, ...]], float] = {}

    def set(self, switch: Switch, *subject: str) -> None:
        """Sets a switch, or prolongs it."""
        if not self.is_set(switch, *subject):
            log.warning("the platform: %s for %s", switch.value, " ".join(subject))
        self._until[switch, subject] = self._clock() + _HOLDS[switch]

    def is_set(self, switch: Switch, *subject: str) -> bool:
        """Whether this was learned and still holds."""
        return self._clock() < self._until.get((switch, subject), float("-inf"))

    def require(self, path: str, model: str) -> None:
        """Raises EndpointMissing or ModelNotOffered, without a request, for what is known to be missing."""
        if self.is_set(Switch.ENDPOINT_MISSING, path):
            raise EndpointMissing(RefusalKind.NOT_OFFERED, f"the platform does not have {path}")
        if model and self.is_set(Switch.MODEL_MISSING, model):
            raise ModelNotOffered(RefusalKind.NOT_OFFERED, f"the platform does not sell {model}")

    def refused_fields(self, path: str, model: str) -> frozenset[str]:
        """The fields that a model does not take at an endpoint."""
        return frozenset(
            subject[2]
            for switch, subject in self._until
            if switch is Switch.FIELD_REFUSED and subject[:2] == (path, model) and self.is_set(switch, *subject)
        )
