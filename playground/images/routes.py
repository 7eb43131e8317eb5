"""From a path to its endpoint and its handler, and who may enter."""

import hmac
import re
from dataclasses import dataclass

from aiohttp import web

from playground.images import action_endpoints, submit_endpoints, task_endpoints
from playground.images.profiles import Profile
from playground.images.replies import Reply, openai_error

_PATH = re.compile(r"(?:/([^/]+))?/mj/(.+)")
_TASK = re.compile(r"task/([^/]+)/(fetch|cancel|image-seed)|image/([^/]+)")
_PREFIX = re.compile(r"mj-(fast|turbo|relax)")

HANDLERS: dict[tuple[str, str], submit_endpoints.Handler] = {
    ("POST", "submit/imagine"): submit_endpoints.imagine,
    ("POST", "submit/blend"): submit_endpoints.blend,
    ("POST", "submit/describe"): submit_endpoints.describe,
    ("POST", "submit/shorten"): submit_endpoints.shorten,
    ("POST", "submit/upload-discord-images"): submit_endpoints.upload,
    ("POST", "submit/edit"): submit_endpoints.edit,
    ("POST", "submit/edits"): submit_endpoints.edit,
    ("POST", "submit/retexture"): submit_endpoints.retexture,
    ("POST", "submit/video"): submit_endpoints.video,
    ("POST", "submit/show"): submit_endpoints.show,
    ("POST", "submit/action"): action_endpoints.action,
    ("POST", "submit/modal"): action_endpoints.modal,
    ("POST", "submit/change"): action_endpoints.change,
    ("POST", "submit/simple-change"): action_endpoints.simple_change,
    ("POST", "insight-face/swap"): submit_endpoints.swap,
    ("POST", "insight-face/video-swap"): submit_endpoints.video_swap,
    ("GET", "task/{id}/fetch"): task_endpoints.fetch,
    ("POST", "task/list-by-condition"): task_endpoints.list_by_condition,
    ("POST", "task/list-by-ids"): task_endpoints.list_by_ids,
    ("GET", "task/list"): task_endpoints.list_all,
    ("GET", "task/queue"): task_endpoints.queue,
    ("POST", "task/query"): task_endpoints.query,
    ("POST", "task/{id}/cancel"): task_endpoints.cancel,
    ("GET", "task/{id}/image-seed"): task_endpoints.image_seed,
}
_STRINGS = (
    "prompt",
    "taskId",
    "customId",
    "state",
    "notifyHook",
    "action",
    "botType",
    "content",
    "maskBase64",
    "base64",
)


@dataclass(frozen=True)
class Route:
    """A path understood: `endpoint` has `{id}` where `task_id` stood; `prefix` is the first segment, if any."""

    endpoint: str
    task_id: str = ""
    prefix: str | None = None
    mode: str | None = None

    @property
    def changes(self) -> bool:
        """Whether a POST here creates or changes something."""
        return self.endpoint.startswith(("submit/", "insight-face/")) or self.endpoint.endswith("/cancel")


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
    # newapi cuts the prefix off before it forwards (image API reference, 2.2)
    drawn_in = mode[1].upper() if mode and profile.name != "newapi" else None
    return Route(endpoint, task_id, prefix, drawn_in)


def check_key(profile: Profile, key: str, request: web.Request) -> Reply | None:
    """The answer to a request with a wrong key; None when it may enter (image API reference, 2.1)."""
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
    strings = all(isinstance(body.get(name), (str, type(None))) for name in _STRINGS)
    number = body.get("index")
    array = body.get("base64Array")
    texts = array is None or (isinstance(array, list) and all(isinstance(entry, str) for entry in array))
    return strings and texts and (number is None or (isinstance(number, int) and not isinstance(number, bool)))
