"""How users name a task: by its id, by a link to its message or to one of its files, or by a Midjourney job."""

from __future__ import annotations

import re

from bot.tasks.prompt import clean
from storage import Store, TaskId

# Characters. Long enough for a signed URL of an image at Discord.
MAX_REFERENCE = 500

_MESSAGE = re.compile(
    r"https?://(?:(?:ptb|canary|www)\.)?discord(?:app)?\.com/channels/(?:@me|\d+)/\d+/(\d{1,19})(?!\d)"
)
_FILE = re.compile(r"(?:^|[/_])(?:atelier|preview|words)-([0-9a-z]{4,32})[-.]")


async def referred_task(store: Store, typed: str) -> TaskId:
    """The id of the named task: for a message link, the task of that message; otherwise the result of `typed_id`.

    Raises StorageError. The task may not exist.
    """
    linked = _MESSAGE.search(typed.lower())
    shown = await store.messages.by_message_id(int(linked[1])) if linked else None
    return shown.task_id if shown else typed_id(typed)


def typed_id(typed: str) -> TaskId:
    """The task id in the input: by itself, with surrounding Markdown, or in a file's name."""
    text = clean(typed).strip("`<> ").lower()
    named = _FILE.search(text)
    return named[1] if named else text
