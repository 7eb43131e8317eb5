"""Which requests reach a handler at all: rate, requests at once, encodings and content types are checked here."""

from __future__ import annotations

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from bot.web.client_address import TrustedProxies
from bot.web.concurrency_limit import ConcurrencyLimit, TooManyAtOnce
from bot.web.connection_limit import MONITORING_PATHS
from bot.web.rate_limit import RETRY_SECONDS, RateLimit

JSON = "application/json"


def admission(rate: RateLimit, proxies: TrustedProxies, *, at_once: int) -> Middleware:
    """The middleware. A client may have `at_once` requests running; what monitoring asks for has no limit here."""
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
    """The answer to a client that has to wait."""
    return web.Response(status=429, headers={"Retry-After": str(RETRY_SECONDS)})


def _unsupported(request: web.Request) -> web.Response | None:
    """The answer to a body that no handler reads: a compressed one, or one that is not JSON by its type."""
    codings = _words(request, hdrs.CONTENT_ENCODING) - {"identity"}
    if codings or _words(request, hdrs.TRANSFER_ENCODING) - {"chunked"}:
        return web.Response(status=415, headers={"Accept-Encoding": "identity"})
    if request.method == hdrs.METH_POST and request.content_type != JSON:
        return web.Response(status=415, headers={"Accept-Post": JSON})
    return None


def _words(request: web.Request, header: str) -> set[str]:
    """The words of a list, from all headers of that name."""
    values = ",".join(request.headers.getall(header, ())).split(",")
    return {word for value in values if (word := value.strip().lower())}
