"""The ports of a database engine: Protocols whose methods are whole operations.

Each method is one transaction: it commits all of its changes or none, and raises StorageError. No transaction leaves
an engine, so no one can wait for the network within one. Every write of a task or a submission is compare-and-set: it
names the version or the outcomes that it expects, and reports if the row has others. Text never contains U+0000,
numbers have 8 bytes, and times are unix seconds. `storage.store` puts the memory of the owning process in front of an
engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from storage.chat_ports import Conversations
from storage.offered_prompts import OfferedPromptsTable
from storage.operations import (
    Decide,
    Duration,
    FurtherTask,
    Move,
    NewMessage,
    NewOutcome,
    Opened,
    Opening,
    OutcomeResult,
    Owned,
    TaskMessage,
    TaskQuery,
)
from storage.records import Message, NewTask, Request, Route, Task, TaskId
from storage.search import ImageIndex, Searches
from storage.submission_records import Submission
from storage.task_contents import InputImage
from storage.user_ports import (
    Batches,
    ChosenPictures,
    Drafts,
    KeyValueStore,
    MaskEditorLinks,
    Thumbnails,
    UserSettings,
)
from storage.user_records import Notification


class Ownership(Protocol):
    """Which process works for a task: the one that journaled it, until the task has ended or that process has."""

    owner: str
    """The id of this process."""

    def now(self) -> float:
        """The clock of the database, which all of its processes share (unix seconds)."""

    async def take_over(self) -> Owned:
        """Makes this process the owner of all unfinished work whose owner has ended, and returns that work."""


class TaskTable(Protocol):
    """Tasks and their input images."""

    async def add(self, new: NewTask, now: float) -> None:
        """Stores a task in SUBMITTING, in QUEUED, or in PENDING if the service has it already."""

    async def add_further(self, further: Sequence[FurtherTask], rewritten: Move | None) -> list[TaskId] | None:
        """Stores further tasks of one request with their messages, and the changed request of the first task. Returns
        the ids of the stored ones. If the first task has another version, stores nothing and returns None."""

    async def get(self, task_ids: Sequence[TaskId]) -> list[Task]:
        """Returns the tasks with these ids, in any order."""

    async def save(self, moves: Sequence[Move], now: float, decide: Decide | None = None) -> frozenset[TaskId]:
        """Stores changes of tasks. Returns the tasks that have another version, of which nothing is stored.

        A task that has ended loses the input images that are no longer needed. `decide` is asked for what is stored
        with it. Messages that were settled are to be updated again.
        """

    async def with_callback(self, task_id: TaskId) -> tuple[Task, bytes] | None:
        """Returns a task and the hash of the token in its callback URL."""

    async def requested_by(self, user_id: int, ids: range, *, parent_id: TaskId | None) -> list[tuple[TaskId, Request]]:
        """Returns the user's requests from these interaction ids with this parent, without refused tasks."""

    async def delete_result(self, task_id: TaskId, messages: Sequence[int], now: float) -> None:
        """Marks a result as deleted, forgets its notification, removes it from the index of images, and marks these
        messages for removal from Discord."""

    async def on_their_way(self) -> list[Task]:
        """Returns the tasks whose submission has an open outcome, oldest first."""

    async def queued(self) -> list[Task]:
        """Returns the tasks in the bot's own queue, in the order in which Discord sent their interactions."""

    async def polled(self) -> list[Task]:
        """Returns all polled tasks, oldest first."""

    async def by_upstream(self, upstream_id: str) -> list[Task]:
        """Returns the tasks with this ID at the service, oldest first."""

    async def children(self, task_id: TaskId, *, limit: int) -> list[Task]:
        """Returns the first tasks derived from a task's buttons, oldest first, without refused ones."""

    async def search(self, wanted: TaskQuery, *, limit: int, offset: int = 0) -> list[Task]:
        """Returns accepted tasks, newest first. Words match any part of a prompt, case-insensitively, and only in the
        newest `SEARCHED` tasks."""

    async def count(self, wanted: TaskQuery, *, limit: int) -> int:
        """Returns the number of tasks that a search finds, at most `limit`."""

    async def searches_all(self, wanted: TaskQuery) -> bool:
        """Whether a search for words covers all tasks of the owner (or of all users)."""

    async def durations(self, limit: int) -> list[Duration]:
        """Returns the durations of at most `limit` finished tasks, newest first."""

    async def input_bytes(self, task_id: TaskId) -> int:
        """Returns the total size of a task's input images in bytes."""

    async def inputs(self, task_id: TaskId) -> list[InputImage]:
        """Returns the input images of a task, in order; none after they were removed (see `Task.input_count`)."""

    async def remove_inputs(self, before: float, *, limit: int) -> int:
        """Deletes the input images of at most `limit` tasks that are settled and made no progress since `before`.
        Returns the number of tasks."""


class SubmissionTable(Protocol):
    """The journal of all requests to the image service."""

    async def open(self, opening: Opening) -> Opened | None:
        """Journals a submission with its task and its message; None if it is a repetition. Survives a power failure."""

    async def set_outcome(self, new: NewOutcome) -> OutcomeResult:
        """Records the outcome of a submission and the change of its task, both or neither."""

    async def expect_modal(self, task_id: TaskId, unless_reason: str) -> Submission | None:
        """Sets the accepted submission of a task to MODAL, unless it has this reason. Returns the changed submission,
        or None."""

    async def get(self, interaction_id: int) -> Submission | None:
        """Returns the submission of an interaction, if it was journaled."""

    async def of_task(self, task_id: TaskId) -> Submission | None:
        """Returns the submission that created a task."""

    async def drawing(self, since: float) -> list[tuple[Submission, Request]]:
        """Returns accepted prompts that may expand to several tasks (they contain braces or `--r`) and whose own task
        is polled or was created after `since`."""

    async def queued(self) -> list[Submission]:
        """Returns the submissions in the bot's own queue, in the order in which Discord sent the interactions."""

    async def used_buttons(self, task_id: TaskId) -> frozenset[str]:
        """Returns the customIds of a task's buttons whose submission was accepted or is queued."""


