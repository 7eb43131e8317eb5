"""Admission of requests: checks rate, concurrent requests, encodings and content types before any handler runs."""

from __future__ import annotations

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from bot.net.untrusted_data import JSON_TYPE
from bot.web.client_address import TrustedProxies
from bot.web.concurrency_limit import ConcurrencyLimit, TooManyAtOnce
from bot.web.connection_limit import MONITORING_PATHS
from bot.web.rate_limit import RETRY_SECONDS, RateLimit


def admission(rate: RateLimit, proxies: TrustedProxies, *, at_once: int) -> Middleware:
    """Builds the middleware. A client may have `at_once` requests running; monitoring paths are not limited here."""
    running = ConcurrencyLimit[str](at_once)

    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method in (hdrs.METH_GET, hdrs.METH_HEAD) and request.path in MONITORING_PATHS:
            return _unsupported(request) or await handler(request)
        client = proxies.client(request.remote or "", request.headers.getall("X-Forwarded-For", ()))
        if not rate.admits(client):
            return too_many_requests()
        try:
            with running.running(client):
                response = _unsupported(request) or await handler(request)
        except TooManyAtOnce:
            return too_many_requests()
        if response.status >= 400:
            rate.refused(client)
        return response

    return admit


def too_many_requests() -> web.Response:
    """The answer to a client that exceeds a limit."""
    return web.Response(status=429, headers={"Retry-After": str(RETRY_SECONDS)})


def _unsupported(request: web.Request) -> web.Response | None:
    """Returns a 415 response for a compressed body, or for a POST whose content type is not JSON."""
    codings = _words(request, hdrs.CONTENT_ENCODING) - {"identity"}
    if codings or _words(request, hdrs.TRANSFER_ENCODING) - {"chunked"}:
        return web.Response(status=415, headers={"Accept-Encoding": "identity"})
    if request.method == hdrs.METH_POST and request.content_type != JSON_TYPE:
        return web.Response(status=415, headers={"Accept-Post": JSON_TYPE})
    return None


def _words(request: web.Request, header: str) -> set[str]:
    """Returns the lower-case items of a comma-separated header, from all headers with that name."""
    values = ",".join(request.headers.getall(header, ())).split(",")
    return {word for value in values if (word := value.strip().lower())}
