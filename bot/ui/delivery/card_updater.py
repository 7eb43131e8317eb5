"""One update of a task's message: reads both, builds the card with its attachments, sends it and records it."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.discord_api.errors import MessagePart
from bot.discord_api.message_requests import MessageLocation
from bot.discord_api.message_sender import MessageSender
from bot.engines.models import Feature
from bot.engines.registry import EngineRegistry
from bot.i18n import DEFAULT, Translator
from bot.platform.roles import Role
from bot.tasks.task_updates import UsualDurations
from bot.ui.cards.attachment_limits import CardAttachments
from bot.ui.cards.card import card
from bot.ui.cards.card_attachments import AttachmentBuilder
from bot.ui.cards.card_buttons import CardOptions
from bot.ui.delivery.edit_scheduler import ProgressThrottle
from storage import POLLED_STATES, Message, Route, Store, Task

if TYPE_CHECKING:
    from bot.platform.model_directory import ModelDirectory


@dataclass(slots=True, eq=False)
class UpdateJob:
    """A message that has to be edited.

    `wanted`: another update was requested after the running edit began. `urgent`: the update must not wait for the
    progress throttle. `final`: the message is queued as a final edit, or was the last time. `force`: update the message
    although its task did not change. `maybe_sent`: an earlier try may have created the message without the bot's
    knowledge. `sending`: the running edit can no longer be interrupted. `interrupted`: the running edit was
    interrupted. `location`: the message was created but not recorded yet. `replaces`: the id of a message that could
    not be edited and is replaced by a new one. `used`: the customIds of the buttons that were pressed, as read for the
    running edit. A later press requests another edit. `left_out`: parts that Discord rejects. `failures`: failed tries
    in a row. `unexplained`, `server_errors`: how often Discord refused the message without a known reason or answered
    with a server error.
    """

    row_id: int
    bucket: int | None = None
    wanted: bool = False
    urgent: bool = False
    final: bool = False
    force: bool = False
    maybe_sent: bool = False
    sending: bool = False
    interrupted: bool = False
    failures: int = 0
    location: MessageLocation | None = None
    upload_limit: int | None = None
    replaces: int | None = None
    used: frozenset[str] = frozenset()
    left_out: frozenset[MessagePart] = frozenset()
    unexplained: int = 0
    server_errors: int = 0
    worker: asyncio.Task[float | None] | None = None


class CardUpdater:
    """Updates the messages of tasks. Raises what `MessageSender` raises, and StorageError."""

    def __init__(
        self,
        store: Store,
        sender: MessageSender,
        attachment_builder: AttachmentBuilder,
        engines: EngineRegistry,
        models: ModelDirectory | None,
        pace: ProgressThrottle,
    ) -> None:
        """`models`: None without a platform. `pace` is told what is shown."""
        self._store = store
        self._sender = sender
        self._attachment_builder = attachment_builder
        self._engines = engines
        self._models = models
        self._pace = pace
        self._usual = UsualDurations(store)
        # By message row: the parts that Discord has named and rejects, kept while the task runs.
        self.left_out: dict[int, frozenset[MessagePart]] = {}

    def left_out_of(self, job: UpdateJob) -> frozenset[MessagePart]:
        """The parts of a message that Discord rejects."""
        return job.left_out | self.left_out.get(job.row_id, frozenset())

    async def read(self, job: UpdateJob) -> tuple[Message, Task] | None:
        """The message and its task, or None if the message no longer exists or is unreachable. Sets `job.used`."""
        found = await self._store.messages.with_used_buttons(job.row_id)
        if found is None:
            return None
        message, job.used = found
        task = await self._store.tasks.get(message.task_id) if not message.unreachable else None
        if task is None:
            return None
        if job.location and message.message_id is None:
            location = job.location
            message = dataclasses.replace(message, message_id=location.message_id, channel_id=location.channel_id)
        if job.upload_limit:
            message = dataclasses.replace(message, upload_limit=job.upload_limit)
        return message, task

    async def show(self, job: UpdateJob, message: Message, task: Task) -> None:
        """Updates the message to the state of this task."""
        force, job.force = job.force, False
        without = self.left_out_of(job)
        try:
            if message.message_id is None and job.maybe_sent:
                message = await self._found_again(job, message)
            t = Translator(message.locale or DEFAULT)
            build = await self._attachment_builder.build(task, message, t, without)
            view = card(task, await self._options(job, message, task, build, without, t), t)
            reply_to = await self._parents_message(message, task)
            recorded = job.location is None
            job.sending = True
            location = job.location = await self._sender.upsert(
                message, view, build.files, reply_to=reply_to, replaces=job.replaces
            )
            await self._store.messages.record_shown(
                message,
                task,
                message_id=location.message_id,
                channel_id=location.channel_id,
                files=build.names,
                keep_token=location.by_token or message.token is None,
                recorded=recorded,
            )
            job.location = None
        except BaseException:
            job.force |= force
            raise
        finally:
            job.sending = False

    def take_note(self, job: UpdateJob, message: Message, task: Task) -> None:
        """Counts a running message in the progress throttle of its channel, and removes a settled one."""
        if task.state.settled:
            self.forget(job)
        else:
            self._pace.shown(job.row_id, message.channel_id)

    def forget(self, job: UpdateJob) -> None:
        """Forgets a message that needs no further updates."""
        self._pace.ended(job.row_id)
        self.left_out.pop(job.row_id, None)

    async def _options(
        self,
        job: UpdateJob,
        message: Message,
        task: Task,
        build: CardAttachments,
        without: frozenset[MessagePart],
        t: Translator,
    ) -> CardOptions:
        """How the message shows the task now."""
        notes = [*build.notes, *_left_out(without, t)]
        if message.route is Route.REDIRECTED:
            notes.append(t("card.redirected"))
        return CardOptions(
            build.names,
            job.used,
            message.page,
            build.trouble,
            notes,
            cancellable=self._engines.has(task, Feature.CANCEL),
            usual_seconds=await self._usual.of(task) if task.state in POLLED_STATES else None,
            without=without,
            buttons=self._engines.offered(task),
            can_continue=self._engines.can_continue(task),
            improves=task.state not in POLLED_STATES and self._serves(Role.ENHANCE),
            compares=self._serves(Role.EMBEDDINGS),
        )

    def _serves(self, role: Role) -> bool:
        """Whether a platform has a model for this use now."""
        return self._models is not None and self._models.for_role(role) is not None

    async def _parents_message(self, message: Message, task: Task) -> int | None:
        """The message that a new message replies to: the parent task's card, if it is in the same channel."""
        if message.message_id is not None or message.channel_id is None or task.parent_id is None:
            return None
        return message.reply_to or await self._store.messages.newest_in(task.parent_id, message.channel_id)

    async def _found_again(self, job: UpdateJob, message: Message) -> Message:
        for location in await self._sender.channels.find(message):
            if location.message_id == job.replaces:
                continue
            if await self._store.messages.by_message_id(location.message_id) is None:
                job.location = location
                return dataclasses.replace(message, message_id=location.message_id)
        job.maybe_sent = False
        return message


def _left_out(without: frozenset[MessagePart], t: Translator) -> list[str]:
    # For a missing image the builder of the attachments adds a note, because only it knows the URL.
    return [t(f"card.without_{part}") for part in MessagePart if part in without and part is not MessagePart.PICTURES]
