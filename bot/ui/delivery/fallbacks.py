"""Reactions to a message that Discord refuses: another channel, a new message, smaller images, or no further tries."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.discord_api.errors import MessagePart
from bot.discord_api.message_refusals import (
    ChannelUnavailable,
    MessageRefused,
    MessageTooLarge,
    PartRefused,
    UnexplainedRefusal,
    Unreachable,
)
from bot.discord_api.message_sender import MessageSender
from bot.tasks.task_updates import DM_UPLOAD_LIMIT
from bot.ui.delivery.card_updater import CardUpdater, UpdateJob
from bot.ui.delivery.edit_scheduler import ProgressThrottle
from storage import Message, Route, Store, Task, TaskState

log = logging.getLogger(__name__)

# Bytes. With a lower limit, images are too small to be useful.
LEAST_LIMIT = 250_000
# Pause before the next progress edit in a channel that refuses a message: Discord counts refused requests.
REFUSED_SECONDS = 60.0
# How often a refusal without a known reason, and a server error on one message, are tried again before the fallback
# applies.
UNEXPLAINED, SERVER_ERRORS = 3, 3


class Fallbacks:
    """Changes the stored message and its job so that the next try takes another way.

    Every method raises StorageError, and what `ChannelMessages.direct_channel` raises, except Unreachable.
    """

    def __init__(self, store: Store, sender: MessageSender, showing: CardUpdater, pace: ProgressThrottle) -> None:
        self._store = store
        self._sender = sender
        self._showing = showing
        self._pace = pace

    async def after_server_error(self, job: UpdateJob, message: Message, task: Task) -> bool:
        """Replaces a message that Discord answers with a server error on every edit. Returns whether it is replaced."""
        if message.message_id is None or not task.state.settled or message.shows(task):
            return False
        job.server_errors += 1
        if job.server_errors < SERVER_ERRORS:
            return False
        log.warning("message row %d: Discord fails on every edit; sending a new message", message.id)
        job.replaces, job.location, job.maybe_sent = message.message_id, None, False
        await self._store.messages.detach(message.id, keep_token=True)
        again(job)
        return True

    async def after(self, refusal: MessageRefused, job: UpdateJob, message: Message, task: Task) -> None:
        """Applies the fallback for a refusal."""
        match refusal:
            case Unreachable():
                log.warning("message row %d: unreachable, giving up: %s", job.row_id, refusal)
                await self._store.messages.mark_unreachable(job.row_id)
                self._showing.forget(job)
            case ChannelUnavailable():
                await self._go_elsewhere(refusal, job, message, task)
            case MessageTooLarge():
                await self._go_smaller(refusal, job, message, task)
            case PartRefused():
                await self._leave_out(refusal, job, message, task)
            case UnexplainedRefusal() if job.unexplained < UNEXPLAINED - 1 and isinstance(refusal.__cause__, Exception):
                job.unexplained += 1
                raise refusal.__cause__  # the caller retries this error
            case _:
                await self._give_up(refusal, job, message, task)

    async def address_copy(self, job: UpdateJob, message: Message) -> None:
        """Gives a direct message copy its channel. The copy is dropped if the task is already shown in that channel."""
        try:
            channel_id = await self._sender.channels.direct_channel(message.user_id)
        except Unreachable as error:
            log.warning("message row %d: unreachable, giving up: %s", job.row_id, error)
            await self._store.messages.mark_unreachable(job.row_id)
            return
        others = await self._store.messages.for_task(message.task_id)
        if any(other.channel_id == channel_id for other in others if other.id != message.id):
            await self._store.messages.mark_unreachable(message.id)
            return
        limit = min(message.upload_limit, DM_UPLOAD_LIMIT)
        await self._store.messages.redirect(message.id, channel_id=channel_id, upload_limit=limit, route=Route.DIRECT)
        again(job)

    async def _go_elsewhere(self, lost: ChannelUnavailable, job: UpdateJob, message: Message, task: Task) -> None:
        """Sends the result to another place if the message's own place no longer accepts it."""
        if not task.state.settled:
            self._pace.shown(job.row_id, message.channel_id, rest=REFUSED_SECONDS)
            log.info("message row %d: %s; the result will be sent elsewhere", message.id, lost)
        elif message.shows(task):
            log.info("message row %d: %s; it already showed the result", message.id, lost)
        elif lost.channel_takes_new:
            log.info("message row %d: %s; sending a new message", message.id, lost)
            job.replaces, job.location = message.message_id, None
            await self._store.messages.detach(message.id)
            again(job)
        else:
            await self._redirect(lost, job, message)

    async def _redirect(self, lost: ChannelUnavailable, job: UpdateJob, message: Message) -> None:
        try:
            channel_id = await self._sender.channels.direct_channel(message.user_id)
        except Unreachable as error:
            log.warning("message row %d: %s; the user cannot be sent a direct message: %s", message.id, lost, error)
            await self._store.messages.mark_unreachable(message.id)
            self._showing.forget(job)
            return
        log.info("message row %d: %s; sending the user a direct message", message.id, lost)
        limit = min(message.upload_limit, DM_UPLOAD_LIMIT)
        await self._store.messages.redirect(message.id, channel_id=channel_id, upload_limit=limit)
        job.location = None
        again(job)

    async def _leave_out(self, refused: PartRefused, job: UpdateJob, message: Message, task: Task) -> None:
        """Leaves out the part of the card that Discord rejects. If Discord did not name it, the parts are left out one
        by one."""
        out = self._showing.left_out_of(job)
        left = [part for part in _parts_of(task) if part not in out]
        if refused.part is MessagePart.WORDS and refused.part in out and message.route is not Route.REDIRECTED:
            # The channel blocks the card even without its words.
            await self._go_elsewhere(ChannelUnavailable(str(refused), channel_takes_new=False), job, message, task)
            return
        if not left:
            await self._give_up(refused, job, message, task)
            return
        part = refused.part if refused.part in left else left[0]
        log.warning("message row %d: Discord rejects it: %s; sending it without %s", job.row_id, refused, part)
        job.left_out |= {part}
        if part is refused.part:
            self._showing.left_out[job.row_id] = out | {part}
        again(job)

    async def _give_up(self, refusal: MessageRefused, job: UpdateJob, message: Message, task: Task) -> None:
        """Stops trying, because the same message would be refused again.

        A running task's next change is tried again. The message of a task in a final state is not tried again at the
        next start.
        """
        log.error("message row %d: giving up: %s", job.row_id, refusal)
        if task.state.final:
            await self._store.messages.give_up(message.id)
        self._showing.take_note(job, message, task)

    async def _go_smaller(self, error: MessageTooLarge, job: UpdateJob, message: Message, task: Task) -> None:
        limit = min(message.upload_limit, 2 * DM_UPLOAD_LIMIT) // 2
        if limit < LEAST_LIMIT:
            log.warning("message row %d: too large with the smallest images: %s", message.id, error)
            await self._leave_out(PartRefused(str(error), MessagePart.PICTURES), job, message, task)
            return
        log.info("message row %d: %s; shrinking its images to %d bytes", message.id, error, limit)
        job.upload_limit = limit
        again(job)


def _parts_of(task: Task) -> Sequence[MessagePart]:
    """The parts that the task's card can have, in the order in which they are left out."""
    result = task.result
    parts = [MessagePart.EMOJI, MessagePart.BUTTONS] if task.buttons or task.state is TaskState.SUCCESS else []
    if result.image_url or result.image_urls or result.videos:
        parts.append(MessagePart.PICTURES)
    return [*parts, MessagePart.WORDS]


def again(job: UpdateJob) -> None:
    """Requests the next try at once."""
    job.wanted = job.urgent = True
