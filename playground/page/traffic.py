"""The traffic next to the conversation, as rows of a list: interactions, the bot's requests to Discord, to the image
service and to the platform, and the image service's callbacks.

Every row has `row` (its id), `type`, `at`, `title`, `text`, `status`, `level` (good, slow, bad or none) and `details`,
a list of `[name, text or JSON]`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from playground.discord import CallbackType, Interaction, Json, RequestRecord
from playground.images.callbacks import Delivery
from playground.images.requests import Received
from playground.images.server import LocalImages
from playground.platform import LocalPlatform
from playground.platform.requests import Received as PlatformRequest

# Rows that a page gets when it opens.
MAX_ROWS = 200
# Longest text of one value in a row; images come as data URLs of megabytes.
MAX_TEXT = 400
# Discord gives up after three seconds; over one, people begin to wonder.
SLOW_MS = 1000
# How many of each log's newest entries are compared for changes.
COMPARED = 60

# How the traffic panel names the first answer to an interaction.
ANSWERS: dict[int, str] = {
    CallbackType.REPLY: "message",
    CallbackType.DEFER_REPLY: "thinking…",
    CallbackType.DEFER_UPDATE: "silent acknowledgement",
    CallbackType.UPDATE: "message edited",
    CallbackType.CHOICES: "choices",
    CallbackType.MODAL: "modal",
}
KINDS = {2: "command", 3: "component", 4: "autocomplete", 5: "modal"}


def interaction_row(interaction: Interaction) -> Json:
    """An interaction: what was done, what the bot answered first, and how fast."""
    kind = KINDS.get(interaction.type, "interaction")
    custom_id = interaction.data.get("custom_id")
    status, level = _speed(interaction)
    details = [
        ["What", f"{kind} · {custom_id}" if custom_id else kind],
        ["What the bot received", shortened(interaction.data)],
        ["Its first answer", shortened(interaction.callback_data)],
    ]
    return {
        "row": f"i{interaction.id}",
        "type": "interaction",
        "at": interaction.created_at,
        "title": interaction.user.display_name,
        "text": interaction.said or kind,
        "note": "did not respond" if level == "bad" else ANSWERS.get(interaction.callback_type or 0),
        "status": status,
        "level": level,
        "details": details,
        "user": str(interaction.user.id),
    }


def _speed(interaction: Interaction) -> tuple[str, str | None]:
    """How long the bot took to acknowledge it."""
    if interaction.state == "failed":
        return "> 3 s", "bad"
    if interaction.acknowledged_at is None:
        return "…", None
    took = round(interaction.acknowledged_at * 1000)
    return f"{took} ms", "slow" if took > SLOW_MS else "good"


def request_row(record: RequestRecord) -> Json:
    """A request of the bot to Discord, and Discord's answer. `refusal` says why Discord refused it."""
    refusal = _refusal(record)
    details = [
        ["Refused", "\n".join([refusal["message"], *refusal["reasons"]]) if refusal else None],
        ["Files", _listed((name, size) for _, name, size in record.files)],
        ["Body", shortened(record.json)],
        ["Answer", shortened(record.error)],
    ]
    level = "bad" if record.status and record.status >= 400 else "good"
    status = {"status": str(record.status or "…"), "level": level, "refusal": refusal}
    return _bot_request("Discord", "discord", record, details) | status | {"text": _path(record)}


def _bot_request(receiver: str, kind: str, request: RequestRecord | Received | PlatformRequest, details: Any) -> Json:
    """What the rows of all requests of the bot have in common."""
    return {
        "row": f"{receiver} {request.at:.6f}",
        "type": kind,
        "at": request.at,
        "way": f"bot → {receiver}",
        "title": request.method,
        "text": request.path.partition("?")[0],
        "details": details,
    }


def _listed(files: Iterable[tuple[str, int]]) -> str | None:
    return ", ".join(f"{name} ({size:,} bytes)" for name, size in files) or None


def _path(record: RequestRecord) -> str:
    """The path without the application's id and tokens, which say nothing to a reader."""
    route = re.sub(r"/\{(webhook|interaction)_id\}/\{\w+_token\}", "", record.route)
    return route.replace("{application_id}", "…") or record.path


def _refusal(record: RequestRecord) -> Json | None:
    """Why Discord refused a request, in its words; None where it did not, or only asked to wait."""
    if record.error is None or record.status == 429:
        return None
    reasons = [f"{path}: {message}" if path else message for path, message in _reasons(record.error.get("errors"))]
    return {"message": f"{record.error.get('message')} ({record.error.get('code')})", "reasons": reasons}


def _reasons(errors: Any, path: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in errors.items() if isinstance(errors, dict) else ():
        if key == "_errors":
            found += [(path, str(each.get("message"))) for each in value]
        else:
            found += _reasons(value, f"{path}.{key}" if path else key)
    return found


def shortened(value: Any) -> Any:
    """A copy of JSON whose long texts end in how much was left out."""
    if isinstance(value, dict):
        return {key: shortened(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shortened(each) for each in value]
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return f"{value[:MAX_TEXT]}… (+{len(value) - MAX_TEXT:,} characters)"
    return value


class ServiceTraffic:
    """Reads the logs of the image service and the platform, which send no events when they grow."""

    def __init__(self, images: LocalImages, platform: LocalPlatform) -> None:
        self._images = images
        self._platform = platform

    def rows(self, most: int) -> list[Json]:
        """The newest rows of each log."""
        return [
            *map(_image_request_row, self._images.requests[-most:]),
            *_callback_rows(self._images.callback_log[-most:]),
            *map(_platform_request_row, self._platform.requests[-most:]),
        ]

    def follow(self) -> Callable[[], list[Json]]:
        """A function that gives, at each call, the rows that are new or were answered since the call before."""
        known = {row["row"]: row for row in self.rows(COMPARED)}

        def changed() -> list[Json]:
            nonlocal known
            before, known = known, {row["row"]: row for row in self.rows(COMPARED)}
            return [row for key, row in known.items() if before.get(key) != row]

        return changed


def _image_request_row(request: Received) -> Json:
    is_refused = request.status is not None and request.status >= 400
    details = [["Body", shortened(request.body)], ["Answer", shortened(request.answer)]] if request.is_submit else []
    kind = "image" if request.is_submit or is_refused else "poll"
    return _bot_request("image service", kind, request, details) | _status(request.status)


def _platform_request_row(request: PlatformRequest) -> Json:
    """A call of the platform; what it generates itself is not kept. Reads count as polls."""
    files = _listed((file.name, len(file.data)) for file in request.files)
    details = [["Body", shortened(request.body)], ["Files", files]]
    status = _status(request.status) if request.status or request.lost else {"status": "…", "level": None}
    kind = "platform" if request.method == "POST" else "poll"
    return _bot_request("platform", kind, request, details) | status | {"note": request.model or None}


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
            "way": "image service → bot",
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
