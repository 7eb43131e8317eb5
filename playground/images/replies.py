"""Replies: the submit results and the four error envelopes (docs/image-api.md#http-status and #error-envelopes)."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from playground.images.profiles import Profile
from playground.images.tasks import CHANNEL, INSTANCE, Json, Task

_WEB_UI = "<!doctype html><html><head><title>New API</title></head><body><div id=root></div></body></html>"
PLACE: Json = {"discordInstanceId": INSTANCE}
_AT = "2026-05-01T10:00:00"


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: `body` is JSON when it is an object or a list, text or bytes as they are, None for nothing."""

    status: int = 200
    body: Json | list[Json] | str | bytes | None = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    task_ids: tuple[str, ...] = ()

    def text(self) -> str:
        """The body as it is sent, without blanks; bytes have none."""
        if isinstance(self.body, (str, bytes)) or self.body is None:
            return self.body if isinstance(self.body, str) else ""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))


class Refusal(Exception):
    """A submit that is refused; carries the answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text())
        self.reply = reply


def envelope(code: int, description: str, result: object = None, properties: Json | None = None) -> Json:
    """Envelope A: the submit result of the family."""
    return {"code": code, "description": description, "result": result, "properties": properties or {}}


def relay_error(reason: str, *, code: int = 4, status: int = 400) -> Reply:
    """Envelope B: newapi's own error; its description ends with a blank."""
    return Reply(status, {"code": code, "description": f"{reason} ", "type": "upstream_error"})


def openai_error(status: int, message: str, kind: str, code: str | None = None) -> Reply:
    """Envelope D: newapi's errors of authentication, distribution and routing."""
    more: Json = {} if code is None else {"param": "", "code": code}
    return Reply(status, {"error": {"message": message, "type": kind, **more}})


def filter_error(message: str) -> Reply:
    """Envelope C: trueai's filters."""
    return Reply(200, {"success": False, "code": -1, "message": message, "timestamp": _AT})


def accepted(profile: Profile, task: Task, ahead: int, *, place: bool = True) -> Reply:
    """The task was taken: code 1, or 22 with the number of those ahead. `place`: with instance and channel."""
    body: Json = {"code": 1, "description": profile.accepted, "result": task.id}
    if ahead:
        properties = {"numberOfQueues": ahead, **(PLACE if place else {})}
        body = envelope(22, profile.queued.format(ahead=ahead), task.id, properties)
    elif place:
        body["properties"] = PLACE | ({"discordChannelId": CHANNEL} if profile.name == "plus" else {})
    return relayed(profile, Reply(200, body, task_ids=(task.id,)))


def modal_required(profile: Profile, task: Task) -> Reply:
    """The task waits for its modal: code 21."""
    body: Json = {"code": 21, "description": profile.modal, "result": task.id}
    if profile.name != "plus" and task.modal:
        body["properties"] = {"finalPrompt": task.modal.prefill, "remix": True}
    return relayed(profile, Reply(200, body, task_ids=(task.id,)), keeps_21=task.custom_id)


def relayed(profile: Profile, reply: Reply, *, keeps_21: str | None = None) -> Reply:
    """newapi's textual replacement in what its upstream answered (docs/image-api.md#rewritten-codes)."""
    if profile.name != "newapi":
        return reply
    text = reply.text().replace('"code":22', '"code":1')
    if not (keeps_21 and ("::Inpaint::" in keeps_21 or "::CustomZoom::" in keeps_21)):
        text = text.replace('"code":21', '"code":1')
    return Reply(reply.status, text, headers=reply.headers, task_ids=reply.task_ids)


def rewritten(reply: Reply) -> Reply:
    """An answer in a gateway's words: everything under `data`, codes as text, ids as numbers."""
    body: Any = reply.body
    if isinstance(body, list):
        body = {"data": body}
    elif isinstance(body, dict) and body.get("code") in (1, 21, 22):
        result = body.get("result")
        number = int(result) if isinstance(result, str) and result.isdigit() else result
        body = {"data": {**body, "code": str(body["code"]), "description": "", "result": number}}
    return replace(reply, body=body)


def refusal(code: int, description: str) -> Refusal:
    return Refusal(Reply(200, envelope(code, description)))


def invalid(profile: Profile, description: str, relay_reason: str | None = None) -> Refusal:
    """A validation error: code 4; newapi answers with its own words where it checks itself."""
    if profile.name == "newapi" and relay_reason:
        return Refusal(relay_error(relay_reason))
    return refusal(4, description)


def task_not_found(profile: Profile) -> Refusal:
    if profile.name == "newapi":
        return Refusal(relay_error("task_not_found"))
    return Refusal(Reply(404 if profile.dialect == "trueai" else 200, envelope(3, "关联任务不存在或已失效")))


def task_not_finished(profile: Profile) -> Refusal:
    return invalid(profile, "关联任务状态错误", "task_status_not_success")


def queue_full(code: int) -> Refusal:
    return Refusal(Reply(200, envelope(code, "提交失败，队列已满，请稍后尝试", None, PLACE)))


def banned(prompt: str, word: str) -> Refusal:
    """The prompt contains a banned word: code 24."""
    return Refusal(Reply(200, envelope(24, "可能包含敏感词", None, {"promptEn": prompt, "bannedWord": word})))


def no_such_endpoint(profile: Profile, method: str, path: str, *, web_ui: bool) -> Reply:
    if profile.dialect == "trueai":
        return Reply(404)
    if profile.dialect != "newapi":
        return Reply(404, {"status": 404, "error": "Not Found", "path": path})
    if web_ui and method == "GET":
        return Reply(200, _WEB_UI, content_type="text/html")
    return openai_error(404, f"Invalid URL ({method} {path})", "invalid_request_error", "")


def unreadable_body(profile: Profile) -> Reply:
    """A body that is no JSON object."""
    if profile.name == "newapi":
        return relay_error("bind_request_body_failed")
    return Reply(400, {"timestamp": _AT, "status": 400, "error": "Bad Request"})
