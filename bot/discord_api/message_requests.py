"""Creates and edits messages through discord.py's HTTP layer.

discord.py's own methods (`PartialMessage.edit`, `Messageable.send`, `Webhook.send`, `Webhook.edit_message`) build a
model of the whole message from every answer, with all its components, and register the components for dispatch. The bot
needs two ids of an answer, and recognizes components itself. The names that are used here belong to discord.py's
modules `http` and `webhook.async_`; they are not documented, but not private. The requests are the same as those of the
documented methods, which a test compares.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import aiohttp
import discord
from aiohttp.connector import Connection
from discord.http import MultipartParameters, Route, handle_message_parameters, json_or_text
from discord.utils import MISSING
from discord.webhook.async_ import async_context
from yarl import URL

View = discord.ui.LayoutView
Files = Sequence[discord.File]

# In place of an id: the message that was the response to the interaction (Discord's "Receiving and Responding to
# Interactions", "Followup Messages").
ORIGINAL: Any = "@original"
NO_MENTIONS = discord.AllowedMentions.none()
CONNECT_SECONDS = 30.0
# "Interaction Callback Type" 6.
_DEFER_UPDATE = {"type": 6}
_ERRORS: Mapping[int, type[discord.HTTPException]] = {
    HTTPStatus.FORBIDDEN: discord.Forbidden,
    HTTPStatus.NOT_FOUND: discord.NotFound,
}


class SentMessage(NamedTuple):
    """The ids of a message and of its channel."""

    id: int
    channel_id: int


async def post(
    client: discord.Client, channel_id: int, view: View, files: Files, *, nonce: str, reply_to: int | None = None
) -> SentMessage:
    """Posts a message in a channel, as a reply if `reply_to` is the id of an existing message there. Raises
    discord.HTTPException and the errors of the connection."""
    replied: Any = MISSING
    if reply_to is not None:
        reference = discord.MessageReference(message_id=reply_to, channel_id=channel_id, fail_if_not_exists=False)
        replied = reference.to_message_reference_dict()
    with handle_message_parameters(
        content=None,
        view=view,
        files=files,
        allowed_mentions=NO_MENTIONS,
        nonce=nonce,
        message_reference=replied,
    ) as params:
        answer = await client.http.send_message(channel_id, params=params)
    return SentMessage(int(answer["id"]), int(answer["channel_id"]))


async def post_text(
    client: discord.Client,
    channel_id: int,
    text: str,
    *,
    mentions: discord.AllowedMentions,
    nonce: str,
    reply: discord.MessageReference | None = None,
) -> None:
    """Posts a text in a channel, as a reply that does not mention the author of the other message if `reply` is given.
    Raises the errors of `post`."""
    with handle_message_parameters(
        content=text,
        view=None,
        allowed_mentions=mentions,
        mention_author=None if reply is None else False,
        nonce=nonce,
        message_reference=MISSING if reply is None else reply.to_message_reference_dict(),
    ) as params:
        await client.http.send_message(channel_id, params=params)


async def edit(client: discord.Client, channel_id: int, message_id: int, view: View, files: Files | None) -> None:
    """Edits a message of the bot. `files` replace the current attachments; None keeps them. Raises the errors of
    `post`."""
    replacing: Any = MISSING if files is None else files
    with handle_message_parameters(view=view, attachments=replacing, allowed_mentions=NO_MENTIONS) as params:
        await client.http.edit_message(channel_id, message_id, params=params)


class TokenSession:
    """The session of requests through the tokens of interactions, responses to them included.

    It shares discord.py's connections, and does without the trace of discord.py's own session, which is called at each
    step of a request: the clock needs only the date of the response.
    """

    def __init__(self, client: discord.Client, dated: Callable[[str], None] | None = None) -> None:
        """`dated` receives the `Date` header of each response (`bot.discord_api.clock`)."""
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
        url = URL(f"{Route.BASE}/interactions/{interaction.id}/{interaction.token}/callback", encoded=True)
        async with self.opened().post(url, json=_DEFER_UPDATE, proxy=http.proxy, proxy_auth=http.proxy_auth) as answer:
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
        """Posts a message through an interaction's token. Raises the errors of `post`."""
        with handle_message_parameters(view=view, files=files, allowed_mentions=NO_MENTIONS) as params:
            answer = await async_context.get().execute_webhook(
                application_id, token, wait=True, **self._sent_with(params)
            )
        return _sent(answer)

    async def edit(
        self, application_id: int, token: str, message_id: int, view: View, files: Files | None
    ) -> SentMessage:
        """Edits a message through an interaction's token. `files` are those of `edit`. Raises the errors of `post`."""
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


def webhook_of(client: discord.Client, application_id: int, token: str) -> discord.Webhook:
    """The webhook of an interaction, with the client's session and proxy. discord.py's `partial` ignores the proxy
    (2.7.1)."""
    webhook = discord.Webhook.partial(application_id, token, client=client)
    webhook.proxy = client.http.proxy
    return webhook


def _sent(answer: Any) -> SentMessage:
    return SentMessage(int(answer["id"]), int(answer["channel_id"]))
