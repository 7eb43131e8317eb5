"""The journal: what is asked of the image service, written down before it goes out and when its answer is known.

Every method is one transaction, and doing it again changes nothing more, so that a write that failed can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.midjourney import SubmitTag
from bot.tasks.answers import Origin, Refusal, Repeated, new_callback_token, new_nonce
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
    Result,
    Store,
    Task,
    TaskId,
    TaskState,
)

# Two presses of one button by one person within this many milliseconds are one press: a double click.
DOUBLE_CLICK_MS = 1_500
# Discord's ids hold the milliseconds of its own clock above this many lower bits (its "Snowflakes").
SNOWFLAKE_BITS = 22
# Stands with a press from the moment on when its window's confirmation goes out: a second one never may.
WINDOW_CONFIRMED = "window confirmed"
# Stands with a task in the bot's queue whose parent the service does not see as finished yet.
PARENT_UNREADY = "parent_unready"

HookAddress = Callable[[TaskId, str], str | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A journalled request: `parent` is the task whose button was pressed, `pictures` what came with it, `viewer` who
    asks (None once that is not known any more).

    `waited`: it was shown as waiting before it was sent, so that its message says whatever follows.
    """

    task: Task
    press: Press
    tag: SubmitTag
    parent: Task | None
    pictures: Sequence[Picture]
    viewer: Viewer | None = None
    waited: bool = False


