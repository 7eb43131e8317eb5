"""The traffic between the bot and the image API, both ways, as rows of the list (see `traffic`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from playground.discord import Json
from playground.images.callbacks import Delivery
from playground.images.requests import Received
from playground.images.server import LocalImages
from playground.page.traffic import shortened

# How many of each log's newest entries are compared for changes.
COMPARED = 60


class ImageTraffic:
    """Reads the image API's logs, which send no events when they grow."""

    def __init__(self, images: LocalImages) -> None:
        self._images = images

    def rows(self, most: int) -> list[Json]:
        """The newest rows of each log."""
        return [
            *map(_request_row, self._images.requests[-most:]),
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


def _request_row(request: Received) -> Json:
    is_refused = request.status is not None and request.status >= 400
    details = [["Body", shortened(request.body)], ["Answer", shortened(_parsed(request.answer))]]
    return {
        "row": f"q{request.at:.6f}",
        "type": "image" if request.is_submit or is_refused else "poll",
        "at": request.at,
        "way": "bot → image API",
        "title": request.method,
        "text": request.path.partition("?")[0],
        **_status(request.status),
        "details": details if request.is_submit else [],
    }


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


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return text
