"""Who asks for something, and what they may do with a task: the only module that decides that.

Users see the tasks they started and the tasks in channels they can read. A task belongs to the channel in which it was
started and to every channel with a message that shows it. Users who may see a task may press its buttons, retry it and
show it. A task can be canceled and deleted by its owner and by the moderators of the channel in which it was started.
Drafts, batches, chosen images and offered prompts are accessible only to their author. The bot's owner sees and manages
every task.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from bot.tasks.errors import UserError
from storage import (
    TASK_STATES,
    Batch,
    ChosenPicture,
    Draft,
    Message,
    NewMessage,
    OfferedPrompts,
    Route,
    Store,
    Task,
    TaskId,
    TaskState,
)

# Tasks whose messages are looked up per query. A query takes a few milliseconds, so that other queries can run between.
AT_ONCE = 500

# Discord's "Receiving and Responding to Interactions": tokens are valid for 15 minutes. The margin keeps a request in
# flight from failing when the token expires.
TOKEN_SECONDS = 15 * 60 - 15


class Access(NamedTuple):
    """A user's permissions in one channel: `view` to read it, `moderate` to delete other users' messages there."""

    view: bool = False
    moderate: bool = False


NO_ACCESS = Access()

AccessLookup = Callable[[int], Access]
"""Returns a user's access to a channel of their current server, by channel ID. Does no I/O."""


def unknown_access(channel_id: int) -> Access:
    """The lookup for contexts without information about other channels: grants no access."""
    return NO_ACCESS


def no_images() -> Sequence[str]:
    """The images of an interaction without a message."""
    return ()


class Actor(NamedTuple):
    """A user in a channel. `guild_id` is None in direct messages; `channel_id` is None if Discord does not provide it.
    `access` covers the channels of the current server. `owns_bot`: the user owns the bot's application."""

    user_id: int
    guild_id: int | None
    channel_id: int | None
    access: AccessLookup = unknown_access
    owns_bot: bool = False

    def access_to(self, guild_id: int | None, channel_id: int | None) -> Access:
        """The user's access to a channel. The current channel is always readable; channels of other servers and other
        direct messages grant no access."""
        if channel_id is None:
            return NO_ACCESS
        if channel_id == self.channel_id:
            access = self.access(channel_id)
            return access if access.view else access._replace(view=True)
        return self.access(channel_id) if guild_id is not None and guild_id == self.guild_id else NO_ACCESS


class Operation(StrEnum):
    """What a user can do with one task."""

    SEE = "see"
    """Read its prompt and see its result, including in lists and in *Task info*."""
    PRESS = "press"
    """Press one of its buttons, including through a modal or the mask editor."""
    TRY_AGAIN = "try_again"
    LOOK_AGAIN = "look_again"
    FETCH_AGAIN = "fetch_again"
    TURN_PAGE = "turn_page"
    SHOW = "show"
    """Post a new message that shows it, publicly or privately."""
    SEED = "seed"
    CANCEL = "cancel"
    DELETE = "delete"


class Policy:
    """Decides with the data of one store. Every method that reads the store raises StorageError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def task_for(self, actor: Actor, operation: Operation, task_id: TaskId) -> Task:
        """The task, if this user may perform this operation on it now.

        Raises UserError. A task that the user may not see is refused like one that does not exist.
        """
        task = await self._store.tasks.get(task_id)
        if task is None or not await self.may_see(actor, task):
            raise UserError("no_such_task")
        check(actor, operation, task)
        return task

    def decides_in_memory(self, actor: Actor, task_id: TaskId) -> bool:
        """Whether `task_for` does no I/O for this user and task."""
        task = self._store.tasks.in_memory(task_id)
        return task is not None and _sees_by_itself(actor, task)

    async def may_see(self, actor: Actor, task: Task) -> bool:
        """Whether this user may read the task's prompt, see its result, and press its buttons."""
        return _sees_by_itself(actor, task) or bool(await self.visible(actor, [task]))

    async def visible(self, actor: Actor, tasks: Sequence[Task]) -> list[Task]:
        """The tasks that this user may see, in the same order."""
        known = {task.id for task in tasks if _sees_by_itself(actor, task)}
        others = [task.id for task in tasks if task.id not in known]
        for start in range(0, len(others), AT_ONCE):
            some = others[start : start + AT_ONCE]
            places = await self._store.messages.places(some, guild_id=actor.guild_id, channel_id=actor.channel_id)
            known |= {place.task_id for place in places if actor.access_to(place.guild_id, place.channel_id).view}
        return [task for task in tasks if task.id in known]

    async def may_import(self, actor: Actor | None, task: Task, upstream_id: str) -> bool:
        """Whether a task that imports a job by its id may have that job (docs/image-api.md#show). It may not if the job
        was started only in places that the user may not see.

        Without an `actor`, the task's owner may see their own tasks and those in the channel of the import.
        """
        made = [known for known in await self._store.tasks.by_upstream(upstream_id) if known.id != task.id]
        actor = actor or Actor(task.owner_id, task.guild_id, task.channel_id)
        return not made or bool(await self.visible(actor, made))

    async def draft(self, actor: Actor, draft_id: str) -> Draft:
        """A draft of this user. Raises UserError."""
        draft = await self._store.drafts.get(draft_id, actor.user_id)
        if draft is None:
            raise UserError("draft_gone")
        return draft

    async def offered_prompts(self, actor: Actor, offer_id: str) -> OfferedPrompts:
        """Prompts that were offered to this user. Raises UserError."""
        offered = await self._store.offered_prompts.get(offer_id, actor.user_id)
        if offered is None:
            raise UserError("offer_gone")
        return offered

    async def batch(self, actor: Actor, batch_id: int) -> Batch:
        """A batch of this user. Raises UserError."""
        batch = await self._store.batches.get(batch_id)
        if batch is None or batch.user_id != actor.user_id:
            raise UserError("batch_forgotten")
        return batch

    async def chosen_picture(self, actor: Actor, interaction_id: int) -> ChosenPicture:
        """The image that this user chose with that interaction. Raises UserError."""
        chosen = await self._store.chosen_pictures.get(interaction_id)
        if chosen is None or chosen.user_id != actor.user_id:
            raise UserError("picture_forgotten")
        return chosen


