"""The pictures over HTTP: results, previews, thumbnails, clips and uploads."""

from playground.images.pictures import Artwork
from playground.images.replies import Reply
from playground.images.service_state import ServiceState
from playground.images.tasks import Status, Task
from playground.images.urls import parsed

_TYPES = {"png": "image/png", "webp": "image/webp", "mp4": "video/mp4"}
_GONE = Reply(404, "This content is no longer available.", content_type="text/plain")


async def serve_file(service: ServiceState, name: str, query: dict[str, str], *, relay: bool = False) -> Reply:
    """A picture by its file name; by its task's id alone where a newapi relays it (`relay`).

    Signed addresses (all but trueai's and the relay's) without a valid signature are gone.
    """
    if relay:
        return await _relayed(service, name)
    if service.profile.dialect != "trueai" and not service.urls.valid(name, query):
        return _GONE
    if name in service.uploads:
        return _file(service.uploads[name], "png")
    parts = parsed(name)
    task = service.tasks.get(parts[0]) if parts else None
    if parts is None or task is None:
        return _GONE
    _, what, number, small, form = parts
    if task.artwork is None:
        return _file(task.given[0], "png") if task.given else _GONE
    if what == "p":
        return _file(await service.renders.preview(task.artwork, min(number, 99)), "webp")
    if task.status is not Status.SUCCESS:
        return _GONE
    if what == "c":
        return _file(await service.renders.clip(task.artwork, number % len(task.artwork.cells), form), form)
    if what == "s":
        alone = Artwork((task.artwork.cells[number % len(task.artwork.cells)],))
        return await _finished(service, task, alone, small=small)
    return await _finished(service, task, task.artwork, small=small)


async def _relayed(service: ServiceState, task_id: str) -> Reply:
    task = service.tasks.get(task_id)
    if task is None or (task.artwork is None and not task.given):
        return Reply(400, {"error": "midjourney_task_not_found"})
    if task.artwork is None:
        return _file(task.given[0], "png")
    if task.status is not Status.SUCCESS:
        return _file(await service.renders.preview(task.artwork, task.progress or 0), "webp")
    return await _finished(service, task, task.artwork, small=False)


async def _finished(service: ServiceState, task: Task, artwork: Artwork, *, small: bool) -> Reply:
    if service.replacement_picture is not None:
        return _file(service.replacement_picture, "png")
    if small:
        return _file(await service.renders.thumbnail(artwork), "webp")
    if artwork.motion:
        return _file(await service.renders.clip(artwork, 0 if len(artwork.cells) == 1 else None, "webp"), "webp")
    return _file(await service.renders.picture(artwork, task.final_prompt), "png")


def _file(data: bytes, form: str) -> Reply:
    return Reply(200, data, content_type=_TYPES[form], headers={"Cache-Control": "public, max-age=3600"})
