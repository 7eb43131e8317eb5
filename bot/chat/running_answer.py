"""One answer under way: read from the platform, stopped by a person, and how it ended."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing

from bot.engines.errors import EngineError
from bot.language.model_calls import chosen_model_error
from bot.platform.chat import ChatApi
from bot.platform.chat_answer import ChatAnswer, ChatEnd
from bot.platform.requests import ChatRequest
from bot.tasks.engine_calls import MAX_REASON
from bot.tasks.errors import UserError
from storage import ChatTurn, TurnEnd, TurnState

log = logging.getLogger(__name__)

_STATES = {
    ChatEnd.COMPLETE: TurnState.COMPLETE,
    ChatEnd.CUT: TurnState.CUT,
    ChatEnd.FAILED: TurnState.FAILED,
    ChatEnd.REFUSED: TurnState.REFUSED,
}


class RunningAnswer:
    """An answer that is read. `answer` is what has arrived, `changed` is set whenever more has."""

    def __init__(self, turn: ChatTurn) -> None:
        self.turn = turn
        self.answer = ChatAnswer()
        self.changed = asyncio.Event()
        self._stop = asyncio.Event()
        self._reading: asyncio.Task[object] | None = None

    def is_stopped(self) -> bool:
        """Whether a person has stopped it."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Stops reading. The platform may bill the answer nevertheless."""
        self._stop.set()
        if self._reading:
            self._reading.cancel()

    async def read(self, chat: ChatApi, request: ChatRequest) -> TurnEnd:
        """Sends the request, once, and reads its answer to the end, which is returned. Raises CancelledError unless it
        was stopped."""
        self._reading = asyncio.current_task()
        if self.is_stopped():
            return self.end(TurnState.STOPPED)
        try:
            async with aclosing(chat.stream(request)) as answers:
                async for answer in answers:
                    self.answer = answer
                    self.changed.set()
        except EngineError as error:
            log.info("turn %s failed: %s", self.turn.key, type(error).__name__)
            return self.failed(chosen_model_error(error, request.model))
        except asyncio.CancelledError:
            if not self.is_stopped():
                raise
            return self.end(TurnState.STOPPED)
        return self._ended(request.model)

    def end(self, state: TurnState, error: UserError | None = None) -> TurnEnd:
        """The end in this state, with what has arrived."""
        return TurnEnd(
            state,
            self.answer.text,
            self.answer.raw_text,
            tuple(image.url for image in self.answer.images if image.url),
            error.code if error else "",
            error.params if error else {},
        )

    def failed(self, error: UserError) -> TurnEnd:
        """The end of an answer that failed, or that was refused for its content."""
        banned = error.code == "platform_declined"
        return self.end(TurnState.REFUSED if banned else TurnState.FAILED, error)

    def _ended(self, model: str) -> TurnEnd:
        answer = self.answer
        state = _STATES[answer.end or ChatEnd.CUT]
        if state is TurnState.REFUSED:
            return self.end(state, UserError("platform_declined"))
        if state is TurnState.FAILED:
            if answer.reason:
                return self.end(state, UserError("platform_failed", reason=answer.reason[:MAX_REASON]))
            return self.end(state, chosen_model_error(answer.error, model) if answer.error else None)
        return self.end(state)
