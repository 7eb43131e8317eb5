"""What is done when Discord refuses a message: another place, a new message, smaller pictures, or giving it up."""

from __future__ import annotations

import logging

from bot.ui.message_sender import Malformed, MessageSender, PlaceLost, Refused, TooLarge, Unreachable
from bot.ui.pace import Pace
from bot.ui.showing import Job
from storage import Message, Route, Store, Task

log = logging.getLogger(__name__)

# In bytes: what every place takes, and below which no picture is worth showing.
DIRECT_LIMIT = 10_000_000
LEAST_LIMIT = 250_000
# A channel that does not take a message is not tried again for every percent (Discord counts refused requests).
REFUSED_SECONDS = 60.0


class Fallbacks:
    """Changes the stored message, and its job, so that the next try goes another way.

    Every method raises StorageError, and what `MessageSender.direct_channel` raises besides Unreachable.
    """

    def __init__(self, store: Store, sender: MessageSender, pace: Pace) -> None:
        self._store = store
        self._sender = sender
        self._pace = pace

    def take_note(self, job: Job, message: Message, task: Task) -> None:
        """Running messages count for the pace of their channel; those that have ended do not."""
        if task.state.settled:
            self._pace.ended(job.row_id)
        else:
            self._pace.shown(job.row_id, message.channel_id)

    async def after(self, refusal: Refused, job: Job, message: Message, task: Task) -> None:
        """Goes on after a refusal."""
        match refusal:
            case Unreachable():
                log.warning("message row %d cannot be reached any more: %s", job.row_id, refusal)
                await self._store.messages.lose(job.row_id)
                self._pace.ended(job.row_id)
                return
            case PlaceLost():
                await self._go_elsewhere(refusal, job, message, task)
                return
            case TooLarge():
                await self._go_smaller(refusal, job, message, task)
            case Malformed():
                # The same would be refused again; the next change may not be.
                log.error("message row %d is not taken: %s", job.row_id, refusal)
                await self._give_up(message, task)
        self.take_note(job, message, task)

    async def address_copy(self, job: Job, message: Message) -> None:
        """A copy for its asker's direct messages has no channel yet; it is not needed where the task is shown there."""
        try:
            channel_id = await self._sender.direct_channel(message.user_id)
        except Unreachable as error:
            log.warning("message row %d cannot be reached any more: %s", job.row_id, error)
            await self._store.messages.lose(job.row_id)
            return
        others = await self._store.messages.showing(message.task_id)
        if any(other.channel_id == channel_id for other in others if other.id != message.id):
            await self._store.messages.lose(message.id)
            return
        limit = min(message.upload_limit, DIRECT_LIMIT)
        await self._store.messages.redirect(message.id, channel_id=channel_id, upload_limit=limit, route=Route.DIRECT)
        _again(job)

    async def _go_elsewhere(self, lost: PlaceLost, job: Job, message: Message, task: Task) -> None:
        """A message's place does not take it any more: what its asker waits for is shown where it can be."""
        if not task.state.settled:
            self._pace.shown(job.row_id, message.channel_id, rest=REFUSED_SECONDS)
            log.info("message row %d: %s; its end will be shown where it can be", message.id, lost)
        elif message.shown_version >= task.version:
            log.info("message row %d: %s; it showed the end already", message.id, lost)
        elif lost.channel_takes_new:
            log.info("message row %d: %s; a new one is sent", message.id, lost)
            await self._store.messages.forget_place(message.id)
            _again(job)
        else:
            await self._redirect(lost, job, message)

    async def _redirect(self, lost: PlaceLost, job: Job, message: Message) -> None:
        try:
            channel_id = await self._sender.direct_channel(message.user_id)
        except Unreachable as error:
            log.warning("message row %d: %s, and its asker cannot be written to: %s", message.id, lost, error)
            await self._store.messages.lose(message.id)
            return
        log.info("message row %d: %s; it goes to its asker directly", message.id, lost)
        limit = min(message.upload_limit, DIRECT_LIMIT)
        await self._store.messages.redirect(message.id, channel_id=channel_id, upload_limit=limit)
        job.standing = None
        _again(job)

    async def _give_up(self, message: Message, task: Task) -> None:
        """What Discord does not take of a task that has ended is not tried again at the next start."""
        if task.state.final:
            await self._store.messages.give_up(message.id)

    async def _go_smaller(self, error: TooLarge, job: Job, message: Message, task: Task) -> None:
        limit = min(message.upload_limit, 2 * DIRECT_LIMIT) // 2
        if limit < LEAST_LIMIT:
            log.error("message row %d: however small its pictures are: %s", message.id, error)
            await self._give_up(message, task)
            return
        log.info("message row %d: %s; its pictures are made to fit %d bytes", message.id, error, limit)
        job.upload_limit = limit
        _again(job)


def _again(job: Job) -> None:
    job.wanted = job.urgent = True
