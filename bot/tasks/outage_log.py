"""Outages that only the operator can fix: logged once at the start and once at the end."""

from __future__ import annotations

import logging

from bot.engines.errors import AuthFailed, EngineError, NotSent, RefusalKind, ServiceRefused

log = logging.getLogger(__name__)


class OutageLog:
    """Remembers the outage that was logged, so that repeated failures do not repeat the log line."""

    def __init__(self) -> None:
        self._logged: str | None = None

    def seen(self, error: EngineError) -> None:
        """Records a failed request."""
        trouble = _outage(error)
        if trouble and trouble != self._logged:
            log.error("the image service is unavailable: %s", trouble)
            self._logged = trouble

    def over(self) -> None:
        """Records a successful request."""
        if self._logged:
            log.info("the image service is available again")
        self._logged = None


def _outage(error: EngineError) -> str | None:
    if isinstance(error, AuthFailed):
        return "it does not accept the key (MJ_API_KEY, MJ_AUTH)"
    if isinstance(error, ServiceRefused) and error.kind is RefusalKind.NO_CREDIT:
        return "its account is out of credit"
    if isinstance(error, NotSent):
        return "cannot connect to it (MJ_API_URL)"
    return None
