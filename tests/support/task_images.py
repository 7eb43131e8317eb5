"""The images of finished tasks, for tests without Discord."""

from __future__ import annotations

from collections.abc import Sequence

from bot.media import ImageDownloader
from bot.runtime.byte_budget import ByteBudget
from bot.runtime.units import MEGABYTE
from bot.tasks.task_images import PostedUrls, TaskImages
from bot.ui.cards.card_attachments import ResultImages
from bot.ui.cards.inline_images import Ask
from storage import Store, Task
from tests.support.attachment_links import unsigned_links


async def nowhere(_: Task) -> Sequence[str]:
    """No message shows the task."""
    return ()


def task_images(
    store: Store,
    fetcher: ImageDownloader,
    *,
    remote: Ask | None = None,
    posted: PostedUrls = nowhere,
    budget: ByteBudget | None = None,
) -> TaskImages:
    """Reads the images of tasks in this store."""
    source = ResultImages(fetcher, remote, thumbnails=store.thumbnails)
    return TaskImages(source, fetcher, unsigned_links(), budget or ByteBudget(64 * MEGABYTE), posted=posted)
