"""Submissions: from a request to the journal, to the image service, and back to the journal.

A request is journalled and committed first, sent at most once, and its answer settles the journal. Where no answer
came, the journal says so (UNSETTLED, or CONFIRMING for a window) and `bot.tasks.recovery` goes on from there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.background import Background
from bot.midjourney import (
    Accepted,
    AnswerLost,
    Existing,
    MidjourneyClient,
    MidjourneyError,
    Mode,
    SubmitTag,
    Submitted,
    Window,
)
from bot.tasks.answers import (
    Answer,
    Origin,
    Refusal,
    Repeated,
    Taken,
    Unsettled,
    new_callback_token,
    new_nonce,
    new_task_id,
)
from bot.tasks.asking import ask
from bot.tasks.events import TaskEvents
from bot.tasks.refusals import refusal_of
from bot.tasks.siblings import add_siblings
from bot.tasks.troubles import Troubles
from storage import (
    Action,
    Change,
    NewPress,
    NewTask,
    Outcome,
    Picture,
    Press,
    Request,
    StorageError,
    Store,
    Task,
    TaskId,
    TaskState,
)

log = logging.getLogger(__name__)

# Two presses of one button by one person within this many seconds are one press: a double click.
DOUBLE_CLICK_SECONDS = 1.5

HookAddress = Callable[[TaskId, str], str | None]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A journalled request on its way out."""

    task: Task
    press: Press
    tag: SubmitTag


