"""The message of a notification: replies to the newest card and mentions its user; links lead to further cards. By
either it is recognized after a restart.

The bot posts it; where it cannot post, the token of one of the cards is used, at most once.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import discord

from bot.discord_api.errors import Remedy, remedy_of
from bot.discord_api.message_requests import REQUEST_SECONDS, post_text, webhook_of
from bot.discord_api.message_sender import MessageSender
from bot.i18n import DEFAULT, Translator
from storage import Message, Notification, Task, TaskState

log = logging.getLogger(__name__)

# How many messages after a card are searched for its notification.
SEARCHED = 300
_LINK = re.compile(r"https://discord\.com/channels/(?:\d+|@me)/\d+/(\d+)")
CANNOT_POST = (Remedy.OTHER_PLACE, Remedy.NEW_MESSAGE, Remedy.UNREACHABLE)


class Recipient(NamedTuple):
    """A user in a channel: their notifications there are sent together."""

    channel_id: int
    user_id: int


class EndedTask(NamedTuple):
    """A task whose user is notified, the card that shows its end, and all messages of the task."""

    waiting: Notification
    task: Task
    card: Message
    shown: Sequence[Message]


class Mentions:
    """Sends notifications."""

    def __init__(self, client: discord.Client, sender: MessageSender) -> None:
        self._client = client
        self._sender = sender

    async def send(self, ended: Sequence[EndedTask]) -> None:
        """Notifies a user of tasks whose cards are in one channel, with one message.

        Raises discord.HTTPException, TimeoutError, aiohttp.ClientError if another try can succeed.
        """
        ordered = sorted(ended, key=lambda each: each.card.message_id or 0)
        text, cards = _text(ordered), [each.card for each in ordered]
        async with asyncio.timeout(REQUEST_SECONDS):
            try:
                await self._reply(cards[-1], text, with_link=len(cards) == 1)
            except discord.HTTPException as error:
                if remedy_of(error) in CANNOT_POST:
                    # Without deduplication, an earlier try counts as sent.
                    await self._follow_up([each.card for each in ordered if not each.waiting.begun], text)
                elif not 400 <= error.status < 500 or error.status in (401, 429):
                    raise
                else:
                    log.info("task %s: cannot notify the user: %r", cards[-1].task_id, error)

    async def send_unsent(self, begun: Sequence[EndedTask]) -> None:
        """Sends what an earlier try did not send. Those of one try are one message again, with the same nonce. Raises
        the errors of `send`."""
        async with asyncio.timeout(REQUEST_SECONDS):
            unsent = await self._not_sent([ended.card for ended in begun])
        if unsent:
            await self.send([ended for ended in begun if ended.card in unsent])

    async def _not_sent(self, cards: Sequence[Message]) -> list[Message]:
        """The cards in one channel whose notification, a reply or a message with a link, is not below them."""
        first = min(card.message_id or 0 for card in cards)
        channel = self._client.get_partial_messageable(cards[0].channel_id or 0, guild_id=cards[0].guild_id)
        sent = set()
        try:
            async for message in channel.history(limit=SEARCHED, after=discord.Object(first)):
                if self._client.user and message.author.id == self._client.user.id:
                    sent |= {message.reference.message_id} if message.reference else set()
                    sent |= {int(found) for found in _LINK.findall(message.content)}
        except (discord.Forbidden, discord.NotFound) as error:
            log.debug("channel %s: cannot read its messages: %r", cards[0].channel_id, error)
        return [card for card in cards if card.message_id not in sent]

    async def _reply(self, card: Message, text: str, *, with_link: bool) -> None:
        """`with_link`: if it cannot be a reply, a link is added to the text."""
        there = _reference(card)
        post = partial(post_text, self._client, there.channel_id, mentions=_only(card.user_id), nonce=_nonce(card))
        try:
            await post(text, reply=there)
        except discord.HTTPException as error:
            if remedy_of(error) is not Remedy.WITHOUT_REPLY:
                raise
            await post(f"{text} {there.jump_url}" if with_link else text)

    async def _follow_up(self, cards: Sequence[Message], text: str) -> None:
        for card in reversed(cards):
            if card.token and self._sender.has_token(card):
                webhook = webhook_of(self._client, card.application_id, card.token)
                try:
                    await webhook.send(text, allowed_mentions=_only(card.user_id), wait=True)
                except discord.HTTPException as error:
                    log.info("task %s: cannot notify the user: %r", card.task_id, error)
                return
        log.info("cannot notify a user of %d tasks, the bot cannot post there", len(cards))


def _text(ended: Sequence[EndedTask]) -> str:
    newest = ended[-1].card
    t = Translator(newest.locale or DEFAULT)
    failed = sum(each.task.state is TaskState.FAILURE for each in ended)
    done = len(ended) - failed
    values: dict[str, object] = {"user": f"<@{newest.user_id}>"}
    if len(ended) == 1:
        return t("notification.failed" if failed else "notification.done", **values)
    values["links"] = " ".join(_reference(each.card).jump_url for each in ended)
    if failed and done:
        return t("notification.several_ended", done=done, failed=failed, **values)
    return t("notification.several_failed" if failed else "notification.several_done", count=len(ended), **values)


def _reference(card: Message) -> discord.MessageReference:
    return discord.MessageReference(
        message_id=card.message_id or 0, channel_id=card.channel_id or 0, guild_id=card.guild_id
    )


def _only(user_id: int) -> discord.AllowedMentions:
    return discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(user_id)], replied_user=False)


def _nonce(card: Message) -> str:
    return hashlib.blake2s(f"notify {card.task_id} {card.id}".encode(), digest_size=12).hexdigest()
