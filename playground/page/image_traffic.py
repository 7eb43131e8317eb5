"""The traffic between the bot and the image API, both ways, as rows of the list (see `traffic`)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from playground.discord import Json
from playground.images.callbacks import Delivery
from playground.images.requests import Seen, Submission
from playground.images.server import LocalImages
from playground.page.traffic import shortened

# How many of each log's newest entries are compared for changes.
COMPARED = 60
_READS = re.compile(r"/task/|/pictures/|/mj/image/")
_NOT_CARRIED_OUT = (401, 403, 404, 405)


class ImageTraffic:
    """Reads the image API's logs, which send no events when they grow."""

    def __init__(self, images: LocalImages) -> None:
        self._images = images

    def rows(self, most: int) -> list[Json]:
        """The newest rows of each log."""
        return [
            *map(_submission_row, self._images.submits[-most:]),
            *map(_request_row, filter(_has_own_row, self._images.requests[-most:])),
            *_callback_rows(self._images.callback_log[-most:]),
        ]

    def follow(self) -> Callable[[], list[Json]]:
        """A function that gives, at each call, the rows that are new or were answered since the call before."""
        known = {row["row"]: row for row in self.rows(COMPARED)}

        def changed() -> list[Json]:
            nonlocal known
            before, known = known, {row["row"]: row for row in self.rows(COMPARED)}
            return [row for key, row in known.items() if before.get(key) != row]

        return changed


def _submission_row(submit: Submission) -> Json:
    mode = f"mj-{submit.prefix}/" if submit.prefix else ""
    details = [["Body", shortened(submit.body)], ["Answer", shortened(_parsed(submit.answer))]]
    return {
        "row": f"s{submit.at:.6f}",
        "type": "image",
        **_request("POST", f"/{mode}mj/{submit.endpoint}", submit.at, submit.status),
        "details": details,
    }


def _request_row(seen: Seen) -> Json:
    return {
        "row": f"q{seen.at:.6f}",
        "type": "poll" if _READS.search(seen.path) else "image",
        **_request(seen.method, seen.path.partition("?")[0], seen.at, seen.status),
        "details": [],
    }


def _request(method: str, path: str, at: float, status: int | None) -> Json:
    return {"at": at, "way": "bot → image API", "title": method, "text": path, **_status(status)}


def _callback_rows(log: list[Delivery]) -> Iterator[Json]:
    """One row a task: the newest callback, and the history of those before it."""
    by_task: dict[str, list[Delivery]] = {}
    for delivery in log:
        by_task.setdefault(delivery.task_id, []).append(delivery)
    for task, deliveries in by_task.items():
        last = deliveries[-1]
        history = [f"{_progress(each)} → {each.status or each.outcome}" for each in deliveries]
        yield {
            "row": f"c{task}",
            "type": "callback",
            "at": last.at,
            "way": "image API → bot",
            "title": _progress(last),
            "text": task,
            "note": f"{len(deliveries)} times" if len(deliveries) > 1 else None,
            **_status(last.status),
            "details": [["Callbacks", "\n".join(history)], ["Last body", shortened(last.body)]],
        }


def _status(status: int | None) -> Json:
    return {"status": str(status or "lost"), "level": "good" if status and status < 400 else "bad"}


def _progress(delivery: Delivery) -> str:
    return " ".join(str(part) for part in (delivery.body.get("status"), delivery.body.get("progress")) if part)


def _has_own_row(seen: Seen) -> bool:
    """A submit that was carried out is in the log of submits already."""
    return seen.method != "POST" or bool(_READS.search(seen.path)) or seen.status in _NOT_CARRIED_OUT


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return text
