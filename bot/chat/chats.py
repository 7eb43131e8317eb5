"""Chats: begins, continues, repeats and stops answers, and brings each to its end.

An answer is asked for once. Its turn is stored before, so that after a crash its message says that it was interrupted
and may have been billed. What is under way is known to this process alone; `resume` ends the turns of an earlier one.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Protocol

from bot.chat.history import MAX_TURNS, Refresh, messages_of
from bot.chat.policy import ChatOperation, check
from bot.chat.running_answer import RunningAnswer
from bot.chat.slots import Slot, Slots
from bot.engines.errors import NotSent
from bot.platform.chat_answer import ChatAnswer
from bot.platform.engines_file import InputForm, matches
from bot.platform.requests import ChatRequest
from bot.platform.service import Platform
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.errors import UserError
from bot.tasks.policy import Actor
from storage import ChatImage, ChatTurn, Conversation, StorageError, Store, TurnEnd, TurnMessage, TurnState

log = logging.getLogger(__name__)

# Seconds from one edit of a message to the next. Discord allows five edits in five seconds in a channel.
EDIT_SECONDS = 1.0
# An answer that ends sooner is shown at once.
FIRST_SECONDS = 0.6
# Seconds before each attempt to show how an answer ended. The next start tries again.
SHOW_DELAYS = (0.0, 2.0, 10.0, 60.0)
# Seconds for the end of an answer when the program stops.
SHUTDOWN_SECONDS = 1.5


class AnswerDisplay(Protocol):
    """Shows answers in messages. No method raises errors of Discord; each has a time limit."""

    async def post(self, conversation: Conversation, turn: ChatTurn) -> int | None:
        """Posts the message of a turn that has none. Returns its id, None if that is impossible."""

    async def find(self, conversation: Conversation, turn: ChatTurn) -> int | None:
        """The id of a message that was posted for the turn before a crash."""

    async def progress(self, conversation: Conversation, turn: ChatTurn, answer: ChatAnswer) -> None:
        """Shows what has arrived of an answer."""

    async def ended(
        self, conversation: Conversation, turn: ChatTurn, answer: ChatAnswer, ready: Callable[[], None]
    ) -> bool:
        """Shows how the turn ended. `answer` has the images that have no URL. `ready` is called before people can see
        it. False if another attempt may succeed."""


class Chats:
    """The answers of this process."""

    def __init__(
        self,
        store: Store,
        platform: Platform,
        tasks: TaskSupervisor,
        display: AnswerDisplay,
        refresh: Refresh,
        *,
        now: Callable[[], float] = time.time,
        edit_seconds: float = EDIT_SECONDS,
    ) -> None:
        """`tasks` owns the answers under way. `refresh` makes a link to an attachment valid again."""
        self._store = store
        self._platform = platform
        self._tasks = tasks
        self._display = display
        self._refresh = refresh
        self._now = now
        self._edit_seconds = edit_seconds
        self._slots = Slots("chat_running")
        self._running: dict[str, RunningAnswer] = {}

    def slot(self, user_id: int, conversation_id: str | None = None) -> AbstractContextManager[Slot]:
        """The right to have one answer: one for each person, and one in each conversation. Raises UserError."""
        keys = (f"user {user_id}", *([f"conversation {conversation_id}"] if conversation_id else []))
        return self._slots.taken(*keys)

    async def turn_for(
        self, actor: Actor, operation: ChatOperation, conversation_id: str, number: int
    ) -> tuple[Conversation, ChatTurn]:
        """A turn and its conversation, if this user may do this with it. Raises UserError, StorageError."""
        conversation = await self._store.conversations.get(conversation_id)
        turn = await self._store.conversations.turn(conversation_id, number)
        return check(actor, operation, conversation, turn)

    async def begin(self, slot: Slot, conversation: Conversation, turn: ChatTurn, images: Sequence[ChatImage]) -> None:
        """Begins a conversation. Raises UserError if the message that it answers was answered before, StorageError."""
        slot.add(f"conversation {conversation.id}")
        self._start(slot, conversation, await self._store.conversations.begin(conversation, turn, images, self._now()))

    async def go_on(self, slot: Slot, conversation: Conversation, turn: ChatTurn, images: Sequence[ChatImage]) -> None:
        """Continues a conversation with a further turn. Raises UserError as `begin`, and if the conversation is gone,
        StorageError."""
        self._start(slot, conversation, await self._store.conversations.add(turn, images, self._now()))

    async def repeat(self, slot: Slot, conversation: Conversation, turn: ChatTurn, message: TurnMessage) -> None:
        """Answers a turn again, in this message. Raises UserError if it is being answered, StorageError."""
        if not await self._store.conversations.run_again(turn.conversation_id, turn.number, message, self._now()):
            raise UserError("chat_running")
        self._start(slot, conversation, dataclasses.replace(turn, message=message))

    def stop(self, turn: ChatTurn) -> None:
        """Stops an answer. Raises UserError if it has ended."""
        running = self._running.get(turn.key)
        if running is None:
            raise UserError("chat_over")
        running.stop()

    async def forget(self, conversation: Conversation) -> Sequence[int]:
        """Deletes a conversation. Returns the ids of its messages. Raises UserError while an answer runs."""
        with self._slots.taken(f"conversation {conversation.id}"):
            messages = await self._store.conversations.messages(conversation.id)
            await self._store.conversations.remove(conversation.id)
        return messages

    async def resume(self) -> None:
        """Ends the turns that an earlier process left, and shows the ends that were not shown. Raises StorageError."""
        left = [turn for turn in await self._store.conversations.unshown() if turn.key not in self._running]
        ended = []
        for turn in left:
            if turn.running:
                end = dataclasses.replace(turn.end, state=TurnState.INTERRUPTED)
                await self._store.conversations.end(turn.conversation_id, turn.number, end)
                turn = dataclasses.replace(turn, end=end)
            ended.append(turn)
        if ended:
            log.info("%d answers were interrupted, or not shown", len(ended))
            self._tasks.start(self._show_again(ended), "shown again")

    # one answer

    def _start(self, slot: Slot, conversation: Conversation, turn: ChatTurn | None) -> None:
        if turn is None:
            raise UserError("no_such_conversation")
        slot.handed_over = True
        running = self._running[turn.key] = RunningAnswer(turn)
        self._tasks.start(self._run(slot, conversation, running), f"answer {turn.key}")

    async def _run(self, slot: Slot, conversation: Conversation, running: RunningAnswer) -> None:
        try:
            turn = await self._placed(conversation, running.turn)
            running.turn = turn
            if turn.message.message_id is not None:
                end = await self._answered(conversation, running)
                await self._finish(conversation, running, end, partial(self._release, slot, running))
        finally:
            self._release(slot, running)

    def _release(self, slot: Slot, running: RunningAnswer) -> None:
        if self._running.get(running.turn.key) is running:
            del self._running[running.turn.key]
        slot.release()

    async def _placed(self, conversation: Conversation, turn: ChatTurn) -> ChatTurn:
        """The turn with a message. Nothing is sent to the platform before there is one. It has none if it cannot have
        one; then it has ended."""
        if turn.message.message_id is not None:
            return turn
        message_id = await self._display.post(conversation, turn)
        if message_id is None:
            await self._store.conversations.end(turn.conversation_id, turn.number, TurnEnd(TurnState.FAILED))
            await self._store.conversations.mark_shown(turn.conversation_id, turn.number)
            return turn
        await self._store.conversations.placed(turn.conversation_id, turn.number, message_id)
        return dataclasses.replace(turn, message=dataclasses.replace(turn.message, message_id=message_id))

    async def _answered(self, conversation: Conversation, running: RunningAnswer) -> TurnEnd:
        reading = self._tasks.start(self._read(conversation, running), f"reading {running.turn.key}")
        try:
            await self._follow(conversation, running, reading)
            return reading.result()
        except asyncio.CancelledError:
            reading.cancel()
            await self._interrupt(conversation, running)
            raise
        except StorageError:
            return running.failed(UserError("store"))
        except Exception:  # noqa: BLE001 - the supervisor has logged it
            return running.failed(UserError("defect"))

    async def _interrupt(self, conversation: Conversation, running: RunningAnswer) -> None:
        """Ends an answer because the program stops. What does not succeed is done at the next start."""
        turn, end = running.turn, _without_loss(running.turn, running.end(TurnState.INTERRUPTED))
        with suppress(TimeoutError, StorageError):
            async with asyncio.timeout(SHUTDOWN_SECONDS):
                await self._store.conversations.end(turn.conversation_id, turn.number, end)
                await self._show(conversation, running, end, _nothing)

    async def _read(self, conversation: Conversation, running: RunningAnswer) -> TurnEnd:
        turn, conversations = running.turn, self._store.conversations
        path = await conversations.path(turn.conversation_id, turn.number, MAX_TURNS)
        images = await conversations.images(turn.conversation_id, [each.number for each in path])
        links = self._refresh if self._takes_links(conversation.model) else None
        try:
            messages = await messages_of(path, images, self._platform.file.templates.chat, refresh=links)
            request = ChatRequest(model=conversation.model, messages=messages, stream=True)
        except NotSent:
            return running.failed(UserError("platform_not_reached"))
        return await running.read(self._platform.client.chat, request)

    def _takes_links(self, model: str) -> bool:
        profile = self._platform.models.profile_of(model)
        return matches(model, self._platform.file.image_links) or bool(profile and profile.inputs is InputForm.LINK)

    async def _follow(self, conversation: Conversation, running: RunningAnswer, reading: asyncio.Task[TurnEnd]) -> None:
        """Shows what has arrived until the answer has ended, and until its message can be edited again."""
        await asyncio.wait({reading}, timeout=FIRST_SECONDS)
        while not reading.done():
            running.changed.clear()
            answer = running.answer
            await self._keep(running.turn, answer)
            await self._display.progress(conversation, running.turn, answer)
            await asyncio.sleep(self._edit_seconds)
            changed = asyncio.ensure_future(running.changed.wait())
            try:
                await asyncio.wait({reading, changed}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                changed.cancel()

    async def _keep(self, turn: ChatTurn, answer: ChatAnswer) -> None:
        """Stores what people are about to see, so that it stays after a crash."""
        if not answer.text:
            return
        try:
            await self._store.conversations.keep(turn.conversation_id, turn.number, answer.text, answer.raw_text)
        except StorageError as error:
            log.warning("cannot store a part of an answer: %s", error)

    async def _finish(
        self, conversation: Conversation, running: RunningAnswer, end: TurnEnd, ready: Callable[[], None]
    ) -> None:
        turn = running.turn
        end = _without_loss(turn, end)
        try:
            await self._store.conversations.end(turn.conversation_id, turn.number, end)
        except StorageError as error:
            log.error("cannot store the end of an answer: %s", error)  # noqa: TRY400 - expected
        for pause in SHOW_DELAYS:
            await asyncio.sleep(pause)
            if turn.key in self._running and self._running[turn.key] is not running:
                return  # it is answered again already
            if await self._show(conversation, running, end, ready):
                return
        log.warning("cannot show the end of answer %s before the next start", turn.key)

    async def _show(
        self, conversation: Conversation, running: RunningAnswer, end: TurnEnd, ready: Callable[[], None]
    ) -> bool:
        turn = dataclasses.replace(running.turn, end=end)
        if not await self._display.ended(conversation, turn, running.answer, ready):
            return False
        try:
            await self._store.conversations.mark_shown(turn.conversation_id, turn.number)
        except StorageError as error:
            log.warning("cannot store that the end of an answer is shown: %s", error)
        return True

    async def _show_again(self, turns: Sequence[ChatTurn]) -> None:
        for turn in turns:
            conversation = await self._store.conversations.get(turn.conversation_id)
            if conversation is None:
                continue
            if turn.message.message_id is None:
                found = await self._display.find(conversation, turn)
                if found is None:
                    await self._store.conversations.mark_shown(turn.conversation_id, turn.number)
                    continue
                await self._store.conversations.placed(turn.conversation_id, turn.number, found)
                turn = dataclasses.replace(turn, message=dataclasses.replace(turn.message, message_id=found))
            await self._show(conversation, RunningAnswer(turn), turn.end, _nothing)


def _nothing() -> None:
    """What happens before an end is shown that no one waits for."""


def _without_loss(turn: ChatTurn, end: TurnEnd) -> TurnEnd:
    """The end of a repeated turn: without a new answer, the earlier one stays."""
    earlier = turn.end
    if end.answer or end.image_urls or not (earlier.answer or earlier.image_urls):
        return end
    return dataclasses.replace(end, answer=earlier.answer, raw_text=earlier.raw_text, image_urls=earlier.image_urls)
