"""Links to Discord attachments in requests. Each is signed and expires a day after Discord issued it; it can be
refreshed."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from bot.tasks.errors import UserError
from storage import InputImage, Request

log = logging.getLogger(__name__)

# Discord's documentation, "API Reference", "Signed Attachment CDN URLs".
HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
# A task may wait in a queue before the image service downloads its links.
SPARE_SECONDS = 3600.0
# Limits for the refusal's text, which must fit into an ephemeral message and into the task's card.
MAX_SHOWN, MOST_SHOWN = 120, 4

Refresh = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]


class DiscordUnreachable(Exception):
    """Discord does not answer: no link can be refreshed, and it is unknown which links can be refreshed later."""


class AttachmentLinks:
    """Refreshes links to Discord attachments that have expired or expire soon."""

    def __init__(
        self,
        refresh: Refresh,
        now: Callable[[], float],
        hosts: Collection[str] = (),
        *,
        time_is_known: Callable[[], bool] = lambda: True,
    ) -> None:
        """`refresh` maps old links to new ones, omits links that cannot be refreshed, and raises DiscordUnreachable.
        `now` returns unix seconds by Discord's clock, or by this machine's until `time_is_known`. `hosts` are
        attachment hosts in addition to Discord's own."""
        names = "|".join(re.escape(host) for host in (*HOSTS, *hosts))
        self._pattern = re.compile(
            rf"https?://(?:{names})/(?:ephemeral-)?attachments/\d+/\d+/[^\s<>\"'`|{{}},]+", re.IGNORECASE
        )
        self._refresh = refresh
        self._now = now
        self._time_is_known = time_is_known

    def unsigned(self, text: str) -> str:
        """The text with the signatures removed from its attachment links, so that it is the same before and after a
        refresh."""
        return self._pattern.sub(lambda match: match[0].partition("?")[0], text)

    def same(self, one: Request, other: Request) -> bool:
        """Whether two requests are equal apart from the signatures of their attachment links."""
        return self._without_signatures(one) == self._without_signatures(other)

    def _without_signatures(self, request: Request) -> Request:
        return dataclasses.replace(
            request,
            prompt=self.unsigned(request.prompt),
            window_prompt=self.unsigned(request.window_prompt) if request.window_prompt else request.window_prompt,
            link=self.unsigned(request.link) if request.link else request.link,
        )

    async def refreshed(self, request: Request, *, patient: bool = False) -> Request:
        """The request with links that stay valid for at least `SPARE_SECONDS`, as far as they can be refreshed.

        Raises UserError, which names the links that have expired and cannot be refreshed. With `patient`, raises
        DiscordUnreachable instead if Discord does not answer, because a later attempt may succeed.
        """
        texts = (request.prompt, request.window_prompt or "", request.link or "")
        links = dict.fromkeys(link for text in texts for link in self._pattern.findall(text))
        if not links:
            return request
        if patient and not self._time_is_known():
            # By this machine's clock, a link that has expired may look valid.
            raise DiscordUnreachable("Discord's time is not known yet")
        now = self._now()
        ending = [link for link in links if ends_at(link) <= now + SPARE_SECONDS]
        if not ending:
            return request
        try:
            fresh = await self._refresh(ending)
        except DiscordUnreachable:
            if patient and any(ends_at(link) <= now for link in ending):
                raise
            fresh = {}
        ended = [link for link in ending if link not in fresh and ends_at(link) <= now]
        if ended:
            log.info("%d expired Discord attachment links cannot be refreshed", len(ended))
            shown = [_shown(link) for link in ended[:MOST_SHOWN]] + ["…"] * (len(ended) > MOST_SHOWN)
            raise UserError("link_ended", reason=", ".join(shown))

        def replaced(text: str) -> str:
            return self._pattern.sub(lambda match: fresh.get(match[0], match[0]), text)

        return dataclasses.replace(
            request,
            prompt=replaced(request.prompt),
            window_prompt=request.window_prompt and replaced(request.window_prompt),
            link=request.link and replaced(request.link),
        )

    async def fresh_images(self, images: Sequence[InputImage]) -> Sequence[InputImage]:
        """The images with URLs that stay valid for at least `SPARE_SECONDS`, as far as they can be refreshed. An
        expired URL is left out."""
        now = self._now()
        urls = dict.fromkeys(image.url for image in images if image.url and self._pattern.fullmatch(image.url))
        ending = [url for url in urls if ends_at(url) <= now + SPARE_SECONDS]
        try:
            fresh = await self._refresh(ending) if ending else {}
        except DiscordUnreachable:
            fresh = {}

        def current(url: str | None) -> str | None:
            expired = url in ending and ends_at(url) <= now
            return fresh.get(url, None if expired else url) if url else None

        return [dataclasses.replace(image, url=current(image.url)) for image in images]

    async def current(self, url: str) -> str:
        """The URL, refreshed if it is an attachment link that has expired and can be refreshed."""
        if not self._pattern.fullmatch(url) or ends_at(url) > self._now():
            return url
        try:
            return (await self._refresh([url])).get(url, url)
        except DiscordUnreachable:
            return url


def ends_at(link: str) -> float:
    """When an attachment link expires, in unix seconds; 0 for an unsigned link."""
    signed = parse_qs(urlsplit(link).query)
    if not {"ex", "is", "hm"} <= signed.keys():
        return 0.0
    try:
        return float(int(signed["ex"][0], 16))
    except (ValueError, OverflowError):
        return 0.0


def _shown(link: str) -> str:
    return link.partition("://")[2].partition("?")[0][:MAX_SHOWN]
