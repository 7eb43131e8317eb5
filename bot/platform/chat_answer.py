"""A chat answer: its text, progress, images and end, put together from the documents of its body
(docs/platform-api.md#chat-answers)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.engines.errors import AnswerLost, EngineError, RefusalKind, ServiceRefused
from bot.net.untrusted_data import mapping, number, sequence, text
from bot.platform.error_bodies import Problem, problem_of, vendor_message
from bot.platform.error_mapping import error_of
from bot.platform.errors import NoResult
from bot.platform.generation_text import Generation, read_generation
from bot.platform.image_collector import (
    EmbeddedImages,
    FoundImage,
    before_data_url,
    ends_in_data_url,
    image_of_field,
    images_in,
    is_base64,
    unique,
)

# In characters, without data URLs. Longer answers are cut.
MAX_ANSWER_TEXT = 400_000
_SHOWN = 300
_THINK = "<think>"
_THOUGHT = re.compile(r"\s*<think>.*?(?:</think>\s*|\Z)", re.DOTALL)
_CUT_REASONS = ("length", "max_tokens")


class ChatEnd(StrEnum):
    """How an answer ended."""

    COMPLETE = "complete"
    CUT = "cut"
    """Something is missing: the stream broke off, the length limit was reached, or an image never came."""
    FAILED = "failed"
    REFUSED = "refused"
    """For its content. Another attempt with the same words is useless."""


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """An answer, complete or as far as it has arrived.

    `text` is for people: without reasoning, and without the images, which are in `images`. `raw_text` is what a further
    message of the conversation must repeat. Neither contains a data URL. `progress` (percent) never goes down while the
    answer arrives. `end` is None until it has ended; `reason` and `error` tell why it failed. `total_tokens` and
    `model` are what the service says, which may be invented. Text is from outside: escape it before it is shown.
    """

    text: str = ""
    raw_text: str = field(default="", repr=False)
    images: tuple[FoundImage, ...] = ()
    progress: int | None = None
    generation: Generation = field(default_factory=Generation, repr=False)
    reasoning: str = field(default="", repr=False)
    end: ChatEnd | None = None
    reason: str = ""
    error: EngineError | None = None
    model: str = ""
    total_tokens: int | None = None


class ChatAssembler:
    """Puts an answer together. `expects_images`: an answer without an image is none."""

    def __init__(self, *, expects_images: bool = False) -> None:
        self._expects_images = expects_images
        self._words = ""
        self._new: list[str] = []
        self._in_data_url = False
        self._embedded = EmbeddedImages()
        self._attached: list[FoundImage] = []
        self._reasoning: list[str] = []
        self._refusal = ""
        self._finish = ""
        self._error: EngineError | None = None
        self._reason = ""
        self._model = ""
        self._total_tokens: int | None = None
        self._has_choices = False

    @property
    def finished(self) -> bool:
        """Whether the service said that the answer is complete."""
        return bool(self._finish)

    @property
    def failed(self) -> bool:
        """Whether an error was reported."""
        return self._error is not None

    @property
    def empty(self) -> bool:
        """Whether nothing arrived that could be an answer."""
        return not (self._has_choices or self._error)

    def fail(self, error: EngineError, reason: str = "") -> None:
        """Ends the answer with an error; `reason` is its text for people. The first one counts."""
        if self._error is None:
            self._error, self._reason = error, reason or _words_of(error)

    def add(self, document: Mapping[str, Any], *, status: int = 200, is_error: bool = False) -> bool:
        """Adds a document: a whole answer, or a part of one. Returns whether the answer changed."""
        problem = problem_of(document, status)
        if problem is None and is_error:
            problem = Problem(vendor_message(document) or text(document.get("code")))
        self._model = self._model or text(document.get("model")).strip()[:200]
        total = number(mapping(document.get("usage")).get("total_tokens"))
        self._total_tokens = self._total_tokens if total is None else total
        changed = self._add_choices(document)
        if problem is not None:
            self.fail(error_of(problem), problem.message)
        return changed or problem is not None

    def _add_choices(self, document: Mapping[str, Any]) -> bool:
        changed = False
        for choice in map(mapping, sequence(document.get("choices"))):
            self._has_choices = True
            if not number(choice.get("index")):
                changed = self._add_choice(choice) or changed
        return changed

    def _add_choice(self, choice: Mapping[str, Any]) -> bool:
        whole = choice.get("message")
        part = mapping(whole if whole is not None else choice.get("delta"))
        finish = text(choice.get("finish_reason")).strip()
        # A whole message has ended, whatever its reason says.
        self._finish = self._finish or finish or ("stop" if whole is not None else "")
        for name in ("reasoning_content", "reasoning"):
            self._reasoning += [piece] if (piece := text(part.get(name))) else []
        refusal = text(part.get("refusal"))
        self._refusal += refusal
        changed = self._add_content(part.get("content"))
        changed = self._add_content(choice.get("text")) or changed
        for item in sequence(part.get("images")):
            changed = self._attach(item) or changed
        return changed or bool(refusal)

    def _add_content(self, content: Any) -> bool:
        changed = False
        for item in [content] if isinstance(content, str) else sequence(content):
            words = item if isinstance(item, str) else mapping(item).get("text")
            words = words if isinstance(words, str) else text(mapping(words).get("value"))
            if words:
                changed = self._add_words(words) or changed
            elif not isinstance(item, str):
                self._refusal += text(mapping(item).get("refusal"))
                changed = self._attach(item) or changed
        return changed

    def _attach(self, item: Any) -> bool:
        image = image_of_field(item)
        self._attached += [image] if image else []
        return image is not None

    def _add_words(self, words: str) -> bool:
        self._new.append(words)
        # While a data URL arrives in small parts, nothing changes that anybody could see.
        self._in_data_url = self._in_data_url and is_base64(words)
        return not self._in_data_url

    def _move_images_out(self, *, final: bool) -> None:
        new = "".join(self._new)
        self._new.clear()
        if not final and "\ud800" <= new[-1:] <= "\udbff":
            # The first half of a character whose second half is in the next part.
            self._new, new = [new[-1]], new[:-1]
        self._words = self._embedded.move_out(self._words + _storable(new), final=final)
        self._in_data_url = ends_in_data_url(self._words)
        if len(self._words) > MAX_ANSWER_TEXT and not self._in_data_url:
            self._words, self._finish = self._words[:MAX_ANSWER_TEXT], _CUT_REASONS[0]

    def answer(self, *, final: bool) -> ChatAnswer:
        """The answer as far as it has arrived. `final`: nothing will follow."""
        self._move_images_out(final=final)
        shown, thoughts = _split_thoughts(self._words, final=final)
        shown = shown if final else before_data_url(shown)
        generation = read_generation(shown)
        images = unique([*images_in(generation.rest, self._embedded, final=final), *self._attached])
        found = ChatAnswer(
            text=generation.prose,
            raw_text=shown,
            images=images,
            progress=generation.progress,
            generation=generation,
            reasoning="".join([thoughts, *self._reasoning]),
            error=self._error,
            model=self._model,
            total_tokens=self._total_tokens,
        )
        return self._ended(found) if final else found

    def _ended(self, answer: ChatAnswer) -> ChatAnswer:
        end, reason, error = self._end_of(answer)
        return dataclasses.replace(answer, end=end, reason=reason.strip()[:_SHOWN], error=error or answer.error)

    def _end_of(self, answer: ChatAnswer) -> tuple[ChatEnd, str, EngineError | None]:
        """The end, its reason, and the error for it."""
        if self._expects_images and answer.images:
            return ChatEnd.COMPLETE, "", None  # whatever went wrong afterwards
        if self._error:
            refused = isinstance(self._error, ServiceRefused) and self._error.kind is RefusalKind.BANNED_PROMPT
            return (ChatEnd.REFUSED if refused else ChatEnd.FAILED), self._reason, self._error
        if self._refusal or (self._finish == "content_filter" and not answer.images):
            words = self._refusal or answer.text
            return ChatEnd.REFUSED, words, ServiceRefused(RefusalKind.BANNED_PROMPT, words[:_SHOWN])
        if not self._finish or self._finish in _CUT_REASONS:
            return ChatEnd.CUT, "", None
        if self._expects_images:
            return self._without_image(answer)
        if answer.text or answer.images:
            return ChatEnd.COMPLETE, "", None
        return ChatEnd.FAILED, "", NoResult("the answer is empty")

    @staticmethod
    def _without_image(answer: ChatAnswer) -> tuple[ChatEnd, str, EngineError | None]:
        """The end of an answer that should have an image and has none (docs/platform-api.md#success)."""
        generation = answer.generation
        if generation.failure:
            return ChatEnd.FAILED, generation.failure, NoResult(generation.failure[:_SHOWN])
        if generation.progress is not None or generation.ids or generation.job:
            return ChatEnd.CUT, answer.text, None
        words = answer.text or "the answer is empty"
        return ChatEnd.FAILED, answer.text, NoResult(f"no image: {words[:_SHOWN]}")


def _split_thoughts(words: str, *, final: bool) -> tuple[str, str]:
    """The text without the reasoning at its beginning, and that reasoning (docs/platform-api.md#reasoning)."""
    start = words.lstrip()
    if not final and start and _THINK.startswith(start):
        return "", ""  # it may become the tag
    found = _THOUGHT.match(words)
    if not found:
        return words, ""
    thoughts = found[0].strip().removeprefix(_THINK).removesuffix("</think>").strip()
    return words[found.end() :], thoughts


def _storable(words: str) -> str:
    """The text without what cannot be stored or sent: halves of characters are put together or replaced, and a NUL is
    never visible."""
    if words.isascii() and "\0" not in words:
        return words
    return words.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")


def _words_of(error: EngineError) -> str:
    return error.description if isinstance(error, ServiceRefused) else str(error)


def lost(what: str) -> AnswerLost:
    """The error for a body that ended without anything that could be an answer."""
    return AnswerLost(f"{what}: the answer ended before anything of it arrived")
