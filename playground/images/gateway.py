"""A reseller's gateway: strict about requests, loose in its answers (docs/image-api.md#modes and #common-fields)."""

from collections.abc import Collection
from typing import Any

from playground.images.replies import Reply, envelope
from playground.images.tasks import Json

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


def objection(endpoint: str, body: Json, files: Collection[str]) -> Reply | None:
    """Why the gateway refuses a submit; None when it passes the request on."""
    wrong = _wrong_field(endpoint, body, files) if endpoint in _FIELDS else None
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
