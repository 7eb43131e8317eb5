"""The endpoints that put a face into a picture or a clip."""

import asyncio

from playground.images import lineage
from playground.images.answers import Refusal, Reply, envelope, invalid
from playground.images.inputs import kept, picture
from playground.images.studio import Call
from playground.images.submits import started
from playground.images.tasks import Kind, Result


async def swap(call: Call) -> Reply:
    """POST insight-face/swap: the face of one picture in another."""
    if call.profile.dialect == "gateway":
        return await _swapped(call, call.files["source"], call.files["target"])
    links = call.profile.dialect == "trueai"
    source = await picture(call, "sourceBase64", *(["sourceUrl"] if links else []), links=links)
    target = await picture(call, "targetBase64", *(["targetUrl"] if links else []), links=links)
    if source is None or target is None:
        raise invalid(call.profile, "sourceBase64和targetBase64不能为空", "sour_base64_and_target_base64_is_required")
    if source == target and links:
        raise invalid(call.profile, "源图和目标图不能相同")
    return await _swapped(call, source, target)


async def _swapped(call: Call, source: bytes, target: bytes) -> Reply:
    task = started(call, Kind.SWAP, "", "/swap")
    task.given = (await kept(source), await kept(target))
    art = await asyncio.to_thread(lineage.swapped, *task.given, call.studio.side)
    task.result = Result(art)
    return call.studio.take(task, place=False)


async def video_swap(call: Call) -> Reply:
    """POST insight-face/video-swap: a face in every frame of an MP4, which comes as a file."""
    if not call.studio.options.video_faces:
        raise Refusal(Reply(200, envelope(4, "服务不支持")))
    source = await picture(call, "sourceBase64", "sourceUrl", links=True)
    if source is None:
        raise invalid(call.profile, "人脸图片不能为空")
    target = call.files.get("targetFile", b"")
    if not target:
        raise invalid(call.profile, "目标视频不能为空")
    if target[4:8] != b"ftyp":
        raise invalid(call.profile, "目标文件格式错误，必须是 mp4 格式")
    task = started(call, Kind.SWAP_VIDEO, "", "/video-swap")
    task.given = (await kept(source),)
    task.result = Result(await asyncio.to_thread(lineage.filmed, task.given[0], task.seed, call.studio.side))
    return call.studio.take(task, place=False)
