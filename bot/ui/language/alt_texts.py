"""Alt text for posted results: written by a model after the card was posted, and shown by an edit of the card.

The operator switches it on in the engines file. A result costs one call at most, one result is looked at at a time, and
there is a limit for an hour. A result that gets none keeps its prompt as alt text.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from bot.language.image_descriptions import alt_texts
from bot.language.languages import language_of
from bot.media import ImageError, NotAnImage
from bot.platform.roles import Role
from bot.platform.service import Platform
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.errors import UserError
from bot.ui.cards.card_attachments import ResultImages, has_images
from bot.ui.components.markdown import sanitize_line
from storage import StorageError, Store, Task, TaskId

log = logging.getLogger(__name__)

_HOUR = 3_600.0
# Results that wait, and tasks of which it is remembered that they were looked at. Later ones get no alt text.
MAX_WAITING, MAX_SEEN = 100, 10_000


class AltTexts:
    """Writes the alt texts of results that messages show."""

    def __init__(
        self,
        store: Store,
        platform: Platform,
        images: ResultImages,
        background: TaskSupervisor,
        redraw: Callable[[TaskId], Awaitable[None]],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`redraw` edits the messages of a task. `now` returns monotonic seconds."""
        self._store = store
        self._platform = platform
        self._images = images
        self._background = background
        self._redraw = redraw
        self._now = now
        self._waiting: deque[TaskId] = deque()
        self._seen: dict[TaskId, None] = {}
        self._calls: deque[float] = deque()
        self._working = False

    def end_shown(self, task_id: TaskId) -> None:
        """Takes note that a message shows the end of a task (a listener of `Delivery`)."""
        if not self._platform.file.alt_texts or task_id in self._seen or len(self._waiting) >= MAX_WAITING:
            return
        self._seen[task_id] = None
        while len(self._seen) > MAX_SEEN:
            del self._seen[next(iter(self._seen))]
        self._waiting.append(task_id)
        if not self._working:
            self._working = True
            self._background.start(self._work(), "alt-texts")

    async def _work(self) -> None:
        try:
            while self._waiting:
                task_id = self._waiting.popleft()
                try:
                    await self._write(task_id)
                except (UserError, ImageError, NotAnImage, StorageError) as error:
                    log.info("task %s: no alt text: %s", task_id, error)
                except Exception:
                    # A defect with one result must not end the work for others.
                    log.exception("task %s: writing alt text failed", task_id)
        finally:
            self._working = False

    async def _write(self, task_id: TaskId) -> None:
        task = await self._store.tasks.get(task_id)
        if task is None or not _needs_alts(task) or self._platform.models.for_role(Role.VISION) is None:
            return
        if not self._may_call():
            log.debug("task %s: no alt text: the limit of this hour is reached", task_id)
            return
        images = [image.data for image in await self._images.of(task)]
        self._calls.append(self._now())
        alts = await alt_texts(self._platform, images, language_of(await self._locale_of(task_id)))
        lines: Sequence[str] = [sanitize_line(alt) for alt in alts]
        if lines and all(lines):
            await self._store.tasks.keep_alts(task_id, lines)
            await self._redraw(task_id)

    async def _locale_of(self, task_id: TaskId) -> str | None:
        """The language of the first message that shows the task."""
        return next((message.locale for message in await self._store.messages.for_task(task_id)), None)

    def _may_call(self) -> bool:
        while self._calls and self._calls[0] <= self._now() - _HOUR:
            self._calls.popleft()
        return len(self._calls) < self._platform.file.alt_texts_per_hour


def _needs_alts(task: Task) -> bool:
    return has_images(task) and not task.result.alts and task.deleted_at is None
