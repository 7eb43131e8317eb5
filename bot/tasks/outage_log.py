"""Outages that only the operator can fix: logged once at the start and once at the end."""

from __future__ import annotations

import logging

from bot.engines.errors import AuthFailed, EngineError, NotSent, RefusalKind, ServiceRefused, Unsuitable
from bot.engines.models import ServiceLabel

log = logging.getLogger(__name__)


class OutageLog:
    """Remembers the outage that was logged for each service, so that repeated failures do not repeat the log line."""

    def __init__(self) -> None:
        self._logged: dict[ServiceLabel, str] = {}

    def seen(self, error: EngineError, service: ServiceLabel) -> None:
        """Records a failed request."""
        trouble = _outage(error, service)
        if trouble and trouble != self._logged.get(service):
            log.error("%s is unavailable: %s", service.name, trouble)
            self._logged[service] = trouble

    def over(self, service: ServiceLabel) -> None:
        """Records a successful request."""
        if self._logged.pop(service, None):
            log.info("%s is available again", service.name)


def _outage(error: EngineError, service: ServiceLabel) -> str | None:
    if isinstance(error, AuthFailed):
        return f"it does not accept the key ({service.key_settings})"
    if isinstance(error, ServiceRefused) and error.kind is RefusalKind.NO_CREDIT:
        return "its account is out of credit"
    if isinstance(error, NotSent) and not isinstance(error, Unsuitable):
        return f"cannot connect to it ({service.url_setting})"
    return None
