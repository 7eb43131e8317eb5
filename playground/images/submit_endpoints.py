"""The endpoints that start something new: imagine, blend, describe, shorten, upload, edits, video, show, face swaps."""

import asyncio
import functools
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from playground.images import edits, replies
from playground.images.pictures import Artwork
from playground.images.prompt import Prompt, choices, final_prompt, parse_prompt
from playground.images.replies import Refusal, Reply, envelope, invalid, refusal, task_not_finished, task_not_found
from playground.images.request_images import picture, pictures, stored
from playground.images.service_state import Call
from playground.images.tasks import INSTANCE, Kind, Result, Status, Task
from playground.images.text_results import description_of, note_in, numbered, shortened

Handler = Callable[[Call], Awaitable[Reply]]
_JOB = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ELSEWHERE = ("a lighthouse in a storm", "a fox in a birch wood", "a city of canals at dusk")
_ASPECTS = {"PORTRAIT": 2 / 3, "SQUARE": 1.0, "LANDSCAPE": 3 / 2}


def new_task(call: Call, kind: Kind, prompt: str = "", description: str = "", *, bot_type: str | None = None) -> Task:
    """A new task with the common fields of a submit (docs/image-api.md#common-fields). Raises `Refusal`."""
    if call.profile.dialect == "trueai":
        for name, most in (("state", 255), ("notifyHook", 2000)):
            if len(call.text(name)) > most:
                raise Refusal(replies.filter_error(f"{name} must be at most {most} characters"))
    niji = (bot_type or call.text("botType")).upper().startswith("NIJI")
    task = Task(
        call.service.ids.next(),
        kind,
        prompt=prompt,
        final_prompt=final_prompt(prompt, niji=niji) if prompt else "",
        description=description,
        state=call.text("state"),
        notify_hook=call.hook(),
        bot_type="NIJI_JOURNEY" if niji else "MID_JOURNEY",
        mode=call.requested_mode(prompt),
        planned_failure=call.service.failure_for(prompt),
    )
    task.seed = parse_prompt(prompt).seed or edits.new_seed(task.id)
    return task


def required_prompt(call: Call) -> str:
    """The prompt, which must be there and may not be banned. Raises `Refusal`."""
    prompt = call.text("prompt").strip()
    if not prompt:
        raise invalid(call.profile, "prompt不能为空", "prompt_is_required")
    call.service.check_prompt(prompt)
    return prompt


async def _drawn(task: Task, draw: Callable[..., Artwork], *arguments: Any, **options: Any) -> Task:
    """The task with its artwork, which is made in a thread."""
    task.result = Result(await asyncio.to_thread(draw, *arguments, **options))
    return task


async def imagine(call: Call) -> Reply:
    """POST submit/imagine. Several choices in braces are a task each (docs/image-api.md#text-buttons)."""
    prompt = required_prompt(call)
    references = await pictures(call, "base64Array")
    prompts = choices(prompt) if call.profile.expands else [prompt]
    tasks = [await _imagined(call, each, references) for each in prompts]
    if len(tasks) > 1:
        return enqueue_batch(call, tasks, names_all=call.service.options.names_all)
    return call.service.enqueue(tasks[0])


def enqueue_batch(call: Call, tasks: Sequence[Task], *, names_all: bool = True) -> Reply:
    """The tasks of one request: their ids come joined by commas, each `state` gets the number of its task."""
    for number, task in enumerate(tasks, 1):
        task.state = f"{task.state}::{number}"
        call.service.enqueue(task)
    ids = tuple(task.id for task in tasks)
    named = ids if names_all else ids[:1]
    return Reply(200, envelope(1, call.profile.accepted, ",".join(named)), task_ids=ids)


async def _imagined(call: Call, prompt: str, references: tuple[bytes, ...]) -> Task:
    task = new_task(call, Kind.IMAGINE, prompt, f"/imagine {prompt}")
    task.given = references
    options = {"niji": task.bot_type == "NIJI_JOURNEY", "references": references}
    return await _drawn(task, edits.imagined, parse_prompt(prompt), task.seed, call.service.side, **options)


