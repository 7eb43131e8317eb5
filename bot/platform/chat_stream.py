"""Reads the body of a chat answer as it arrives: an event stream or one JSON document, whatever was asked for and
whatever its content type says (docs/platform-api.md#chat-answers)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.engines.errors import AnswerTooLarge, EngineError, Unreadable
from bot.platform.answer_json import BodyForm, form_of, no_result, parsed, without_json
from bot.platform.chat_answer import ChatAnswer, ChatAssembler, lost
from bot.platform.error_bodies import vendor_message
from bot.platform.event_stream import BOM, MAX_LINE, Event, EventReader
from bot.platform.transport import AnswerHead

_MAX_START = 2_000
# Gateways add it to whatever comes from behind them.
_MAX_TERMINATOR = 200
_TERMINATOR = re.compile(rb"(?:\s*data:\s*\[DONE\])+\s*\Z")


class ChatReader:
    """Reads one answer. Parts of the body may be cut at any byte.

    `complete`: the body has ended for good, so nothing needs to be waited for. `expects_images`: an answer without an
    image is a failure.
    """

    def __init__(self, head: AnswerHead, *, expects_images: bool = False) -> None:
        self._head = head
        self._answer = ChatAssembler(expects_images=expects_images)
        self._events = EventReader()
        self._start = bytearray()
        self._document: bytearray | None = None
        self._held = b""
        self._begun = False
        self._terminated = False
        self._takes_bare = False
        self._ended = False

    @property
    def complete(self) -> bool:
        """Whether the terminator was read."""
        return self._events.done or self._terminated

    @property
    def finished(self) -> bool:
        """Whether the service said that the answer has ended; only its terminator and its usage may follow."""
        return self._answer.finished or self._answer.failed

    @property
    def pending(self) -> int:
        """The bytes of the line or document that is still incomplete. Reading its end takes time in proportion."""
        return len(self._document or b"") + self._events.pending

    def feed(self, part: bytes) -> bool:
        """Reads a part of the body. Returns whether the answer changed. Raises AnswerTooLarge."""
        if len(self._start) < _MAX_START:
            self._start += part[:_MAX_START]
        if not self._begun:
            if not self._begin(part):
                return False
            part, self._held = self._held, b""
        if self._document is None:
            return self._add_events(part)
        self._document += part
        self._terminated = _TERMINATOR.search(self._document[-_MAX_TERMINATOR:]) is not None
        if len(self._document) > MAX_LINE:
            raise AnswerTooLarge(f"the answer is larger than {MAX_LINE} bytes")
        return False

    def _begin(self, part: bytes) -> bool:
        """Decides by the first byte that is not blank whether the body is one JSON document."""
        self._held += part
        visible = self._held.removeprefix(BOM).lstrip()
        if not visible or BOM.startswith(self._held):
            return False
        self._begun = True
        if visible[:1] in (b"{", b"["):
            self._document = bytearray()
        return True

    def _add_events(self, part: bytes) -> bool:
        changed = False
        for event in self._events.feed(part):
            changed = self._add_event(event) or changed
        return changed

    def _add_event(self, event: Event) -> bool:
        is_error = event.name == "error" or event.document.get("type") == "error"
        if event.bare and not (is_error or event.document.get("error") or self._takes_bare):
            return False
        return self._answer.add(event.document, status=self._head.status, is_error=is_error)

    def fail(self, error: EngineError) -> None:
        """Ends the answer with an error that does not stand in the body."""
        self._answer.fail(error)

    def snapshot(self) -> ChatAnswer:
        """The answer as far as it has arrived."""
        return self._answer.answer(final=False)

    def end(self) -> ChatAnswer:
        """The answer after the last part. What it lacks to be complete is in its `end`."""
        if not self._ended:
            self._ended = True
            self._read_rest()
            if self._answer.empty:
                self._answer.fail(self._unreadable())
        return self._answer.answer(final=True)

    def _read_rest(self) -> None:
        if self._document is not None:
            if self._terminated:
                end = self._document[-_MAX_TERMINATOR:]
                del self._document[-len(end) :]
                self._document += _TERMINATOR.sub(b"", end)
            body, self._document = bytes(self._document), None
            try:
                self._add_document(parsed(body))
            except Unreadable:
                # Perhaps lines without `data:`, the first one at least.
                self._takes_bare = True
                self._add_events(body)
        for event in self._events.end():
            self._add_event(event)

    def _add_document(self, document: object) -> None:
        if not isinstance(document, Mapping):
            return
        self._answer.add(document, status=self._head.status)
        if self._answer.empty and vendor_message(document):
            self._answer.fail(no_result(document, self._head, ""))

    def _unreadable(self) -> EngineError:
        """The error for a body without an answer."""
        body = bytes(self._start)
        form = form_of(body)
        if self._head.status < 300 and form in (BodyForm.JSON, BodyForm.EVENTS, BodyForm.EMPTY):
            return lost(f"HTTP {self._head.status}")
        return without_json(self._head, BodyForm.TEXT if form is BodyForm.EVENTS else form, body)


def read_chat(body: bytes, head: AnswerHead, *, expects_images: bool = False) -> ChatAnswer:
    """Reads a whole body. Raises AnswerTooLarge."""
    reader = ChatReader(head, expects_images=expects_images)
    reader.feed(body)
    return reader.end()
