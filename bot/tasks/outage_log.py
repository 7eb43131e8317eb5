"""Troubles that only whoever runs the bot can mend: logged once when they begin and once when they are over."""

from __future__ import annotations

import logging

from bot.midjourney import AuthFailed, MidjourneyError, NotSent, RefusalKind, ServiceRefused

log = logging.getLogger(__name__)


class OutageLog:
    """Remembers which trouble was logged already, so that a hundred presses are not a hundred lines."""

    def __init__(self) -> None:
        self._logged: str | None = None

    def seen(self, error: MidjourneyError) -> None:
        """A request failed."""
        trouble = _outage(error)
        if trouble and trouble != self._logged:
            log.error("the image service is unavailable: %s", trouble)
            self._logged = trouble

    def over(self) -> None:
        """A request went well."""
        if self._logged:
            log.info("the image service is available again")
        self._logged = None


def _outage(error: MidjourneyError) -> str | None:
    if isinstance(error, AuthFailed):
        return "it does not accept the key (MJ_API_KEY, MJ_AUTH)"
    if isinstance(error, ServiceRefused) and error.kind is RefusalKind.NO_CREDIT:
        return "its account is out of credit"
    if isinstance(error, NotSent):
        return "cannot connect to it (MJ_API_URL)"
    return None
