"""Lists of tasks, parsed item by item, and only as far as they changed.

The list of all running tasks is polled every few seconds and rarely changes. A caller that keeps the digests of tasks
does not get unchanged tasks again. That saves parsing them and comparing them with the stored ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bot.engines.errors import Unreadable
from bot.engines.midjourney import coerce
from bot.engines.midjourney.envelopes import ListEnvelope, PageEnvelope, open_body
from bot.engines.midjourney.task_parsing import task_of
from bot.engines.models import Digests, Listed, RemoteTask
from bot.net import json_limits


def read_list(text: str, seen: Digests, reachable: Callable[[RemoteTask], RemoteTask]) -> Listed | Any:
    """Returns the tasks of a JSON text, or the parsed JSON if it is not a list. Entries that are not tasks are skipped.

    `seen` are the known digests. `reachable` corrects the URLs of a task. Raises the errors of `json_limits.loads`.
    """
    if text.startswith("["):
        return _listed(json_limits.items(text), seen, reachable)
    body = json_limits.loads(text)
    try:
        opened = open_body(body)
    except Unreadable:
        return body
    match opened:
        case ListEnvelope(found):
            return _listed(((item, None) for item in found), seen, reachable)
        case PageEnvelope(fields):
            return _listed(((item, None) for item in fields["content"]), seen, reachable)
    return body


def _listed(
    items: Iterable[tuple[Any, int | None]], seen: Digests, reachable: Callable[[RemoteTask], RemoteTask]
) -> Listed:
    listed = Listed()
    for item, of_text in items:
        fields = coerce.mapping(item)
        task_id = coerce.task_id(fields.get("id"))
        if not task_id:
            continue
        if of_text is not None and seen.get(task_id) == of_text:
            listed.unchanged.add(task_id)
            continue
        task = reachable(task_of(task_id, fields))
        # Items inside an envelope have no text of their own to hash.
        digest = hash(task) if of_text is None else of_text
        if seen.get(task_id) == digest:
            listed.unchanged.add(task_id)
        else:
            listed.tasks[task_id], listed.digests[task_id] = task, digest
    return listed