async def blend(call: Call) -> Reply:
    """POST submit/blend: two to five images."""
    given = await pictures(call, "base64Array", strict_type=True)
    if not 2 <= len(given) <= 5:
        raise invalid(call.profile, "base64List参数错误")
    aspect = _ASPECTS.get(call.text("dimensions") or "SQUARE")
    if aspect is None:
        raise invalid(call.profile, "dimensions参数错误")
    task = new_task(call, Kind.BLEND)
    task.description = f"/blend {task.id} {len(given)}"
    task.given = tuple([await stored(data) for data in given])
    notes = " ".join(parse_prompt(note_in(data)).text for data in given)
    prompt = Prompt(notes, parse_prompt(notes).words, aspect)
    return call.service.enqueue(await _drawn(task, edits.blended, task.given, prompt, task.seed, call.service.side))


async def describe(call: Call) -> Reply:
    """POST submit/describe: an image, on trueai also by its URL."""
    links = call.profile.dialect == "trueai"
    data = await picture(call, "base64", *(["link"] if links else []), links=links)
    if data is None:
        raise invalid(call.profile, "base64不能为空")
    task = new_task(call, Kind.DESCRIBE)
    await set_description(task, data, links=links)
    return call.service.enqueue(task)


async def set_description(task: Task, data: bytes, *, links: bool) -> None:
    lines = await asyncio.to_thread(description_of, data, links=links)
    task.description, task.given = f"/describe {task.id}.png", (data,)
    task.result = Result(text=numbered(lines), lines=lines)


async def shorten(call: Call) -> Reply:
    """POST submit/shorten."""
    prompt = required_prompt(call)
    task = new_task(call, Kind.SHORTEN, prompt, f"/shorten {prompt}")
    text, lines = shortened(prompt)
    task.result = Result(text=text, lines=lines)
    return call.service.enqueue(task)


async def upload(call: Call) -> Reply:
    """POST submit/upload-discord-images: no task, the URLs at once."""
    if call.profile.name == "newapi" and not call.service.options.upload_channel:
        message = "No available channel for model mj_upload under group default (request id: 20260103)"
        raise Refusal(replies.openai_error(503, message, "new_api_error", "model_not_found"))
    given = await pictures(call, "base64Array")
    if not given:
        raise invalid(call.profile, "base64Array不能为空")
    urls = []
    for data in given:
        name = f"{call.service.ids.next()}.png"
        call.service.uploads[name] = await stored(data)
        urls.append(call.service.urls.upload(name, call.profile))
    return Reply(200, {"code": 1, "description": "success", "result": urls})


async def _edited(call: Call, *, kind: Kind, share: float) -> Reply:
    """POST submit/edits (and edit): an image changed by a prompt, only inside the mask if there is one.

    POST submit/retexture: the look of a prompt on an image, which leaves less of it.
    """
    prompt = required_prompt(call)
    given = await pictures(call, "base64Array")
    data = given[0] if given else await picture(call, "image", links=True)
    if data is None:
        raise invalid(call.profile, "image不能为空")
    mask = await picture(call, "maskBase64")
    task = new_task(call, kind, prompt, f"/{kind.value} {prompt}")
    task.given = (await stored(data),)
    side, parsed = call.service.side, parse_prompt(prompt)
    return call.service.enqueue(await _drawn(task, edits.edited, task.given[0], parsed, task.seed, side, mask, share))


edit = functools.partial(_edited, kind=Kind.EDIT, share=0.35)
retexture = functools.partial(_edited, kind=Kind.RETEXTURE, share=0.6)


