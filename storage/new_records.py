"""Records that are not stored yet: tasks, messages and submissions to be created."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from storage.records import Request, Route, TaskId
from storage.states import TaskState


@dataclass(frozen=True, slots=True)
class InputImage:
    """An image attached to a command, or the video for a face swap. `thumbnail` is a small JPEG of it.

    `url` is where the same image can be downloaded, for engines that take links. It may be a Discord link that expires.
    """

    media_type: str
    data: bytes = field(repr=False)
    thumbnail: bytes | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be created. Only the hash of `callback_token` is stored.

    `queue_ahead` is the number of the user's requests before it in the bot's own queue; None for a task that is sent at
    once. `upstream_id` is its ID at the service, if the service has it already.
    """

    id: TaskId
    parent_id: TaskId | None
    owner_id: int
    guild_id: int | None
    channel_id: int | None
    request: Request
    callback_token: str = field(repr=False)
    pictures: Sequence[InputImage] = ()
    queue_ahead: int | None = None
    upstream_id: str | None = None

    @property
    def state(self) -> TaskState:
        """The state in which the task is stored."""
        if self.upstream_id is not None:
            return TaskState.PENDING
        return TaskState.SUBMITTING if self.queue_ahead is None else TaskState.QUEUED


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be created for a task. `locale` is its language, as a Discord locale (`de`, `pt-BR`)."""

    route: Route
    user_id: int
    application_id: int
    guild_id: int | None
    channel_id: int | None
    token: str | None = field(repr=False)
    token_ends_at: float
    upload_limit: int
    locale: str | None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """An interaction that sends a request to the image service."""

    interaction_id: int
    user_id: int
    task_id: TaskId
    source_task_id: TaskId | None
    custom_id: str | None
    nonce: str


def hash_of(token: str) -> bytes:
    """The hash of the token in a callback URL. A random token of full length needs neither a salt nor a slow hash."""
    return hashlib.sha256(token.encode()).digest()
