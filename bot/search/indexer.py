"""Keeps the index of images complete: adds the texts of finished tasks, and requests the vectors of texts.

Everything that is missing is found in the database, so the work goes on after a restart, and vectors of another model
than the current one are replaced in the same way. Vectors are requested in small parts, with a pause after each.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from bot.engines.errors import AuthFailed, EngineError, NotOffered, RateLimited, RefusalKind, ServiceRefused
from bot.search.documents import has_image, text_of
from bot.search.embedder import Embedded, Embedder, NoVectors
from storage import ImageText, ImageVector, StorageError, Store, Task, TaskId, VectorSpace

log = logging.getLogger(__name__)

TEXTS_AT_ONCE = 100
# Texts that a search reads before it begins. Further ones are older, and are read in the background.
READ_BEFORE_SEARCH = 500
# Tasks without a text of their own take that of a parent, at most so many steps above.
MOST_PARENTS = 5
# Embedded together with a text that was refused, to learn whether the refusal is about the text.
HARMLESS = "an image"
# A space that no vector is in.
NO_SPACE = VectorSpace("", 0)
_ABOUT_TEXT = (RefusalKind.INVALID, RefusalKind.BANNED_PROMPT)


class IndexerTiming(NamedTuple):
    """Seconds. `collect`: from the end of a task until it is added, unless a person searches, so that several are added
    together. `idle`: between
    two looks at what is missing. `pause`: between two requests for vectors, of at most `texts` texts. `first_failure`
    and `last_failure`: the pauses after failures, each twice as long as the one before."""

    collect: float = 30.0
    idle: float = 60.0
    pause: float = 1.0
    between_reads: float = 0.1
    first_failure: float = 5.0
    last_failure: float = 600.0
    texts: int = 64


class ImageIndexer:
    """Adds to the index in the background, and before a search."""

    def __init__(
        self, store: Store, embedder: Embedder, ended: asyncio.Event, timing: IndexerTiming | None = None
    ) -> None:
        """`ended` is set at the end of a task, and wakes the background work."""
        self._store = store
        self._embedder = embedder
        self._timing = timing or IndexerTiming()
        self._ended = ended
        self._searched = asyncio.Event()
        self._reading = asyncio.Lock()
        self._failures = 0

    async def run(self) -> None:
        """Completes the index until canceled. Begins like after a task, because a start has other work to do."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timing.collect):
                    await self._searched.wait()
            pause = await self._round()
            while self._failures:
                await asyncio.sleep(pause)
                pause = await self._round()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._ended.wait()

    async def read_new(self) -> None:
        """Adds the texts of the newest finished tasks, before a search. Raises StorageError."""
        for _ in range(READ_BEFORE_SEARCH // TEXTS_AT_ONCE):
            if await self._read() < TEXTS_AT_ONCE:
                break
        self._ended.set()
        self._searched.set()

    async def _round(self) -> float:
        """Adds what is missing. Returns the seconds until the next round."""
        self._ended.clear()
        self._searched.clear()
        try:
            await self._read_all()
            while self._embedder.model and await self._embed_some():
                self._succeeded()
                await asyncio.sleep(self._timing.pause)
        except (EngineError, NoVectors, StorageError) as error:
            return self._failed(error)
        except Exception:
            log.exception("adding to the index of images failed")
            return self._failed(None)
        self._succeeded()
        return self._timing.idle

    def _succeeded(self) -> None:
        if self._failures:
            log.info("adding to the index of images works again")
        self._failures = 0

    def _failed(self, error: Exception | None) -> float:
        self._failures += 1
        if error:
            level = logging.WARNING if self._failures == 1 else logging.DEBUG
            log.log(level, "cannot add to the index of images, will retry: %s", error)
        pause = min(self._timing.first_failure * 2.0 ** min(self._failures - 1, 20), self._timing.last_failure)
        requested = error.retry_after if isinstance(error, ServiceRefused) else None
        return max(pause, min(requested or 0.0, self._timing.last_failure))

    # Texts

    async def _read_all(self) -> None:
        more = True
        while more:
            more = await self._read() == TEXTS_AT_ONCE
            await asyncio.sleep(self._timing.between_reads if more else 0)

    async def _read(self) -> int:
        """Adds the texts of some finished tasks. Returns their number."""
        async with self._reading:
            index = self._store.image_index
            tasks = await index.unread(TEXTS_AT_ONCE)
            if not tasks:
                return 0
            texts = {task.id: await self._text(task) for task in tasks if has_image(task)}
            # In the order in which they were made, so that the index has the newest last.
            added = [ImageText(task_id, text) for task_id, text in reversed(texts.items()) if text]
            await index.add(added, without_text=[task.id for task in tasks if not texts.get(task.id)])
            return len(tasks)

    async def _text(self, task: Task) -> str:
        """The text of a task, or of the nearest parent that has one: a button's result often has no prompt."""
        await asyncio.sleep(0)  # reading a prompt takes some tenths of a millisecond, and there are many
        above: Task | None = task
        for _ in range(MOST_PARENTS):
            if above is None:
                break
            if text := text_of(above):
                return text
            above = await self._store.tasks.get(above.parent_id) if above.parent_id else None
        return ""

    # Vectors

    async def _embed_some(self) -> bool:
        """Stores the vectors of some texts. Returns whether any were missing."""
        # In which space a model's vectors are shows when it first answers. Until then all others may be outdated.
        known = await self._embedder.space() or NO_SPACE
        texts = await self._store.image_index.without_vector(known, self._timing.texts)
        if not texts:
            return False
        found: dict[TaskId, ImageVector] = {}
        space = await self._embed(texts, found)
        if space is None:
            # All are refused. Is that about the texts?
            space = (await self._embedder.embed([HARMLESS])).space
        vectors = [found.get(text.task_id) or ImageVector(text.task_id, None) for text in texts]
        await self._store.image_index.add_vectors(space, vectors)
        return True

    async def _embed(self, texts: Sequence[ImageText], found: dict[TaskId, ImageVector]) -> VectorSpace | None:
        """Embeds these texts, in halves if one of them is refused. Returns the space, None if all are refused."""
        try:
            embedded = await self._embedder.embed([text.text for text in texts])
        except ServiceRefused as error:
            if not _is_about_text(error):
                raise
            if len(texts) == 1:
                log.info("task %s: the embeddings model refuses its text: %s", texts[0].task_id, error)
                return None
        else:
            found |= _by_task(texts, embedded)
            return embedded.space
        half = len(texts) // 2
        first = await self._embed(texts[:half], found)
        second = await self._embed(texts[half:], found)
        if first and second and first != second:
            raise NoVectors("the space changed in between")
        return first or second


def _by_task(texts: Sequence[ImageText], embedded: Embedded) -> Mapping[TaskId, ImageVector]:
    pairs = zip(texts, embedded.vectors, strict=True)
    return {text.task_id: ImageVector(text.task_id, vector) for text, vector in pairs}


def _is_about_text(error: ServiceRefused) -> bool:
    return error.kind in _ABOUT_TEXT and not isinstance(error, RateLimited | AuthFailed | NotOffered)
