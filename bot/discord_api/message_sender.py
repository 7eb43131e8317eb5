"""Sends and edits messages: through the interaction's token while it is valid by Discord's clock, afterwards through
the channel.

The module also has what tokens need: the clock, which is set from Discord's responses and decides how long they are
valid, and the session of the requests through them, acknowledgments included. `bot.discord_api.message_requests` says
why they do without discord.py's own methods.

Discord's errors are mapped to exceptions by the possible remedy (`bot.discord_api.message_refusals`). Errors that can
be retried are raised unchanged.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, NamedTuple

import aiohttp
import discord
from aiohttp.connector import Connection
from discord.http import MultipartParameters, handle_message_parameters, json_or_text
from discord.utils import MISSING
from discord.webhook.async_ import async_context
from yarl import URL

from bot.discord_api.channel_messages import ChannelMessages
from bot.discord_api.message_refusals import classify
from bot.discord_api.message_requests import NO_MENTIONS, REQUEST_SECONDS, Files, MessageLocation, SentMessage, View
from bot.net.untrusted_data import JSON_TYPE
from storage import Message, Route

log = logging.getLogger(__name__)

# A `Date` header has a resolution of one second, and a response takes some time to arrive.
RESOLUTION = 1.0
WARN_SECONDS = 30.0
# In place of an id: the message that was the response to the interaction (Discord's "Receiving and Responding to
# Interactions", "Followup Messages").
ORIGINAL: Any = "@original"
CONNECT_SECONDS = 30.0
# "Interaction Callback Type" 6.
_DEFER_UPDATE = b'{"type": 6}'
_JSON = {"Content-Type": JSON_TYPE}
_ERRORS: Mapping[int, type[discord.HTTPException]] = {
    HTTPStatus.FORBIDDEN: discord.Forbidden,
    HTTPStatus.NOT_FOUND: discord.NotFound,
}
# Channels whose newest messages are known.
MAX_CHANNELS = 1_000
# Above a message created by an interaction's token, Discord shows the user of that interaction.
_SHOWN_WITH_USER = (Route.ORIGINAL, Route.FOLLOWUP)


class DiscordClock:
    """Unix seconds by Discord's clock; by this machine's clock until Discord has responded.

    Times set by Discord are compared with it, never with this machine's clock. Between two responses it advances with
    the monotonic clock, so setting this machine's clock does not affect it.
    """

    def __init__(
        self, *, host: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._host = host
        self._monotonic = monotonic
        self._ahead_of_monotonic: float | None = None
        self._warned = False

    def now(self) -> float:
        """The current time by Discord's clock."""
        if self._ahead_of_monotonic is None:
            return self._host()
        return self._monotonic() + self._ahead_of_monotonic

    @property
    def is_set(self) -> bool:
        """Whether Discord's time is known."""
        return self._ahead_of_monotonic is not None

    @property
    def skew(self) -> float:
        """Seconds by which this machine's clock is ahead of Discord's; 0 until Discord has responded."""
        return self._host() - self.now()

    def correction(self) -> float:
        """Seconds to subtract from times of this machine's clock; 0 while the difference is small enough for
        display."""
        return self.skew if abs(self.skew) > WARN_SECONDS else 0.0

    def dated(self, header: str) -> None:
        """Updates the clock from the `Date` header of a response that has just arrived."""
        try:
            told = _seconds_of(header)
        except (ValueError, OverflowError):
            return
        # Keep the current value if it agrees with the header, because it may be more precise.
        if self._ahead_of_monotonic is None or not told - RESOLUTION <= self.now() <= told + 2 * RESOLUTION:
            self._ahead_of_monotonic = told + RESOLUTION / 2 - self._monotonic()

    def at_least(self, moment: float) -> None:
        """Updates the clock from a time that has passed by Discord's clock, such as that of a snowflake that has just
        arrived."""
        if moment > self.now():
            self._ahead_of_monotonic = moment - self._monotonic()

    def warn_if_skewed(self) -> None:
        """Logs once if this machine's clock is wrong by more than `WARN_SECONDS`."""
        if abs(self.skew) > WARN_SECONDS and not self._warned:
            self._warned = True
            log.warning("%s; using Discord's clock instead. Set this machine's clock with NTP", self.described())

    def described(self) -> str:
        """The difference of this machine's clock, as text."""
        if abs(self.skew) <= WARN_SECONDS:
            return "this machine's clock agrees with Discord's"
        way = "ahead of" if self.skew > 0 else "behind"
        return f"this machine's clock is {timedelta(seconds=round(abs(self.skew)))} {way} Discord's"

    def trace(self) -> aiohttp.TraceConfig:
        """A trace configuration with which a session reads the date of every response."""
        config = aiohttp.TraceConfig()

        async def ended(_: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
            if "Date" in end.response.headers:
                self.dated(end.response.headers["Date"])

        config.on_request_end.append(ended)
        return config


@functools.lru_cache(maxsize=2)  # all responses of one second have the same header
def _seconds_of(header: str) -> float:
    return parsedate_to_datetime(header).timestamp()


class TokenSession:
    """The session of requests through the tokens of interactions, responses to them included.

    It shares discord.py's connections, and does without the trace of discord.py's own session, which is called at each
    step of a request: the clock needs only the date of the response.
    """

    def __init__(self, client: discord.Client, dated: Callable[[str], None] | None = None) -> None:
        """`dated` receives the `Date` header of each response (`DiscordClock`)."""
        self._client = client
        self._response = aiohttp.ClientResponse if dated is None else _response_class(dated)
        self._session: aiohttp.ClientSession | None = None

    def opened(self) -> aiohttp.ClientSession:
        """The session. It ends with discord.py's connections, which a new login replaces."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=self._client.http.connector,
                connector_owner=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                response_class=self._response,
            )
            # It owns no connections, so there is nothing to close and await.
            weakref.finalize(self, self._session.detach)
        return self._session

    async def defer_update(self, interaction: discord.Interaction[Any]) -> None:
        """Acknowledges a press of a component: the same as `defer()` of its response, without the models that
        discord.py builds before and after the request. Raises the errors of `defer()`."""
        http = self._client.http
        # Its id is a number, and its token was checked to be safe in a URL.
        url = URL(f"{discord.http.Route.BASE}/interactions/{interaction.id}/{interaction.token}/callback", encoded=True)
        async with self.opened().post(
            url, data=_DEFER_UPDATE, headers=_JSON, proxy=http.proxy, proxy_auth=http.proxy_auth
        ) as answer:
            if answer.status < HTTPStatus.MULTIPLE_CHOICES:
                # `defer()` sets it, and there is no public way (2.7.1, interactions.py).
                interaction.response._response_type = discord.InteractionResponseType.deferred_message_update
                return
            if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status != HTTPStatus.TOO_MANY_REQUESTS:
                kind = _ERRORS.get(answer.status, discord.HTTPException)
                raise kind(answer, await json_or_text(answer))
        # discord.py waits and repeats the request as long as Discord asks for that or has an error of its own.
        await interaction.response.defer()


def _response_class(dated: Callable[[str], None]) -> type[aiohttp.ClientResponse]:
    class DatedResponse(aiohttp.ClientResponse):
        """Reports its date when its headers have arrived."""

        async def start(self, connection: Connection) -> aiohttp.ClientResponse:
            response = await super().start(connection)
            if date := self.headers.get("Date"):
                dated(date)
            return response

    return DatedResponse


class TokenRequests:
    """Posts and edits messages through the tokens of interactions. The caller limits the time."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._session = TokenSession(client)

    async def post(self, application_id: int, token: str, view: View, files: Files) -> SentMessage:
        """Posts a message through an interaction's token. Raises the errors of `message_requests.post`."""
        with handle_message_parameters(view=view, files=files, allowed_mentions=NO_MENTIONS) as params:
            answer = await async_context.get().execute_webhook(
                application_id, token, wait=True, **self._sent_with(params)
            )
        return _sent(answer)

    async def edit(
        self, application_id: int, token: str, message_id: int, view: View, files: Files | None
    ) -> SentMessage:
        """Edits a message through an interaction's token. `files` and the errors are those of
        `message_requests.edit`."""
        replacing: Any = MISSING if files is None else files
        with handle_message_parameters(view=view, attachments=replacing, allowed_mentions=NO_MENTIONS) as params:
            answer = await async_context.get().edit_webhook_message(
                application_id, token, message_id, **self._sent_with(params)
            )
        return _sent(answer)

    def _sent_with(self, params: MultipartParameters) -> dict[str, Any]:
        """What both kinds of requests are sent with."""
        return {
            "session": self._session.opened(),
            "proxy": self._client.http.proxy,
            "payload": params.payload,
            "multipart": params.multipart,
            "files": params.files,
            "with_components": True,
        }


def _sent(answer: Any) -> SentMessage:
    return SentMessage(int(answer["id"]), int(answer["channel_id"]))


class _Post(NamedTuple):
    message_id: int
    user_id: int


class RecentPosts:
    """The newest messages that the bot itself created in each channel, and the users that they belong to.

    Keeps two messages a channel: the newest one, and the newest one that belongs to another user than that.
    """

    def __init__(self) -> None:
        self._newest: OrderedDict[int, tuple[_Post, ...]] = OrderedDict()

    def add(self, channel_id: int, message_id: int, user_id: int) -> None:
        """Records a message in a channel, new or known, which Discord shows with this user's name."""
        known = self._newest.get(channel_id, ())
        if (message_id, user_id) in known:
            self._newest.move_to_end(channel_id)
            return
        of_user = {post.user_id: post for post in known}
        if user_id not in of_user or of_user[user_id].message_id < message_id:
            of_user[user_id] = _Post(message_id, user_id)
        newest = sorted(of_user.values(), key=lambda post: post.message_id, reverse=True)
        self._newest[channel_id] = tuple(newest[:2])
        self._newest.move_to_end(channel_id)
        if len(self._newest) > MAX_CHANNELS:
            self._newest.popitem(last=False)

    def forget(self, channel_id: int, message_id: int) -> None:
        """Forgets a message that was deleted."""
        kept = tuple(post for post in self._newest.get(channel_id, ()) if post.message_id != message_id)
        if channel_id in self._newest:
            self._newest[channel_id] = kept

    def has_of_others(self, channel_id: int, user_id: int, *, after: int) -> bool:
        """Whether a message of another user than this one is known to be below the message with the id `after`."""
        return any(post.user_id != user_id and post.message_id > after for post in self._newest.get(channel_id, ()))


class MessageSender:
    """Sends and edits messages.

    Raises MessageRefused, discord.HTTPException, TimeoutError, aiohttp.ClientError.
    """

    def __init__(self, client: discord.Client, *, now: Callable[[], float] = time.time) -> None:
        """`now`: the time by Discord's clock, which determines when tokens expire."""
        self.channels = ChannelMessages(client)
        self._tokens = TokenRequests(client)
        self._now = now
        self.posts = RecentPosts()

    def has_token(self, message: Message) -> bool:
        """Whether the message has a valid interaction token. Tokens have their own rate limits."""
        return bool(message.token) and message.token_ends_at > self._now()

    async def upsert(
        self,
        message: Message,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
        *,
        reply_to: int | None = None,
        replaces: int | None = None,
    ) -> MessageLocation:
        """Creates or edits the message. `files` replace the current attachments; None keeps them.

        A new message in a channel replies to the message `reply_to`. (Through a token, Discord itself makes it a reply
        to the interaction's message.) `replaces`: the id of the message that a new one replaces.
        """
        async with asyncio.timeout(REQUEST_SECONDS):
            try:
                if message.token and self.has_token(message):
                    return await self._by_token(message, message.token, view, files)
            except discord.HTTPException as error:
                if not await self.channels.takes_over(message, error):
                    raise classify(error, message) from error
                for file in files or ():
                    file.reset()
            try:
                return await self.channels.upsert(message, view, files, reply_to=reply_to, replaces=replaces)
            except discord.HTTPException as error:
                raise classify(error, message) from error

    async def _by_token(
        self,
        message: Message,
        token: str,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] | None,
    ) -> MessageLocation:
        if message.message_id is None:
            sent = await self._tokens.post(message.application_id, token, view, files or ())
        else:
            sent = await self._tokens.edit(message.application_id, token, message.message_id, view, files)
        if message.route in _SHOWN_WITH_USER:
            self.posts.add(sent.channel_id, sent.id, message.user_id)
        return MessageLocation(sent.id, sent.channel_id, by_token=True)
