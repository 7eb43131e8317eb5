"""Refreshes links to attachments through Discord's API."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import discord
from discord.http import HTTPClient, Route

from bot.tasks.requests import DiscordUnreachable

log = logging.getLogger(__name__)

REFRESH_SECONDS = 8.0
# Discord's limit per request.
MOST_LINKS = 50


async def refresh_links(http: HTTPClient, links: Sequence[str]) -> Mapping[str, str]:
    """Maps old links to new ones, without those that Discord does not refresh. `http` must be logged in.

    Raises DiscordUnreachable if Discord does not answer in time.
    """
    try:
        async with asyncio.timeout(REFRESH_SECONDS):
            answer = await http.request(
                Route("POST", "/attachments/refresh-urls"), json={"attachment_urls": list(links[:MOST_LINKS])}
            )
    except discord.HTTPException as error:
        if error.status >= 500:
            raise DiscordUnreachable(f"HTTP {error.status}") from error
        log.warning("Discord did not refresh attachment links: %r", error)
        return {}
    # discord.py closes its session when the bot stops, and aiohttp then raises RuntimeError.
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, RuntimeError) as error:
        log.warning("cannot refresh attachment links now: %r", error)
        raise DiscordUnreachable(repr(error)) from error
    return dict(_pairs(answer))


def file_hosts(api_url: str) -> list[str]:
    """The hosts of attachments, besides Discord's own, if this is the URL of Discord's API."""
    address = urlsplit(api_url)
    return [] if (address.hostname or "").endswith("discord.com") else [address.netloc]


def _pairs(answer: Any) -> list[tuple[str, str]]:
    listed = answer.get("refreshed_urls") if isinstance(answer, dict) else None
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    pairs = [(entry.get("original"), entry.get("refreshed")) for entry in entries]
    return [(old, new) for old, new in pairs if isinstance(old, str) and isinstance(new, str) and new]
