"""The IDs under which the bot stores image tasks of a platform. Each also holds where the task is polled, because
platforms differ in that (docs/platform-api.md#image-tasks), and a restart must not forget it.

`<place>~<id>`, or `u~<path>` for a path that the platform named, in the base64 of URLs.
"""

from __future__ import annotations

import base64
import binascii

from bot.engines.models import RemoteStatus, is_task_id
from bot.platform.image_tasks import ImageTask

_PLACES = {"t": "/v1/tasks/", "g": "/v1/images/generations/", "i": "/v1/images/tasks/"}
_NAMED = "u"
_SEPARATOR = "~"


def task_id_of(task: ImageTask) -> str | None:
    """The ID for a task that was accepted. None if it cannot be polled."""
    for path in task.paths:
        for place, start in _PLACES.items():
            if path == f"{start}{task.id}":
                return _checked(f"{place}{_SEPARATOR}{task.id}")
        encoded = base64.urlsafe_b64encode(path.encode()).decode("ascii").rstrip("=")
        if named := _checked(f"{_NAMED}{_SEPARATOR}{encoded}"):
            return named
    return None


def task_of(task_id: str) -> ImageTask | None:
    """The task of an ID, as far as polling needs it. None if the ID is not one of these."""
    place, _, rest = task_id.partition(_SEPARATOR)
    if place == _NAMED:
        path = _decoded(rest)
        return ImageTask(rest, RemoteStatus.RUNNING, paths=(path,)) if path else None
    if place not in _PLACES or not rest:
        return None
    # A platform may have the task under another place than its dialect says.
    first = f"{_PLACES[place]}{rest}"
    others = (f"{start}{rest}" for start in _PLACES.values())
    return ImageTask(rest, RemoteStatus.RUNNING, paths=tuple(dict.fromkeys((first, *others))))


def _checked(task_id: str) -> str | None:
    return task_id if is_task_id(task_id) else None


def _decoded(encoded: str) -> str | None:
    try:
        path = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return path if path.startswith("/v1/") and ".." not in path else None
