"""The image files over HTTP: their URLs, signed as Discord's are or the relay's own, and their contents."""

import hashlib
import hmac
import re
import secrets
import time
from typing import TYPE_CHECKING

from playground.images.pictures import Artwork
from playground.images.profiles import Profile
from playground.images.rendering import preview_file, result_file, thumbnail_file, video_file, video_form
from playground.images.replies import Reply
from playground.images.tasks import Kind, Status, Task

if TYPE_CHECKING:
    from playground.images.service_state import ServiceState

# Behind the task's id: the percentage of a preview, the number of a video or single image, `-t` for a thumbnail.
_NAME = re.compile(r"(?P<task>\d+)(?:-(?P<kind>[pcs])(?P<number>\d+))?(?P<small>-t)?\.(?P<form>png|webp|mp4)")


class PictureUrls:
    """Makes and checks the URLs. `base` is the service's own URL, without `/mj`.

    `upload_base` is where uploaded images are said to be: Discord's own host at most services.
    """

    def __init__(self, base: str, upload_base: str | None = None) -> None:
        self.base = base
        self._upload_base = upload_base or base
        self._secret = secrets.token_bytes(16)

    def of(self, task: Task, profile: Profile) -> str | None:
        """The URL of what there is to see: a preview while the task runs, the result after."""
        if task.status is Status.SUCCESS:
            return self._result(task, profile)
        if task.status is Status.IN_PROGRESS and task.artwork and task.progress:
            if profile.name == "newapi":
                return f"{self.base}/mj/image/{task.id}?rand={time.time_ns()}"
            return self.file(f"{task.id}-p{task.progress}.webp", profile)
        return None

    def _result(self, task: Task, profile: Profile) -> str | None:
        if task.artwork is None and not task.given:
            return None
        if profile.name == "newapi":
            return f"{self.base}/mj/image/{task.id}"
        if task.kind is Kind.SWAP_VIDEO:
            return self.file(f"{task.id}-c0.{video_form()}", profile)
        moves = task.artwork is not None and task.artwork.motion > 0
        return self.file(f"{task.id}.{'webp' if moves else 'png'}", profile)

    def file(self, name: str, profile: Profile) -> str:
        """The URL of a file; signed where images lie at Discord (docs/image-api.md#image-hosts)."""
        if profile.dialect == "trueai":
            return f"{self.base}/pictures/{name}"
        until = int(time.time()) + 86_400
        return f"{self.base}/pictures/{name}?ex={until:x}&is={until - 86_400:x}&hm={self._sign(name, f'{until:x}')}"

    def upload(self, name: str, profile: Profile) -> str:
        return self._upload_base + self.file(name, profile).removeprefix(self.base)

    def valid(self, name: str, query: dict[str, str]) -> bool:
        """Whether the query of a signed URL is complete, genuine and not expired."""
        until = query.get("ex", "")
        genuine = hmac.compare_digest(query.get("hm", ""), self._sign(name, until))
        return genuine and int(until, 16) > time.time()

    def _sign(self, name: str, until: str) -> str:
        return hmac.new(self._secret, f"{name} {until}".encode(), hashlib.sha256).hexdigest()[:32]


_TYPES = {"png": "image/png", "webp": "image/webp", "mp4": "video/mp4"}
_GONE = Reply(404, "This content is no longer available.", content_type="text/plain")


async def serve_file(service: "ServiceState", name: str, query: dict[str, str]) -> Reply:
    """GET pictures/{name}. Signed URLs (all but trueai's) without a valid signature are gone."""
    if service.profile.dialect != "trueai" and not service.urls.valid(name, query):
        return _GONE
    if name in service.uploads:
        return _file(service.uploads[name], "png")
    match = _NAME.fullmatch(name)
    task = service.tasks.get(match["task"]) if match else None
    if match is None or task is None:
        return _GONE
    artwork, number, form = task.artwork, int(match["number"] or 0), match["form"]
    if artwork is None:
        return _file(task.given[0], "png") if task.given else _GONE
    if match["kind"] == "p":
        return _file(await service.rendered(preview_file, artwork, min(number, 99)), "webp")
    if task.status is not Status.SUCCESS:
        return _GONE
    number %= len(artwork.cells)
    if match["kind"] == "c":
        return _file(await service.rendered(video_file, artwork, number, form), form)
    if match["kind"] == "s":
        artwork = Artwork((artwork.cells[number],))
    if match["small"] and service.replacement_picture is None:
        return _file(await service.rendered(thumbnail_file, artwork), "webp")
    return await _finished(service, task, artwork)


async def relay_file(service: "ServiceState", task_id: str) -> Reply:
    """GET image/{id}: the image of a task, as a newapi relays it without a signature."""
    task = service.tasks.get(task_id)
    if task is None or (task.artwork is None and not task.given):
        return Reply(400, {"error": "midjourney_task_not_found"})
    if task.artwork is None:
        return _file(task.given[0], "png")
    if task.status is not Status.SUCCESS:
        return _file(await service.rendered(preview_file, task.artwork, task.progress or 0), "webp")
    return await _finished(service, task, task.artwork)


async def _finished(service: "ServiceState", task: Task, artwork: Artwork) -> Reply:
    if service.replacement_picture is not None:
        return _file(service.replacement_picture, "png")
    if artwork.motion:
        index = 0 if len(artwork.cells) == 1 else None
        return _file(await service.rendered(video_file, artwork, index, "webp"), "webp")
    return _file(await service.rendered(result_file, artwork, task.final_prompt), "png")


def _file(data: bytes, form: str) -> Reply:
    return Reply(200, data, content_type=_TYPES[form], headers={"Cache-Control": "public, max-age=3600"})
