"""Requests: from a path to its endpoint and handler, the check of the key, reading a body, records for the tests."""

import hmac
import json
import re
import time
from collections.abc import Collection
from dataclasses import dataclass, field

from aiohttp import web

from playground.images import action_endpoints as actions
from playground.images import submit_endpoints as submits
from playground.images import task_endpoints as tasks
from playground.images.profiles import Profile
from playground.images.replies import Reply, envelope, openai_error
from playground.images.submit_endpoints import Handler
from playground.images.tasks import Json

_PATH = re.compile(r"(?:/([^/]+))?/mj/(.+)")
_TASK = re.compile(r"task/([^/]+)/(fetch|cancel|image-seed)|image/([^/]+)")
_PREFIX = re.compile(r"mj-(fast|turbo|relax)")

HANDLERS: dict[tuple[str, str], Handler] = {
    ("POST", "submit/imagine"): submits.imagine,
    ("POST", "submit/blend"): submits.blend,
    ("POST", "submit/describe"): submits.describe,
    ("POST", "submit/shorten"): submits.shorten,
    ("POST", "submit/upload-discord-images"): submits.upload,
    ("POST", "submit/edit"): submits.edit,
    ("POST", "submit/edits"): submits.edit,
    ("POST", "submit/retexture"): submits.retexture,
    ("POST", "submit/video"): submits.video,
    ("POST", "submit/show"): submits.show,
    ("POST", "insight-face/swap"): submits.swap,
    ("POST", "insight-face/video-swap"): submits.video_swap,
    ("POST", "submit/action"): actions.action,
    ("POST", "submit/modal"): actions.modal,
    ("POST", "submit/change"): actions.change,
    ("POST", "submit/simple-change"): actions.simple_change,
    ("GET", "task/{id}/fetch"): tasks.fetch,
    ("POST", "task/list-by-condition"): tasks.list_by_condition,
    ("POST", "task/list-by-ids"): tasks.list_by_ids,
    ("GET", "task/list"): tasks.list_all,
    ("GET", "task/queue"): tasks.queue,
    ("POST", "task/query"): tasks.query,
    ("POST", "task/{id}/cancel"): tasks.cancel,
    ("GET", "task/{id}/image-seed"): tasks.image_seed,
}
# What newapi takes for texts.
_TEXTS = "prompt taskId customId state notifyHook action botType content maskBase64 base64"


@dataclass(frozen=True)
class Route:
    """A path understood: `endpoint` has `{id}` where `task_id` stood; `prefix` is the first segment, if any."""

    endpoint: str
    task_id: str = ""
    prefix: str | None = None
    mode: str | None = None


def route_of(path: str, profile: Profile) -> Route | None:
    """The endpoint that a path means in this service; None for paths outside of the API."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    prefix, rest = match[1], match[2]
    mode = _PREFIX.fullmatch(prefix or "")
    if prefix and not (profile.name == "newapi" or (profile.prefixes and mode)):
        return None
    endpoint, task_id = rest, ""
    if task := _TASK.fullmatch(rest):
        task_id = task[1] or task[3]
        endpoint = f"task/{{id}}/{task[2]}" if task[1] else "image/{id}"
    # newapi cuts the prefix off before it forwards (docs/image-api.md#modes)
    drawn_in = mode[1].upper() if mode and profile.name != "newapi" else None
    return Route(endpoint, task_id, prefix, drawn_in)


def check_key(profile: Profile, key: str, request: web.Request) -> Reply | None:
    """The answer to a request with a wrong key; None for the right one (docs/image-api.md#authentication)."""
    bearer, secret = request.headers.get("Authorization"), request.headers.get("mj-api-secret", "")
    if not key:
        return None
    if profile.auth == "secret":
        return None if _same(secret, key) else Reply(401)
    if profile.auth == "verbatim":
        given = secret if bearer is None else bearer
        if not given:
            return Reply(401, "Unauthorized", content_type="text/plain")
        return None if _same(given, key) else Reply(401, "Unauthorized: wrong key", content_type="text/plain")
    given = secret if not bearer or _bare(bearer) == "midjourney-proxy" else bearer
    if _same(_bare(given), _bare(key)):
        return None
    return openai_error(401, "Invalid token (request id: 20260102)", "new_api_error")


def _bare(value: str) -> str:
    return value.removeprefix("Bearer ").strip().removeprefix("sk-")


def _same(given: str, key: str) -> bool:
    return hmac.compare_digest(given.encode(), key.encode())


def binds(body: dict[str, object]) -> bool:
    """Whether a body has the types that newapi's Go structures want."""
    strings = all(isinstance(body.get(name), (str, type(None))) for name in _TEXTS.split())
    number = body.get("index")
    array = body.get("base64Array")
    texts = array is None or (isinstance(array, list) and all(isinstance(entry, str) for entry in array))
    return strings and texts and (number is None or (isinstance(number, int) and not isinstance(number, bool)))


# What a gateway takes (docs/image-api.md#modes and #common-fields): no field but these and those of every submit.

_MODES = ("FAST", "RELAX")
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
    if body.get("mode") not in _MODES:
        return "mode"
    if endpoint == "insight-face/swap":
        return next((name for name in ("source", "target") if name not in files), None)
    if endpoint == "submit/edits" and body.get("action") != "EDITS":
        return "action"
    return "maskBase64" if str(body.get("maskBase64", "")).startswith("data:") else None


# Bodies and records


@dataclass
class Received:
    """A request. `status` and `answer` are None while it is unanswered or when its connection was dropped.

    `endpoint` is set when it has reached one of the API, by a path with this `prefix`.
    """

    method: str
    path: str
    credentials: tuple[str, ...] = ()
    at: float = field(default_factory=time.monotonic)
    status: int | None = None
    endpoint: str = ""
    prefix: str | None = None
    body: Json = field(default_factory=dict)
    answer: str | None = None
    task_ids: tuple[str, ...] = ()

    @property
    def is_submit(self) -> bool:
        """Whether it creates or changes something."""
        return self.endpoint.startswith(("submit/", "insight-face/")) or self.endpoint.endswith("/cancel")

    @property
    def state(self) -> str:
        return str(self.body.get("state") or "")

    @property
    def task_id(self) -> str | None:
        """The first task that it created or changed."""
        return self.task_ids[0] if self.task_ids else None


async def read_body(request: web.Request) -> tuple[Json | None, dict[str, bytes]]:
    """The JSON object of a request (None when it has none), or the fields of its form; and the form's files."""
    if request.method != "POST":
        return {}, {}
    if request.content_type == "multipart/form-data":
        form = await request.post()
        files = {name: value.file.read() for name, value in form.items() if isinstance(value, web.FileField)}
        return {name: getattr(value, "filename", value) for name, value in form.items()}, files
    try:
        body = json.loads(await request.read())
    except ValueError:
        return None, {}
    return body if isinstance(body, dict) else None, {}