class Submissions:
    """Sends requests to the image service, each journalled before and settled after."""

    def __init__(
        self,
        store: Store,
        midjourney: MidjourneyClient,
        events: TaskEvents,
        background: Background,
        *,
        hook_address: HookAddress,
        clock: Callable[[], float],
    ) -> None:
        """`hook_address` gives a task's callback address for its id and token, or None where none is wanted."""
        self._store = store
        self._midjourney = midjourney
        self._events = events
        self._background = background
        self._hook_address = hook_address
        self._clock = clock
        self._in_flight: set[int] = set()
        self._troubles = Troubles()

    def in_flight(self, press: Press) -> bool:
        """Is this press being sent by this process right now?"""
        return press.interaction_id in self._in_flight

    async def confirm(self, press: Press) -> Answer:
        """Confirms a window that is known to wait and surely was not confirmed yet. Raises StorageError."""
        task = await self._store.tasks.get(press.task_id)
        if task is None or press.outcome is not Outcome.WINDOW or task.upstream_id is None:
            return Repeated()
        asked = _Asked(task, press, SubmitTag(state=press.nonce, notify_hook=None))
        return await self._confirm(asked, Window(task.upstream_id, None))

    async def send(
        self, origin: Origin, request: Request, *, parent: Task | None = None, pictures: Sequence[Picture] = ()
    ) -> Answer:
        """Journals a request and sends it once; `parent` is the task whose button was pressed."""
        # Whoever waits for the answer may be cancelled (a shutdown); a request that is on its way may not.
        work = self._background.start(self._journal_and_send(origin, request, parent, pictures), "submit")
        return await asyncio.shield(work)

    async def _journal_and_send(
        self, origin: Origin, request: Request, parent: Task | None, pictures: Sequence[Picture]
    ) -> Answer:
        self._in_flight.add(origin.interaction_id)
        try:
            asked = await self._journal(origin, request, parent, pictures)
            return asked if isinstance(asked, Repeated) else await self._send(asked, parent)
        except StorageError:
            log.exception("a request could not be journalled or settled")
            return Refusal("refused.store")
        finally:
            self._in_flight.discard(origin.interaction_id)

    async def _journal(
        self, origin: Origin, request: Request, parent: Task | None, pictures: Sequence[Picture]
    ) -> _Asked | Repeated:
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
            if await self._is_repeated(origin, request, parent, now):
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
        return _Asked(task, press, tag)

    async def _is_repeated(self, origin: Origin, request: Request, parent: Task | None, now: float) -> bool:
        presses = self._store.presses
        if await presses.claimed(origin.interaction_id):
            return True
        if parent is None or request.custom_id is None:
            return False
        since = now - DOUBLE_CLICK_SECONDS
        return await presses.same_button(origin.user_id, parent.id, request.custom_id, since) is not None

    async def _send(self, asked: _Asked, parent: Task | None) -> Answer:
        try:
            submitted = await ask(
                self._midjourney,
                asked.task.request,
                parent=parent.upstream_id if parent else None,
                pictures=await self._pictures(asked.task),
                tag=asked.tag,
            )
        except AnswerLost as error:
            return await self._unsettled(asked.task, error)
        except MidjourneyError as error:
            return await self._refused(asked, error)
        return await self._settle(asked, submitted)

    async def _pictures(self, task: Task) -> Sequence[Picture]:
        # A button's only picture is the mask, which goes out with its window.
        return [] if task.request.action is Action.BUTTON else await self._store.tasks.inputs(task.id)

    async def _settle(self, asked: _Asked, submitted: Submitted) -> Answer:
        match submitted:
            case Window():
                async with self._store.transaction():
                    await self._store.presses.settle(asked.press.interaction_id, Outcome.WINDOW, self._clock())
                    change = Change(TaskState.WAITING, upstream_id=submitted.task_id)
                    await self._store.tasks.move(asked.task.id, change, self._clock())
                return await self._confirm(asked, submitted)
            case Accepted():
                answer = await self._taken(asked, submitted.task_id, submitted.queue_ahead)
                for sibling in await add_siblings(self._store, asked.task, submitted.task_ids[1:], self._clock()):
                    self._events.publish(sibling)
                return answer
            case Existing():
                return await self._taken(asked, submitted.task_id, None)

    async def _confirm(self, asked: _Asked, window: Window) -> Answer:
        request = asked.task.request
        masks = await self._store.tasks.inputs(asked.task.id)
        await self._store.presses.settle(asked.press.interaction_id, Outcome.CONFIRMING, self._clock())
        try:
            submitted = await self._midjourney.modal(
                window.task_id,
                prompt=request.window_prompt or window.prompt or request.prompt or None,
                mask=masks[0].data if masks else None,
                mode=Mode(request.mode) if request.mode else None,
                tag=asked.tag,
            )
        except AnswerLost as error:
            return await self._unsettled(asked.task, error)
        except MidjourneyError as error:
            return await self._refused(asked, error)
        queue_ahead = submitted.queue_ahead if isinstance(submitted, Accepted) else None
        return await self._taken(asked, submitted.task_id or window.task_id, queue_ahead)

    async def _taken(self, asked: _Asked, upstream_id: str, queue_ahead: int | None) -> Answer:
        async with self._store.transaction():
            await self._store.presses.settle(asked.press.interaction_id, Outcome.TAKEN, self._clock())
            change = Change(TaskState.PENDING, upstream_id=upstream_id, queue_ahead=queue_ahead)
            task = await self._store.tasks.move(asked.task.id, change, self._clock())
        self._troubles.over()
        # A callback may have been quicker than the answer; then the task already stands further on.
        task = task or await self._store.tasks.get(asked.task.id) or asked.task
        self._events.publish(task)
        return Taken(task)

    async def _unsettled(self, task: Task, error: AnswerLost) -> Answer:
        log.warning("task %s: the answer of the image service was lost (%s)", task.id, error)
        task = await self._store.tasks.get(task.id) or task
        self._events.publish(task)
        return Unsettled(task)

    async def _refused(self, asked: _Asked, error: MidjourneyError) -> Answer:
        self._troubles.seen(error)
        refusal = refusal_of(error)
        async with self._store.transaction():
            await self._store.presses.settle(asked.press.interaction_id, Outcome.REFUSED, self._clock(), refusal.text)
            change = Change(TaskState.REFUSED, fail_kind=refusal.text, fail_reason=refusal.values.get("reason", ""))
            task = await self._store.tasks.move(asked.task.id, change, self._clock())
            for message in await self._store.messages.showing(asked.task.id):
                if message.shown_version == 0:
                    await self._store.messages.lose(message.id)
        if task:
            self._events.publish(task)  # a message that stands already (after a lost answer) has to say it
        return refusal