class Journal:
    """Writes the journal. Every method raises StorageError, after which nothing of it was written."""

    def __init__(
        self,
        store: Store,
        *,
        hook_address: HookAddress,
        clock: Callable[[], float],
        same: Callable[[Request, Request], bool],
    ) -> None:
        """`hook_address` gives a task's callback address for its id and token, or None where none is wanted.

        `same` tells whether two requests ask for the same.
        """
        self._store = store
        self._same = same
        self._hook_address = hook_address
        self._clock = clock

    async def open(
        self,
        origin: Origin,
        request: Request,
        parent: Task | None,
        pictures: Sequence[Picture],
        again: Task | None,
        *,
        task_id: TaskId,
        queue_ahead: int | None = None,
    ) -> Asked | Repeated:
        """Journals a request as the task `task_id`, unless this press of it was journalled already.

        `again` is the task that this one is another try of. `queue_ahead`: it waits in the bot's own queue, behind so
        many; None when it is about to be sent.
        """
        now, token = self._clock(), new_callback_token()
        new = NewTask(
            id=task_id,
            parent_id=parent.id if parent else None,
            owner_id=origin.user_id,
            guild_id=origin.guild_id,
            channel_id=origin.channel_id,
            request=request,
            callback_token=token,
            pictures=pictures,
            queue_ahead=queue_ahead,
        )
        outcome = Outcome.UNSETTLED if queue_ahead is None else Outcome.QUEUED
        async with self._store.transaction():
            if await self._is_repeated(origin, new, again):
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
                outcome,
            )
            await self._store.messages.add(task.id, origin.message())
        tag = SubmitTag(state=press.nonce, notify_hook=self._hook_address(task.id, token))
        return Asked(task, press, tag, parent, pictures, origin.viewer)

    async def dequeue(self, interaction_id: int, request: Request | None = None) -> Asked | None:
        """A request leaves the bot's queue and is about to be sent; from here on it is not known whether it was.

        `request` takes its place where its links had to be refreshed.
        None when it does not wait any more.
        """
        token = new_callback_token()
        async with self._store.transaction():
            press = await self._store.presses.claimed(interaction_id)
            task = await self._store.tasks.get(press.task_id) if press else None
            if press is None or task is None or press.outcome is not Outcome.QUEUED:
                return None
            await self._store.presses.settle(interaction_id, Outcome.UNSETTLED, self._clock())
            await self._store.tasks.renew_callback(task.id, token)
            if request is not None and request != task.request:
                task = await self._store.tasks.rewrite(task.id, request)
            parent = await self._store.tasks.get(task.parent_id) if task.parent_id else None
            pictures = await self._store.tasks.inputs(task.id)
        tag = SubmitTag(state=press.nonce, notify_hook=self._hook_address(task.id, token))
        return Asked(task, press, tag, parent, pictures, waited=True)

    async def put_back(self, asked: Asked) -> Task | None:
        """The service surely did not take the request, and it is to be sent again later; the task as it waits, or None
        when it cannot any more."""
        async with self._store.transaction():
            task = await self._store.tasks.queue_again(asked.task.id, PARENT_UNREADY, self._clock())
            if task:
                await self._store.presses.settle(asked.press.interaction_id, Outcome.QUEUED, self._clock())
            return task

    async def withdraw(self, interaction_id: int) -> Task | None:
        """A request leaves the bot's queue and is never sent; the task, or None when it does not wait any more."""
        async with self._store.transaction():
            press = await self._store.presses.claimed(interaction_id)
            if press is None or press.outcome is not Outcome.QUEUED:
                return None
            await self._store.presses.settle(interaction_id, Outcome.REFUSED, self._clock(), "withdrawn")
            return await self._store.tasks.move(press.task_id, Change(TaskState.CANCELLED), self._clock())

    async def unsettled(self, task_id: TaskId) -> Task | None:
        """The answer of a request was lost; the task as it stands then."""
        moved = await self._store.tasks.move(task_id, Change(TaskState.SUBMITTING), self._clock())
        return moved or await self._store.tasks.get(task_id)

    async def _is_repeated(self, origin: Origin, new: NewTask, again: Task | None) -> bool:
        moment = _double_click(origin.interaction_id)
        if await self._store.presses.claimed(origin.interaction_id):
            return True
        if again:
            earlier = await self._store.tasks.requested_by(new.owner_id, moment, parent_id=new.parent_id)
            return any(task_id != again.id and self._same(request, new.request) for task_id, request in earlier)
        if new.parent_id is None or new.request.custom_id is None or new.pictures:
            return False  # a painted region is as old as its link, and no double click of another one
        same = await self._store.presses.same_button(origin.user_id, new.parent_id, new.request.custom_id, moment)
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

    async def made_no_task(self, asked: Asked, text: str) -> Task | None:
        """The service did what was asked, and there is nothing more to come of it. `text` says so where a message of
        the task stands already."""
        change = Change(TaskState.REFUSED)
        if asked.waited:
            change = Change(TaskState.SUCCESS, result=Result(text=text))
        async with self._store.transaction():
            await self._store.presses.settle(asked.press.interaction_id, Outcome.TAKEN, self._clock())
            return await self._without_task(asked, change)

    async def refused(self, asked: Asked, refusal: Refusal) -> Task | None:
        """The service surely did not take the request; the task, if that was news."""
        async with self._store.transaction():
            await self._store.presses.settle(asked.press.interaction_id, Outcome.REFUSED, self._clock(), refusal.text)
            # What people have seen waiting stays in their lists, and its pictures stay for another try.
            state = TaskState.FAILURE if asked.waited else TaskState.REFUSED
            change = Change(state, fail_kind=refusal.text, fail_reason=refusal.values.get("reason", ""))
            return await self._without_task(asked, change)

    async def _without_task(self, asked: Asked, change: Change) -> Task | None:
        task = await self._store.tasks.move(asked.task.id, change, self._clock())
        for message in await self._store.messages.showing(asked.task.id):
            if message.shown_version == 0 and not asked.waited:
                await self._store.messages.lose(message.id)
        return task


def _double_click(interaction_id: int) -> range:
    """The ids of the interactions that are close enough to this one, by Discord's clock, to be a double click."""
    moment = interaction_id >> SNOWFLAKE_BITS
    first = max(0, moment - DOUBLE_CLICK_MS)
    return range(first << SNOWFLAKE_BITS, (moment + DOUBLE_CLICK_MS + 1) << SNOWFLAKE_BITS)
