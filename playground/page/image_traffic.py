"""The traffic between the bot and the image API, both ways, as rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from playground.discord.records import Json
from playground.images.callbacks import Delivery
from playground.images.requests import Seen, Submission
from playground.images.server import LocalImages
from playground.page.traffic import shortened

# As many of the newest as are looked at for changes.
LOOKED_AT = 60
_READS = re.compile(r"/task/|/pictures/|/mj/image/")
_NOT_CARRIED_OUT = (401, 403, 404, 405)


class ImageTraffic:
    """Reads the image API's logs, which tell nobody when they grow."""

    def __init__(self, images: LocalImages) -> None:
        self._images = images

    def rows(self, most: int) -> list[Json]:
        """The newest rows of each log."""
        return [
            *map(_submission_row, self._images.submits[-most:]),
            *map(_request_row, filter(_is_shown, self._images.requests[-most:])),
            *_callback_rows(self._images.callback_log[-most:]),
        ]


class Changes:
    """Tells, each time it is asked, the rows that are new or were answered since."""

    def __init__(self, traffic: ImageTraffic) -> None:
        self._traffic = traffic
        self._told = _standing(traffic.rows(LOOKED_AT))

    def since(self) -> list[Json]:
        """What is to be told now."""
        rows = self._traffic.rows(LOOKED_AT)
        before, self._told = self._told, _standing(rows)
        return [row for row in rows if before.get(row["row"]) != self._told[row["row"]]]


def _standing(rows: list[Json]) -> dict[str, tuple[Any, Any]]:
    return {row["row"]: (row["status"], row.get("count")) for row in rows}


def _submission_row(submit: Submission) -> Json:
    mode = f"mj-{submit.prefix}/" if submit.prefix else ""
    return {
        "row": f"s{submit.at:.6f}",
        "type": "image",
        "at": submit.at,
        "method": "POST",
        "path": f"/{mode}mj/{submit.endpoint}",
        "status": submit.status,
        "body": shortened(submit.body),
        "answer": shortened(_parsed(submit.answer)),
        "tasks": list(submit.task_ids),
    }


def _request_row(seen: Seen) -> Json:
    return {
        "row": f"q{seen.at:.6f}",
        "type": "poll" if _READS.search(seen.path) else "image",
        "at": seen.at,
        "method": seen.method,
        "path": seen.path.partition("?")[0],
        "status": seen.status,
        "body": None,
        "answer": None,
    }


def _callback_rows(log: list[Delivery]) -> Iterator[Json]:
    """One row a task: what was told last, and before it what."""
    by_task: dict[str, list[Delivery]] = {}
    for delivery in log:
        by_task.setdefault(delivery.task_id, []).append(delivery)
    for task, deliveries in by_task.items():
        last = deliveries[-1]
        yield {
            "row": f"c{task}",
            "type": "callback",
            "at": last.at,
            "task": task,
            "said": _said(last),
            "status": last.status,
            "count": len(deliveries),
            "history": [f"{_said(each)} → {each.status or each.outcome}" for each in deliveries],
            "body": shortened(last.body),
        }


def _said(delivery: Delivery) -> str:
    return " ".join(str(part) for part in (delivery.body.get("status"), delivery.body.get("progress")) if part)


def _is_shown(seen: Seen) -> bool:
    """A submit has a row of its own as soon as it is carried out."""
    return seen.method != "POST" or bool(_READS.search(seen.path)) or seen.status in _NOT_CARRIED_OUT


def _parsed(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