class MessageTable(Protocol):
    """Messages: which Discord message shows which task, and how to reach it."""

    async def add(self, task_id: TaskId, new: NewMessage) -> int:
        """Stores a message before it is sent. Returns the id of its row."""

    async def get(self, row_id: int) -> Message | None:
        """Returns the message of this row."""

    async def with_used_buttons(self, row_id: int) -> tuple[Message, frozenset[str]] | None:
        """Returns the message of this row, and the customIds of its task's buttons whose submission was accepted or is
        queued."""

    async def for_tasks(self, task_ids: Sequence[TaskId]) -> list[Message]:
        """Returns the reachable messages of any of these tasks, oldest first."""

    async def places(
        self, task_ids: Sequence[TaskId], *, guild_id: int | None, channel_id: int | None
    ) -> list[TaskMessage]:
        """Returns the distinct channels in this server, or this one channel, where reachable messages show these
        tasks."""

    async def newest(self, task_ids: Sequence[TaskId]) -> dict[TaskId, Message]:
        """Returns the newest sent and reachable message of each task. A copy in direct messages counts only if there is
        no other message."""

    async def by_message_id(self, message_id: int) -> Message | None:
        """Returns the row with this Discord message id."""

    async def newest_in(self, task_id: TaskId, channel_id: int) -> int | None:
        """Returns Discord's id of the newest message of the task in this channel, or None."""

    async def unfinished(self) -> list[Message]:
        """Returns reachable, unsettled messages that show an outdated version of their task, oldest first."""

    async def record_shown(
        self,
        row_id: int,
        *,
        message_id: int,
        channel_id: int,
        version: int,
        settled: bool,
        files: Sequence[str],
        keep_token: bool = True,
    ) -> None:
        """Records where the message is, and the version and the files that it shows.

        `settled`: this version needs no further update. If the task already has a newer version, the message stays
        unsettled. `keep_token`: the interaction token still works.
        """

    async def mark_pressed(self, task_id: TaskId, message_id: int, token: str, token_ends_at: float) -> list[Message]:
        """Stores the token of a newer interaction on the message with this Discord id, if it expires later than the
        current one. Returns the reachable messages of the task, oldest first."""

    async def give_up(self, row_id: int) -> None:
        """Marks the message as settled because Discord will never accept its content; the message stays as it is."""

    async def set_page(self, row_id: int, page: int) -> None:
        """Stores the page of buttons that the message shows (0 is the first)."""

    async def refresh_token(self, row_id: int, token: str, token_ends_at: float) -> None:
        """Stores the token of a newer interaction on the message, if it expires later than the current one."""

    async def redirect(self, row_id: int, *, channel_id: int, upload_limit: int, route: Route) -> None:
        """Moves the message to another channel, where it has to be created."""

    async def detach(self, row_id: int, *, keep_token: bool) -> None:
        """Records that the message cannot be edited. A new one has to be created in its channel."""

    async def mark_unreachable(self, row_ids: Sequence[int]) -> None:
        """Records that the messages were deleted or cannot be reached in any way."""

    async def to_remove(self) -> list[Message]:
        """Returns the messages still to be removed from Discord."""

    async def end_removal(self, row_id: int) -> None:
        """Records that the message was removed from Discord or cannot be removed."""

    async def forget_tokens(self, now: float, *, limit: int | None) -> int:
        """Clears at most `limit` expired interaction tokens (None: all). Returns their number."""


class NotificationTable(Protocol):
    """Users still to be notified of the end of a task."""

    async def of(self, task_id: TaskId) -> Notification | None:
        """Returns the pending notification of a task."""

    async def waiting(self, limit: int) -> list[TaskId]:
        """Returns at most `limit` tasks with a pending notification, newest first."""

    async def begin(self, task_ids: Sequence[TaskId]) -> None:
        """Records that these notifications may have been sent from now on, all or none."""

    async def remove(self, task_ids: Sequence[TaskId]) -> None:
        """Deletes notifications that were sent or are not needed, all or none."""

    async def remove_before(self, moment: float) -> int:
        """Deletes the notifications created before `moment`. Returns their number."""


class DatabaseEngine(Protocol):
    """A database: one part for each kind of record."""

    @property
    def ownership(self) -> Ownership: ...
    @property
    def tasks(self) -> TaskTable: ...
    @property
    def submissions(self) -> SubmissionTable: ...
    @property
    def messages(self) -> MessageTable: ...
    @property
    def notifications(self) -> NotificationTable: ...
    @property
    def user_settings(self) -> UserSettings: ...
    @property
    def key_values(self) -> KeyValueStore: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def batches(self) -> Batches: ...
    @property
    def chosen_pictures(self) -> ChosenPictures: ...
    @property
    def mask_editor_links(self) -> MaskEditorLinks: ...
    @property
    def thumbnails(self) -> Thumbnails: ...
    @property
    def offered_prompts(self) -> OfferedPromptsTable: ...
    @property
    def conversations(self) -> Conversations: ...
    @property
    def image_index(self) -> ImageIndex: ...
    @property
    def searches(self) -> Searches: ...

    async def check_writable(self) -> None:
        """Writes one row. Raises StorageError if that fails or takes longer than a few seconds."""

    async def shrink(self) -> bool:
        """Returns some of the space of deleted rows to the file system. Returns False if there is none to return."""

    async def close(self) -> None:
        """Ends all work and closes the database."""
