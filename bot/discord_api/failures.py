"""Classifies failures of the connection to Discord: an outage, which passes, or a refusal, which requires an action of
the operator.

No text here repeats a URL or an exception's message: with a proxy, both may contain a password.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

import aiohttp
import discord

from bot.discord_api.errors import INVALID_API_VERSION

# Discord's "Gateway Close Event Codes" after which the same connection attempt fails again.
AUTHENTICATION_FAILED, INVALID_SHARD, SHARDING_REQUIRED, INVALID_VERSION = 4004, 4010, 4011, 4012
INVALID_INTENTS, DISALLOWED_INTENTS = 4013, 4014

# In seconds. Cloudflare extends a block with every request made during it.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
BLOCKED_PAUSE, BLOCKED_LONGEST = 60.0, 900.0
LONGEST_RETRY_AFTER = 3600.0


class Reason(Enum):
    """Why Discord cannot be used until the operator acts."""

    TOKEN = auto()
    ADDRESS = auto()
    PROXY = auto()
    INTENTS = auto()
    SHARDS = auto()
    VERSION = auto()
    APPLICATION = auto()


_TEXTS = {
    Reason.TOKEN: "Discord rejects DISCORD_TOKEN: copy the token again from the developer portal",
    Reason.ADDRESS: "DISCORD_API_URL does not lead to Discord's API: correct or remove it",
    Reason.PROXY: "the proxy rejects the user name and password: correct HTTPS_PROXY or HTTP_PROXY",
    Reason.INTENTS: (
        "Discord rejects the bot's gateway intents (close code 4013 or 4014): update the bot;"
        " it needs no privileged intent"
    ),
    Reason.SHARDS: (
        "Discord requires another number of shards (close code 4010 or 4011): restart the bot, it asks for the number"
        " at each start"
    ),
    Reason.VERSION: "Discord no longer accepts this API version: update the bot",
    Reason.APPLICATION: "Discord rejects this application: check it in the developer portal",
}


class DiscordRefusal(Exception):
    """Waiting does not help; the text says what happened and what to do."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(_TEXTS[reason] + (f" ({detail})" if detail else ""))
        self.reason = reason


class OddAnswer(Exception):
    """A response that cannot come from Discord."""


class NoSessionStarts(OSError):
    """No session may be started for now. An OSError, because discord.py treats that as a temporary failure."""


class Outage(NamedTuple):
    """A temporary failure. `pause`: seconds before the next attempt, doubled after each failure up to `longest`."""

    text: str
    pause: float = FIRST_PAUSE
    longest: float = LONGEST_PAUSE


Failure = Outage | DiscordRefusal

_BY_CLOSE_CODE = {
    AUTHENTICATION_FAILED: Reason.TOKEN,
    INVALID_SHARD: Reason.SHARDS,
    SHARDING_REQUIRED: Reason.SHARDS,
    INVALID_VERSION: Reason.VERSION,
    INVALID_INTENTS: Reason.INTENTS,
    DISALLOWED_INTENTS: Reason.INTENTS,
}


def judged(error: BaseException) -> Failure | None:
    """Classifies an exception; None if it is a defect and not a failure of the connection."""
    if isinstance(error, discord.GatewayNotFound) and error.__cause__ is not None:
        error = error.__cause__
    return next((judge(error) for kind, judge in _JUDGES if isinstance(error, kind)), None)


def _login(_: BaseException) -> Failure:
    return DiscordRefusal(Reason.TOKEN)


def _intents(_: BaseException) -> Failure:
    return DiscordRefusal(Reason.INTENTS)


def _closed(error: BaseException) -> Failure:
    code = error.code if isinstance(error, discord.ConnectionClosed) else 0
    reason = _BY_CLOSE_CODE.get(code)
    return DiscordRefusal(reason) if reason else Outage(f"the gateway closed the connection (code {code})")


def _http(error: BaseException) -> Failure | None:
    if not isinstance(error, discord.HTTPException):
        return None
    if error.status == 401:
        return DiscordRefusal(Reason.TOKEN)
    if error.status == 407:
        return DiscordRefusal(Reason.PROXY)
    if error.status == 429 or (error.status == 403 and _is_page(error)):
        pause = _retry_after(error)
        text = f"Discord blocks this machine's IP address for now (HTTP {error.status})"
        return Outage(text, pause or BLOCKED_PAUSE, max(pause or 0.0, BLOCKED_LONGEST))
    if error.status >= 500:
        return Outage(f"Discord is unavailable (HTTP {error.status})")
    return _refused(error)


def _refused(error: discord.HTTPException) -> Failure | None:
    if error.code == INVALID_API_VERSION:
        return DiscordRefusal(Reason.VERSION)
    if error.status == 403:
        return DiscordRefusal(Reason.APPLICATION, f"code {error.code}")
    if error.code == 0 and error.status in (400, 404, 405):
        return DiscordRefusal(Reason.ADDRESS, f"HTTP {error.status}")
    return None


def _is_page(error: discord.HTTPException) -> bool:
    """Whether the response comes from a server in front of Discord. Discord's own responses are JSON."""
    return "json" not in error.response.headers.get("Content-Type", "")


def _retry_after(error: discord.HTTPException) -> float | None:
    header = error.response.headers.get("Retry-After", "")
    return min(float(header), LONGEST_RETRY_AFTER) if header.isdigit() and int(header) else None


def _proxy_answer(error: BaseException) -> Failure:
    status = error.status if isinstance(error, aiohttp.ClientHttpProxyError) else 0
    if status == 407:
        return DiscordRefusal(Reason.PROXY)
    return Outage(f"the proxy cannot connect to Discord (HTTP {status})")


def _unreachable(error: BaseException) -> Failure:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    words = getattr(cause, "strerror", None) or type(cause).__name__
    return Outage(f"Discord cannot be reached ({words})")


_JUDGES: tuple[tuple[type[BaseException], Callable[[BaseException], Failure | None]], ...] = (
    (DiscordRefusal, lambda error: error if isinstance(error, DiscordRefusal) else None),
    (discord.LoginFailure, _login),
    (discord.PrivilegedIntentsRequired, _intents),
    (discord.ConnectionClosed, _closed),
    (discord.HTTPException, _http),
    (aiohttp.ClientHttpProxyError, _proxy_answer),
    (aiohttp.ClientProxyConnectionError, lambda _: Outage("the proxy cannot be reached (HTTPS_PROXY, HTTP_PROXY)")),
    (
        aiohttp.ClientSSLError,
        lambda _: Outage("no secure connection to Discord: check this machine's clock and any proxy"),
    ),
    (aiohttp.ClientConnectorDNSError, lambda _: Outage("Discord's host name cannot be resolved")),
    (NoSessionStarts, lambda _: Outage("no session starts left at Discord")),
    (TimeoutError, lambda _: Outage("Discord does not answer in time")),
    (OddAnswer, lambda _: Outage("something other than Discord answers: a sign-in page or a proxy")),
    (aiohttp.ClientConnectorError, _unreachable),
    (aiohttp.ClientError, lambda _: Outage("the connection to Discord was lost")),
    (OSError, _unreachable),
)
