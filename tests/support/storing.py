"""The shortest way to a stored task."""

from __future__ import annotations

from typing import Protocol

from storage import Action, InputImage, NewTask, Request, Store, Task

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
