"""The journal: what is asked of the image service, written down before it goes out and when its answer is known.

Every method is one transaction, and doing it again changes nothing more, so that a write that failed can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.midjourney import SubmitTag
from bot.tasks.answers import Origin, Refusal, Repeated, new_callback_token, new_nonce, new_task_id
from bot.tasks.siblings import add_siblings
from bot.tasks.viewer import Viewer
from storage import (
    Change,
    NewPress,
    NewTask,
    Outcome,
    Picture,
    Press,
    Request,
    Store,
    Task,
    TaskId,
    TaskState,
)

# Two presses of one button by one person within this many seconds are one press: a double click.
DOUBLE_CLICK_SECONDS = 1.5
# Stands with a press from the moment on when its window's confirmation goes out: a second one never may.
WINDOW_CONFIRMED = "window confirmed"

HookAddress = Callable[[TaskId, str], str | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A journalled request: `parent` is the task whose button was pressed, `pictures` what came with it, `viewer` who
    asks (None once that is not known any more)."""

    task: Task
    press: Press
    tag: SubmitTag
    parent: Task | None
    pictures: Sequence[Picture]
    viewer: Viewer | None = None


class Journal:
    """Writes the journal. Every method raises StorageError, after which nothing of it was written."""

    def __init__(self, store: Store, *, hook_address: HookAddress, clock: Callable[[], float]) -> None:
        """`hook_address` gives a task's callback address for its id and token, or None where none is wanted."""
        self._store = store
        self._hook_address = hook_address
        self._clock = clock

    async def open(
        self,
        origin: Origin,
        request: Request,
        *,
        parent: Task | None,
        pictures: Sequence[Picture],
        again: Task | None,
    ) -> Asked | Repeated:
        """Journals a request, unless this press of it was journalled already.

        `again` is the task that this one is another try of.
        """
        now, token = self._clock(), new_callback_token()
        new = NewTask(
            id=new_task_id(),
            parent_id=parent.id if parent else None,
            owner_id=origin.user_id,
            guild_id=origin.guild_id,
            channel_id=origin.channel_id,
            request=request,
            callback_token=token,
            pictures=pictures,
        )
        async with self._store.transaction():
            if await self._is_repeated(origin, new, again, now):
                return Repeated()
            task = await self._store.tasks.add(new, now)
            press = await self._store.presses.claim(
                NewPress(
                    interaction_id=origin.interaction_id,
                    user_id=origin.user_id,
                    task_id=task.id,
                    pressed_id=task.parent_id,
                    custom_id=request.custom_id,
                    nonce=new_nonce(),
                ),
                now,
            )
            await self._store.messages.add(task.id, origin.message())
        tag = SubmitTag(state=press.nonce, notify_hook=self._hook_address(task.id, token))
        return Asked(task, press, tag, parent, pictures, origin.viewer)

    async def _is_repeated(self, origin: Origin, new: NewTask, again: Task | None, now: float) -> bool:
        since = now - DOUBLE_CLICK_SECONDS
        if await self._store.presses.claimed(origin.interaction_id):
            return True
        if again:
            return await self._store.tasks.asked_since(new, since, besides=again.id)
        if new.parent_id is None or new.request.custom_id is None:
            return False
        same = await self._store.presses.same_button(origin.user_id, new.parent_id, new.request.custom_id, since)
        return same is not None

    async def waiting_window(self, press: Press) -> Asked | None:
        """The request behind a window that surely was not confirmed yet; None where there is none."""
        task = await self._store.tasks.get(press.task_id)
        if task is None or press.outcome is not Outcome.WINDOW or task.upstream_id is None:
            return None
        pictures = await self._store.tasks.inputs(task.id)
        # The callback address came with the submit that opened the window; its token is not kept.
        return Asked(task, press, SubmitTag(state=press.nonce, notify_hook=None), None, pictures)

    async def window(self, asked: Asked, upstream_id: str) -> None:
        """The service took the request and waits for its window to be confirmed."""
        async with self._store.transaction():
            await self._store.presses.settle(asked.press.interaction_id, Outcome.WINDOW, self._clock())
            change = Change(TaskState.WAITING, upstream_id=upstream_id)
            await self._store.tasks.move(asked.task.id, change, self._clock())

    async def confirming(self, asked: Asked) -> None:
        """The window's confirmation is about to go out; from here on nobody knows whether it did."""
        await self._store.presses.settle(
            asked.press.interaction_id, Outcome.CONFIRMING, self._clock(), WINDOW_CONFIRMED
        )

    async def taken(self, asked: Asked, upstream_ids: Sequence[str], queue_ahead: int | None) -> list[Task]:
        """The service took the request as these tasks of its own, at least one; ours, the asked one first."""
        async with self._store.transaction():
            press = await self._store.presses.claimed(asked.press.interaction_id)
            known = press is not None and press.outcome is Outcome.TAKEN
            await self._store.presses.settle(asked.press.interaction_id, Outcome.TAKEN, self._clock())
            change = Change(TaskState.PENDING, upstream_id=upstream_ids[0], queue_ahead=queue_ahead)
            task = await self._store.tasks.move(asked.task.id, change, self._clock())
            # A callback may have been quicker than the answer; then the task already stands further on.
            task = task or await self._store.tasks.get(asked.task.id) or asked.task
            more = [] if known else await add_siblings(self._store, asked.task, upstream_ids[1:], self._clock())
        return [task, *more]

    async def made_no_task(self, asked: Asked) -> None:
        """The service did what was asked, and there is nothing more to come of it or to show."""
        async with self._store.transaction():
            await self._store.presses.settle(asked.press.interaction_id, Outcome.TAKEN, self._clock())
            await self._without_task(asked, Change(TaskState.REFUSED))

    async def refused(self, asked: Asked, refusal: Refusal) -> Task | None:
        """The service surely did not take the request; the task, if that was news."""
        async with self._store.transaction():
            await self._store.presses.settle(asked.press.interaction_id, Outcome.REFUSED, self._clock(), refusal.text)
            change = Change(TaskState.REFUSED, fail_kind=refusal.text, fail_reason=refusal.values.get("reason", ""))
            return await self._without_task(asked, change)

    async def _without_task(self, asked: Asked, change: Change) -> Task | None:
        task = await self._store.tasks.move(asked.task.id, change, self._clock())
        for message in await self._store.messages.showing(asked.task.id):
            if message.shown_version == 0:
                await self._store.messages.lose(message.id)
        return task
