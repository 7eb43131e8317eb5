"""What people type or paste where a task is wanted: its id, a link to its message or to one of its files, or a job of
Midjourney's."""

from __future__ import annotations

import re

from bot.midjourney.job_ids import JOB_ID
from bot.tasks.prompt import clean
from storage import Store, TaskId

# Room for the address of a picture at Discord, which is signed.
MAX_REFERENCE = 500

_MESSAGE = re.compile(
    r"https?://(?:(?:ptb|canary|www)\.)?discord(?:app)?\.com/channels/(?:@me|\d+)/\d+/(\d{1,19})(?!\d)"
)
_FILE = re.compile(r"(?:^|[/_])(?:atelier|preview|words)-([0-9a-z]{4,32})[-.]")


async def referred_task(store: Store, typed: str) -> TaskId:
    """The id of the task that is meant: of a message's link, the task that the message shows; otherwise `typed_id`.

    Raises StorageError. The id may be one that does not exist.
    """
    linked = _MESSAGE.search(typed.lower())
    shown = await store.messages.by_message_id(int(linked[1])) if linked else None
    return shown.task_id if shown else typed_id(typed)


def typed_id(typed: str) -> TaskId:
    """The task's id in what was typed or chosen: by itself, with what it was copied with, or in a file's name."""
    text = clean(typed).strip("`<> ").lower()
    named = _FILE.search(text)
    return named[1] if named else text


def typed_job(typed: str) -> str | None:
    """The id of a job of Midjourney's in what was typed: by itself, or in the address of its page or its picture."""
    found = JOB_ID.search(typed.lower())
    return found[0] if found else None
