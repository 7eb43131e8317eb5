"""The shortest way to a stored task, a journaled press and what the database holds of them."""

from __future__ import annotations

from typing import Protocol

from storage import (
    Action,
    InputImage,
    NewMessage,
    NewOutcome,
    NewSubmission,
    NewTask,
    Opening,
    Repeats,
    Request,
    Route,
    Store,
    Submission,
    SubmissionOutcome,
    Task,
)
from storage.sqlite.database import Database
from storage.sqlite.engine import SqliteEngine

PAPER_BOAT = Request(Action.IMAGINE, prompt="a paper boat")


class AddTask(Protocol):
    """Stores a task with these particulars, and what a test does not care about filled in."""

    async def __call__(
        self,
        task_id: str = "t1",
        *,
        now: float = 1000.0,
        token: str = "secret",
        parent_id: str | None = None,
        owner_id: int = 7,
        request: Request = PAPER_BOAT,
        pictures: tuple[InputImage, ...] = (),
    ) -> Task: ...


def task_adder(store: Store) -> AddTask:
    """An `AddTask` into this store."""

    async def add(
        task_id: str = "t1",
        *,
        now: float = 1000.0,
        token: str = "secret",
        parent_id: str | None = None,
        owner_id: int = 7,
        request: Request = PAPER_BOAT,
        pictures: tuple[InputImage, ...] = (),
    ) -> Task:
        new = NewTask(
            id=task_id,
            parent_id=parent_id,
            owner_id=owner_id,
            guild_id=1,
            channel_id=2,
            request=request,
            callback_token=token,
            pictures=pictures,
        )
        return await store.tasks.add(new, now)

    return add


def engine_of(store: Store) -> SqliteEngine:
    """The engine behind a store."""
    assert isinstance(store._engine, SqliteEngine)
    return store._engine


def database_of(store: Store) -> Database:
    """The file behind a store."""
    return engine_of(store)._database


def a_message(token_ends_at: float = 1900.0, message_id: int | None = None) -> NewMessage:
    """A message that is to show a task."""
    return NewMessage(
        route=Route.FOLLOWUP,
        user_id=7,
        application_id=9,
        guild_id=1,
        channel_id=2,
        token="interaction-token",
        token_ends_at=token_ends_at,
        upload_limit=10_485_760,
        locale="en-US",
        message_id=message_id,
    )


def an_opening(
    interaction_id: int = 11,
    task_id: str = "t1",
    *,
    parent_id: str | None = None,
    request: Request = PAPER_BOAT,
    nonce: str | None = None,
    outcome: SubmissionOutcome = SubmissionOutcome.OUTCOME_UNKNOWN,
    now: float = 1000.0,
    pictures: tuple[InputImage, ...] = (),
    repeats: Repeats | None = None,
) -> Opening:
    """A submission with its task and its message."""
    ahead = 0 if outcome is SubmissionOutcome.QUEUED else None
    task = NewTask(task_id, parent_id, 7, 1, 2, request, "secret", pictures, ahead)
    nonce = nonce or f"n{interaction_id}"
    submission = NewSubmission(interaction_id, 7, task_id, parent_id, request.custom_id, nonce)
    return Opening(task, submission, a_message(), outcome, now, repeats)


async def opened(store: Store, opening: Opening) -> Submission:
    """Journals a submission that is no repetition."""
    made = await store.submissions.open(opening)
    assert made is not None
    return made[1]


async def settled(store: Store, press: Submission, outcome: SubmissionOutcome, now: float = 1001.0) -> bool:
    """Records the outcome of a submission, if that is allowed."""
    return await store.submissions.set_outcome(press, NewOutcome(press.interaction_id, outcome, now)) is not None
