"""From a path to its endpoint and its handler, and who may enter."""

import hmac
import re
from dataclasses import dataclass

from aiohttp import web

from playground.images import faces, presses, reads, submits
from playground.images.answers import Reply, openai_error
from playground.images.profiles import Profile

_PATH = re.compile(r"(?:/([^/]+))?/mj/(.+)")
_TASK = re.compile(r"task/([^/]+)/(fetch|cancel|image-seed)|image/([^/]+)")
_PREFIX = re.compile(r"mj-(fast|turbo|relax)")

HANDLERS: dict[tuple[str, str], submits.Handler] = {
    ("POST", "submit/imagine"): submits.imagine,
    ("POST", "submit/blend"): submits.blend,
    ("POST", "submit/describe"): submits.describe,
    ("POST", "submit/shorten"): submits.shorten,
    ("POST", "submit/upload-discord-images"): submits.upload,
    ("POST", "submit/edit"): submits.edits,
    ("POST", "submit/edits"): submits.edits,
    ("POST", "submit/retexture"): submits.retexture,
    ("POST", "submit/video"): submits.video,
    ("POST", "submit/show"): submits.show,
    ("POST", "submit/action"): presses.action,
    ("POST", "submit/modal"): presses.modal,
    ("POST", "submit/change"): presses.change,
    ("POST", "submit/simple-change"): presses.simple_change,
    ("POST", "insight-face/swap"): faces.swap,
    ("POST", "insight-face/video-swap"): faces.video_swap,
    ("GET", "task/{id}/fetch"): reads.fetch,
    ("POST", "task/list-by-condition"): reads.list_by_condition,
    ("POST", "task/list-by-ids"): reads.list_by_ids,
    ("GET", "task/list"): reads.list_all,
    ("GET", "task/queue"): reads.queue,
    ("POST", "task/query"): reads.query,
    ("POST", "task/{id}/cancel"): reads.cancel,
    ("GET", "task/{id}/image-seed"): reads.image_seed,
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
    # newapi cuts the prefix off before it forwards (docs/image-api.md#modes)
    drawn_in = mode[1].upper() if mode and profile.name != "newapi" else None
    return Route(endpoint, task_id, prefix, drawn_in)


def refused_entry(profile: Profile, key: str, request: web.Request) -> Reply | None:
    """The answer to a request with a wrong key; None when it may enter (docs/image-api.md#authentication)."""
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
