"""A reseller's gateway: strict about requests, loose in its answers (image API reference, 2.2, 3, 4, 5.11)."""

from collections.abc import Collection
from typing import Any

from playground.images.buttons import buttons_of
from playground.images.profiles import Profile
from playground.images.replies import Reply, envelope
from playground.images.task_fields import action_name, clip_urls, final_prompt_field
from playground.images.tasks import Json, Status, Task
from playground.images.urls import PictureUrls

MODES = ("FAST", "RELAX")
_FIELD_NAMES = {
    "submit/imagine": "prompt base64Array botType",
    "submit/blend": "base64Array dimensions botType",
    "submit/describe": "base64 botType",
    "submit/shorten": "prompt botType",
    "submit/action": "taskId customId",
    "submit/modal": "taskId prompt maskBase64",
    "submit/upload-discord-images": "base64Array",
    "submit/edits": "action prompt base64Array maskBase64 remix",
    "insight-face/swap": "source target",
}
_FIELDS = {endpoint: set(names.split()) for endpoint, names in _FIELD_NAMES.items()}
_STATUS = {"NOT_START": "QUEUED", "SUBMITTED": "PENDING", "IN_PROGRESS": "RUNNING", "SUCCESS": "COMPLETED",
           "FAILURE": "FAILED", "CANCEL": "CANCELED"}  # fmt: skip


def objection(endpoint: str, body: Json, files: Collection[str]) -> Reply | None:
    """Why the gateway refuses a submit; None when it passes it on."""
    wrong = _wrong_field(endpoint, body, files)
    return Reply(200, envelope(4, f"invalid parameter: {wrong}")) if wrong else None


def _wrong_field(endpoint: str, body: Json, files: Collection[str]) -> str | None:
    known = _FIELDS[endpoint] | {"state", "notifyHook", "mode"}
    if unknown := [name for name, value in body.items() if name not in known or value in ("", None)]:
        return unknown[0]
    if body.get("mode") not in MODES:
        return "mode"
    if endpoint == "insight-face/swap":
        return next((name for name in ("source", "target") if name not in files), None)
    if endpoint == "submit/edits" and body.get("action") != "EDITS":
        return "action"
    return "maskBase64" if str(body.get("maskBase64", "")).startswith("data:") else None


def rewritten(reply: Reply) -> Reply:
    """An answer in the gateway's words: everything under `data`, codes as text, ids as numbers."""
    body: Any = reply.body
    if isinstance(body, list):
        body = {"data": body}
    elif isinstance(body, dict) and body.get("code") in (1, 21, 22):
        result = body.get("result")
        number = int(result) if isinstance(result, str) and result.isdigit() else result
        body = {"data": {**body, "code": str(body["code"]), "description": "", "result": number}}
    return Reply(reply.status, body, reply.content_type, reply.headers, reply.task_ids)


def gateway_task_json(task: Task, profile: Profile, urls: PictureUrls, partner: bool) -> Json:
    """A task in the words of such gateways (image API reference, 7.1 and 7.2)."""
    done = task.status is Status.SUCCESS
    singles = done and task.artwork is not None and not task.artwork.motion and len(task.artwork.cells) > 1
    return {
        "id": int(task.id),
        "action": action_name(task, "plus"),
        "status": _STATUS.get(task.status.value, task.status.value),
        "progress": task.progress or "Waiting to start",
        "prompt": task.prompt,
        "prompt_en": task.prompt,
        "description": task.description,
        "state": task.state,
        "submitTime": task.submit_time // 1000,
        "startTime": str((task.start_time or 0) // 1000),
        "finishTime": str((task.finish_time or 0) // 1000),
        "fail_reason": task.fail_reason or "",
        "imageUrl": urls.of(task, profile) or "",
        "imageUrls": [urls.file(f"{task.id}-s{n}.png", profile) for n in range(4)] if singles else [],
        "video_urls": clip_urls(task, profile, urls),
        "buttons": buttons_of(task, profile, partner=partner),
        "properties": {"finalPrompt": final_prompt_field(task)},
    }