async def video(call: Call) -> Reply:
    """POST submit/video: four videos from an image, or the continuation of a video."""
    high = call.text("motion") == "high"
    if call.text("action") == "extend":
        parent = call.service.tasks.get(call.text("taskId"))
        if parent is None:
            raise task_not_found(call.profile)
        if parent.status is not Status.SUCCESS or parent.artwork is None or not parent.artwork.motion:
            raise task_not_finished(call.profile)
        task = new_task(call, Kind.VIDEO_EXTEND, parent.prompt, f"/video {parent.id}")
        number, cells = call.body.get("index"), parent.artwork.cells
        cell = cells[number % len(cells) if isinstance(number, int) else 0]
        task.parent = parent.id
    else:
        prompt = required_prompt(call)
        data = await picture(call, "image", links=True)
        task = new_task(call, Kind.ANIMATE, prompt, f"/video {prompt}")
        if data is None:
            still = edits.imagined(parse_prompt(prompt), task.seed, call.service.side, niji=False)
        else:
            still = await asyncio.to_thread(edits.of_image, await stored(data), call.service.side)
        cell = still.cells[0]
    task.result = Result(edits.animated(cell, task.seed, high=high))
    return call.service.enqueue(task)


async def show(call: Call) -> Reply:
    """POST submit/show: a job that may have been generated elsewhere, by its id or by its image's URL."""
    text = call.text("jobId").strip()
    if not text:
        raise invalid(call.profile, "请填写 job id 或 url")
    match = _JOB.search(text)
    if match is None:
        raise invalid(call.profile, "job id 格式错误")
    for known in call.service.tasks.values():
        if known.job == match[0] and known.status is Status.SUCCESS:
            return Reply(200, envelope(1, call.profile.accepted, known.id, {"discordInstanceId": INSTANCE}))
    wanted = call.body.get("accountFilter")
    account = wanted.get("instanceId") if isinstance(wanted, dict) else None
    if not account:
        raise invalid(call.profile, "show 命令必须指定实例")
    if account != INSTANCE:
        raise refusal(3, "无可用的账号实例")
    seed = edits.new_seed(match[0])
    prompt = _ELSEWHERE[seed % len(_ELSEWHERE)]
    task = new_task(call, Kind.SHOW, prompt, f"/show {match[0]}")
    task.job, task.seed, niji = match[0], seed, task.bot_type == "NIJI_JOURNEY"
    await _drawn(task, edits.imagined, parse_prompt(prompt), seed, call.service.side, niji=niji)
    return call.service.enqueue(task)


async def swap(call: Call) -> Reply:
    """POST insight-face/swap: the face of one image in another."""
    if call.profile.dialect == "gateway":
        source: bytes | None = call.files["source"]
        target: bytes | None = call.files["target"]
    else:
        links = call.profile.dialect == "trueai"
        source = await picture(call, "sourceBase64", *(["sourceUrl"] if links else []), links=links)
        target = await picture(call, "targetBase64", *(["targetUrl"] if links else []), links=links)
        if source is not None and source == target and links:
            raise invalid(call.profile, "源图和目标图不能相同")
    if source is None or target is None:
        raise invalid(call.profile, "sourceBase64和targetBase64不能为空", "sour_base64_and_target_base64_is_required")
    task = new_task(call, Kind.SWAP, "", "/swap")
    task.given = (await stored(source), await stored(target))
    return call.service.enqueue(await _drawn(task, edits.swapped, *task.given, call.service.side), place=False)


async def video_swap(call: Call) -> Reply:
    """POST insight-face/video-swap: a face in every frame of an MP4, which comes as a file."""
    if not call.service.options.video_faces:
        raise refusal(4, "服务不支持")
    source = await picture(call, "sourceBase64", "sourceUrl", links=True)
    if source is None:
        raise invalid(call.profile, "人脸图片不能为空")
    target = call.files.get("targetFile", b"")
    if not target:
        raise invalid(call.profile, "目标视频不能为空")
    if target[4:8] != b"ftyp":
        raise invalid(call.profile, "目标文件格式错误，必须是 mp4 格式")
    task = new_task(call, Kind.SWAP_VIDEO, "", "/video-swap")
    task.given = (await stored(source),)
    await _drawn(task, edits.clip_with_face, task.given[0], task.seed, call.service.side)
    return call.service.enqueue(task, place=False)
