"""One showing of a task in its message: what is behind, the card with its pictures, and the record of it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from bot.discord_errors import Part
from bot.tasks.eta import UsualDurations
from bot.texts import say
from bot.ui.card import Look, card
from bot.ui.exhibits import Exhibitor
from bot.ui.message_sender import MessageSender, Standing
from storage import WATCHED_STATES, Message, Route, Store, Task


@dataclass(slots=True)
class Job:
    """A message that is to be edited.

    `wanted`: something came since the edit under way has begun; `urgent`: it may not wait. `final`: it has a turn as a
    final, or had the last time. `afresh`: it is drawn again although its task did not change. `doubtful`: an earlier
    try may have made the message without our knowing. `sending`: the edit under way is past the point at which it can
    give way. `interrupted`: it gives way. `standing`: the message was made, but that could not be written down yet.
    `replaces`: the message that could not be edited, in place of which another is made. `left_out`: what Discord does
    not take. `failures`, `unexplained`, `server_errors`: how often a try has failed, and how often Discord has answered
    so.
    """

    row_id: int
    lane: int | None = None
    wanted: bool = False
    urgent: bool = False
    final: bool = False
    afresh: bool = False
    doubtful: bool = False
    sending: bool = False
    interrupted: bool = False
    failures: int = 0
    standing: Standing | None = None
    upload_limit: int | None = None
    replaces: int | None = None
    left_out: frozenset[Part] = frozenset()
    unexplained: int = 0
    server_errors: int = 0
    worker: asyncio.Task[float | None] | None = None


class Showing:
    """Shows tasks as they are now. Raises what `MessageSender` raises, and StorageError."""

    def __init__(
        self,
        store: Store,
        sender: MessageSender,
        exhibitor: Exhibitor,
        can_cancel: Callable[[], bool],
        offers: Callable[[str], bool],
    ) -> None:
        self._store = store
        self._sender = sender
        self._exhibitor = exhibitor
        self._can_cancel = can_cancel
        self._usual = UsualDurations(store)
        self._offers = offers
        # What Discord has named and does not take of a message, by its row, as long as its task runs.
        self.left_out: dict[int, frozenset[Part]] = {}

    def left_out_of(self, job: Job) -> frozenset[Part]:
        """What Discord does not take of a message."""
        return job.left_out | self.left_out.get(job.row_id, frozenset())

    async def read(self, job: Job) -> tuple[Message, Task] | None:
        """The message and its task as they are now; None where there is no such message any more."""
        message = await self._store.messages.get(job.row_id)
        task = await self._store.tasks.get(message.task_id) if message and not message.gone else None
        if message is None or task is None:
            return None
        if job.standing and message.message_id is None:
            standing = job.standing
            message = dataclasses.replace(message, message_id=standing.message_id, channel_id=standing.channel_id)
        if job.upload_limit:
            message = dataclasses.replace(message, upload_limit=job.upload_limit)
        return message, task

    async def show(self, job: Job, message: Message, task: Task) -> None:
        """Brings the message to the state of this task."""
        afresh, job.afresh = job.afresh, False
        try:
            await self._put(job, message, task)
        except BaseException:
            job.afresh |= afresh
            raise

    async def _put(self, job: Job, message: Message, task: Task) -> None:
        if message.message_id is None and job.doubtful:
            message = await self._found_again(job, message)
        without = self.left_out_of(job)
        exhibits = await self._exhibitor.exhibits(task, message, without)
        used = await self._store.presses.used_buttons(task.id)
        notes = [*exhibits.notes, *_left_out(without)]
        if message.route is Route.REDIRECTED:
            notes.append(say("card.redirected"))
        look = Look(
            exhibits.names,
            used,
            message.page,
            exhibits.trouble,
            notes,
            cancellable=self._can_cancel(),
            usual_seconds=await self._usual.of(task) if task.state in WATCHED_STATES else None,
            without=without,
            offers=self._offers,
        )
        view = card(task, look)
        reply_to = await self._parents_message(message, task)
        job.sending = True
        try:
            standing = job.standing = await self._sender.put(
                message, view, exhibits.files, reply_to=reply_to, replaces=job.replaces
            )
            await self._record(message, task, standing, exhibits.names)
            job.standing = None
        finally:
            job.sending = False

    async def _record(self, message: Message, task: Task, standing: Standing, names: tuple[str, ...]) -> None:
        async with self._store.transaction():
            await self._store.messages.sent(message.id, message_id=standing.message_id, channel_id=standing.channel_id)
            if message.token and not standing.by_token:
                await self._store.messages.forget_token(message.id)
            # A lost task may still turn up, an overdue one be taken up: the store then unsettles its messages.
            settled = task.state.settled
            await self._store.messages.shown(message.id, version=task.version, settled=settled, files=names)

    async def _parents_message(self, message: Message, task: Task) -> int | None:
        """What a new message replies to: the card that its task was made from, where that stands in the channel."""
        if message.message_id is not None or message.channel_id is None or task.parent_id is None:
            return None
        return await self._store.messages.newest_in(task.parent_id, message.channel_id)

    async def _found_again(self, job: Job, message: Message) -> Message:
        for standing in await self._sender.look_for(message):
            if standing.message_id == job.replaces:
                continue
            if await self._store.messages.at(standing.message_id) is None:
                job.standing = standing
                return dataclasses.replace(message, message_id=standing.message_id)
        job.doubtful = False
        return message


def _left_out(without: frozenset[Part]) -> list[str]:
    # That a picture is left out is said with its address, by what gets the pictures.
    return [say(f"card.without_{part}") for part in Part if part in without and part is not Part.PICTURES]