def check(actor: Actor, operation: Operation, task: Task) -> None:
    """Raises UserError unless this user may perform this operation on a task that they may see, in its current
    state."""
    match operation:
        case Operation.CANCEL:
            _check_cancellable(actor, task)
        case Operation.DELETE:
            _check_deletable(actor, task)
        case Operation.SHOW if task.deleted_at is not None:
            raise UserError("deleted")
        case Operation.SEED if not task.result.seed and (task.state is not TaskState.SUCCESS or not task.upstream_id):
            raise UserError("no_seed_yet")


def permits(actor: Actor, operation: Operation, task: Task) -> bool:
    """Whether this user may perform this operation on a task that they may see, in its current state."""
    try:
        check(actor, operation, task)
    except UserError:
        return False
    return True


def check_list(actor: Actor, *, everybodys: bool) -> None:
    """Raises UserError if a user other than the bot's owner requests a list of everyone's tasks."""
    if everybodys and not actor.owns_bot:
        raise UserError("not_the_owner")


def may_see_credit(actor: Actor, *, bot_is_member: bool) -> bool:
    """Whether this user may see what is left of the credit: the bot's owner, and moderators where the bot is a member.
    Everyone is a moderator of a server of their own."""
    return actor.owns_bot or (bot_is_member and actor.access_to(actor.guild_id, actor.channel_id).moderate)


def counts_in_queue(actor: Actor, task: Task) -> bool:
    """Whether this user's queue panel counts the task: their own tasks, and those of their current server or group."""
    in_server = task.guild_id is not None and task.guild_id == actor.guild_id
    in_channel = task.channel_id is not None and task.channel_id == actor.channel_id
    return actor.owns_bot or task.owner_id == actor.user_id or in_server or in_channel


def removable(actor: Actor, task: Task, messages: Sequence[Message]) -> list[Message]:
    """The messages to remove when this user deletes the result: all of them for its owner and the bot's owner,
    otherwise those in channels that the user moderates."""
    if _owns(actor, task):
        return list(messages)
    return [each for each in messages if actor.access_to(each.guild_id, each.channel_id).moderate]


def _check_cancellable(actor: Actor, task: Task) -> None:
    if not _manages(actor, task):
        raise UserError("not_yours_to_cancel")
    if task.state.final:
        raise UserError("over_already")
    if not TASK_STATES[task.state].cancellable:
        raise UserError("not_there_yet")


def _check_deletable(actor: Actor, task: Task) -> None:
    if not _manages(actor, task):
        raise UserError("not_yours_to_delete")
    if task.deleted_at is not None:
        raise UserError("deleted_already")
    if not task.state.settled:
        raise UserError("not_finished_yet")


def _owns(actor: Actor, task: Task) -> bool:
    return task.owner_id == actor.user_id or actor.owns_bot


def _manages(actor: Actor, task: Task) -> bool:
    """Whether the user owns the task or moderates the channel in which it was started."""
    access = actor.access_to(task.guild_id, task.channel_id)
    return _owns(actor, task) or (access.view and access.moderate)


def _sees_by_itself(actor: Actor, task: Task) -> bool:
    return _owns(actor, task) or actor.access_to(task.guild_id, task.channel_id).view


@dataclass(frozen=True, slots=True)
class InteractionContext:
    """The interaction that makes a request: its user, its location, and how its response is sent. Times are unix
    seconds.

    `message_id` is the interaction's own message if that is to show the task; otherwise a new message is created.
    `access` and `owns_bot` are those of an `Actor`.
    `by_channel`: the new message is posted in the channel, because through the token it would reply to an ephemeral
    message.
    `shown` returns the URLs of the images on the message whose button was pressed, valid now.
    `locale` is the user's language, `guild_locale` the server's preferred language, None outside servers.
    """

    interaction_id: int
    application_id: int
    user_id: int
    guild_id: int | None
    channel_id: int | None
    token: str = field(repr=False)
    created_at: float
    upload_limit: int
    locale: str
    guild_locale: str | None = None
    message_id: int | None = None
    access: AccessLookup = field(default=unknown_access, repr=False)
    owns_bot: bool = False
    by_channel: bool = False
    shown: Callable[[], Sequence[str]] = field(default=no_images, repr=False)

    @property
    def actor(self) -> Actor:
        """The user as an `Actor`, for permission checks."""
        return Actor(self.user_id, self.guild_id, self.channel_id, self.access, self.owns_bot)

    @property
    def card_locale(self) -> str:
        """The language of messages that everyone in the channel sees."""
        return self.guild_locale or self.locale

    def message(self) -> NewMessage:
        """The message that will show the task."""
        return NewMessage(
            route=Route.FOLLOWUP if self.message_id is None else Route.ORIGINAL,
            user_id=self.user_id,
            application_id=self.application_id,
            guild_id=self.guild_id,
            channel_id=self.channel_id,
            message_id=self.message_id,
            token=None if self.by_channel else self.token,
            token_ends_at=self.created_at + TOKEN_SECONDS,
            upload_limit=self.upload_limit,
            locale=self.card_locale,
        )

    def showing_in(self, message_id: int) -> InteractionContext:
        """The same context, with the response in this message."""
        return dataclasses.replace(self, message_id=message_id)
