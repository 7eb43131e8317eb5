"""The endpoints that start something new: imagine, blend, describe, shorten, upload, edits, video, show."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence

from playground.images import lineage
from playground.images.answers import (
    Refusal,
    Reply,
    envelope,
    filter_error,
    invalid,
    openai_error,
    parent_unfinished,
    unknown_parent,
)
from playground.images.inputs import kept, picture, pictures
from playground.images.shape_parts import INSTANCE
from playground.images.studio import Call
from playground.images.tasks import Kind, Result, Status, Task
from playground.images.texts import description_of, note_in, numbered, shortened
from playground.images.words import Reading, choices, final_prompt, read

Handler = Callable[[Call], Awaitable[Reply]]
_JOB = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ELSEWHERE = ("a lighthouse in a storm", "a fox in a birch wood", "a city of canals at dusk")
_ASPECTS = {"PORTRAIT": 2 / 3, "SQUARE": 1.0, "LANDSCAPE": 3 / 2}


def started(call: Call, kind: Kind, prompt: str = "", description: str = "", *, state: str | None = None) -> Task:
    """A fresh task with the common fields of a submit (docs/image-api.md#common-fields). Raises `Refusal`."""
    check_common(call)
    niji = call.text("botType").upper().startswith("NIJI")
    task = Task(
        call.studio.ids.next(),
        kind,
        prompt=prompt,
        final_prompt=final_prompt(prompt, niji=niji) if prompt else "",
        description=description,
        state=call.text("state") if state is None else state,
        notify_hook=call.hook(),
        bot_type="NIJI_JOURNEY" if niji else "MID_JOURNEY",
        mode=call.wanted_mode(prompt),
        doomed=call.studio.doom(prompt),
    )
    task.seed = read(prompt).seed or lineage.new_seed(task.id)
    return task


def check_common(call: Call) -> None:
    """trueai's limits of `state` and `notifyHook`. Raises `Refusal`."""
    if call.profile.dialect == "trueai":
        for name, most in (("state", 255), ("notifyHook", 2000)):
            if len(call.text(name)) > most:
                raise Refusal(filter_error(f"{name} must be at most {most} characters"))


def wanted_prompt(call: Call) -> str:
    """The prompt, which must be there and may not be banned. Raises `Refusal`."""
    prompt = call.text("prompt").strip()
    if not prompt:
        raise invalid(call.profile, "prompt不能为空", "prompt_is_required")
    call.studio.check_prompt(prompt)
    return prompt


async def imagine(call: Call) -> Reply:
    """POST submit/imagine."""
    prompt = wanted_prompt(call)
    references = await pictures(call, "base64Array")
    prompts = choices(prompt) if call.profile.expands else [prompt]
    if len(prompts) > 1:
        return await _each_choice(call, prompts, references)
    return call.studio.take(await _imagined(call, prompt, references))


async def _each_choice(call: Call, prompts: Sequence[str], references: tuple[bytes, ...]) -> Reply:
    """A task a prompt, told as PicReader::all is: ids joined by commas, states with a number
    (docs/image-api.md#text-buttons)."""
    ids = []
    for number, prompt in enumerate(prompts, 1):
        task = await _imagined(call, prompt, references, state=f"{call.text('state')}::{number}")
        call.studio.take(task)
        ids.append(task.id)
    named = ids if call.studio.options.names_all else ids[:1]
    return Reply(200, envelope(1, call.profile.accepted, ",".join(named)), task_ids=tuple(ids))


async def _imagined(call: Call, prompt: str, references: tuple[bytes, ...], *, state: str | None = None) -> Task:
    task = started(call, Kind.IMAGINE, prompt, f"/imagine {prompt}", state=state)
    grid = await asyncio.to_thread(
        lineage.first_grid,
        read(prompt),
        task.seed,
        call.studio.side,
        niji=task.bot_type == "NIJI_JOURNEY",
        references=references,
    )
    task.result, task.given = Result(grid), references
    return task


async def blend(call: Call) -> Reply:
    """POST submit/blend: two to five pictures."""
    given = await pictures(call, "base64Array", strict_type=True)
    if not 2 <= len(given) <= 5:
        raise invalid(call.profile, "base64List参数错误")
    aspect = _ASPECTS.get(call.text("dimensions") or "SQUARE")
    if aspect is None:
        raise invalid(call.profile, "dimensions参数错误")
    task = started(call, Kind.BLEND)
    task.description = f"/blend {task.id} {len(given)}"
    task.given = tuple([await kept(data) for data in given])
    notes = " ".join(read(note_in(data)).text for data in given)
    reading = Reading(notes, read(notes).words, aspect)
    task.result = Result(await asyncio.to_thread(lineage.blended, task.given, reading, task.seed, call.studio.side))
    return call.studio.take(task)


async def describe(call: Call) -> Reply:
    """POST submit/describe: a picture, on trueai also by its address."""
    links = call.profile.dialect == "trueai"
    data = await picture(call, "base64", *(["link"] if links else []), links=links)
    if data is None:
        raise invalid(call.profile, "base64不能为空")
    task = started(call, Kind.DESCRIBE)
    await describing(task, data, links=links)
    return call.studio.take(task)


async def describing(task: Task, data: bytes, *, links: bool) -> None:
    """Set what a describe task will say of a picture."""
    lines = await asyncio.to_thread(description_of, data, links=links)
    task.description = f"/describe {task.id}.png"
    task.given = (data,)
    task.result = Result(text=numbered(lines), lines=lines)


async def shorten(call: Call) -> Reply:
    """POST submit/shorten."""
    prompt = wanted_prompt(call)
    task = started(call, Kind.SHORTEN, prompt, f"/shorten {prompt}")
    text, lines = shortened(prompt)
    task.result = Result(text=text, lines=lines)
    return call.studio.take(task)


async def upload(call: Call) -> Reply:
    """POST submit/upload-discord-images: no task, the addresses at once."""
    if call.profile.name == "newapi" and not call.studio.options.upload_channel:
        message = "No available channel for model mj_upload under group default (request id: 20260103)"
        raise Refusal(openai_error(503, message, "new_api_error", "model_not_found"))
    given = await pictures(call, "base64Array")
    if not given:
        raise invalid(call.profile, "base64Array不能为空")
    urls = []
    for data in given:
        name = f"{call.studio.ids.next()}.png"
        call.studio.uploads[name] = await kept(data)
        urls.append(call.studio.links.upload(name, call.profile))
    return Reply(200, {"code": 1, "description": "success", "result": urls})


async def edits(call: Call) -> Reply:
    """POST submit/edits (and edit): a picture reworked by a prompt, only inside the mask if there is one."""
    return await _reworked(call, Kind.EDIT, 0.35)


async def retexture(call: Call) -> Reply:
    """POST submit/retexture: the look of a prompt on a picture."""
    return await _reworked(call, Kind.RETEXTURE, 0.6)


async def _reworked(call: Call, kind: Kind, share: float) -> Reply:
    prompt = wanted_prompt(call)
    given = await pictures(call, "base64Array")
    data = given[0] if given else await picture(call, "image", links=True)
    if data is None:
        raise invalid(call.profile, "image不能为空")
    mask = await picture(call, "maskBase64")
    task = started(call, kind, prompt, f"/{kind.value} {prompt}")
    task.given = (await kept(data),)
    art = await asyncio.to_thread(lineage.edited, task.given[0], read(prompt), task.seed, call.studio.side, mask, share)
    task.result = Result(art)
    return call.studio.take(task)


async def video(call: Call) -> Reply:
    """POST submit/video: four clips from a picture, or the continuation of a clip."""
    if call.text("action") == "extend":
        return _extended(call)
    prompt = wanted_prompt(call)
    data = await picture(call, "image", links=True)
    task = started(call, Kind.ANIMATE, prompt, f"/video {prompt}")
    if data is None:
        still = lineage.first_grid(read(prompt), task.seed, call.studio.side, niji=False)
    else:
        still = await asyncio.to_thread(lineage.of_image, await kept(data), call.studio.side)
    task.result = Result(lineage.animated(still.cells[0], task.seed, high=call.text("motion") == "high"))
    return call.studio.take(task)


def _extended(call: Call) -> Reply:
    parent = call.studio.known(call.text("taskId"))
    if parent is None:
        raise unknown_parent(call.profile)
    if parent.status is not Status.SUCCESS or parent.artwork is None or not parent.artwork.motion:
        raise parent_unfinished(call.profile)
    task = started(call, Kind.VIDEO_EXTEND, parent.prompt, f"/video {parent.id}")
    number = call.body.get("index")
    cells = parent.artwork.cells
    cell = cells[number % len(cells) if isinstance(number, int) else 0]
    task.result = Result(lineage.animated(cell, task.seed, high=call.text("motion") == "high"))
    task.parent = parent.id
    return call.studio.take(task)


async def show(call: Call) -> Reply:
    """POST submit/show: a job that may have been drawn elsewhere, by its id or by its picture's address."""
    job = call.text("jobId").strip()
    if not job:
        raise invalid(call.profile, "请填写 job id 或 url")
    match = _JOB.search(job)
    if match is None:
        raise invalid(call.profile, "job id 格式错误")
    finished = (task for task in call.studio.tasks.values() if task.job == match[0] and task.status is Status.SUCCESS)
    if known := next(finished, None):
        return Reply(200, envelope(1, call.profile.accepted, known.id, {"discordInstanceId": INSTANCE}))
    filter_ = call.body.get("accountFilter")
    account = filter_.get("instanceId") if isinstance(filter_, dict) else None
    if not account:
        raise invalid(call.profile, "show 命令必须指定实例")
    if account != INSTANCE:
        raise Refusal(Reply(200, envelope(3, "无可用的账号实例")))
    return call.studio.take(await _drawn_elsewhere(call, match[0]))


async def _drawn_elsewhere(call: Call, job: str) -> Task:
    seed = lineage.new_seed(job)
    prompt = _ELSEWHERE[seed % len(_ELSEWHERE)]
    task = started(call, Kind.SHOW, prompt, f"/show {job}")
    task.job, task.seed = job, seed
    niji = task.bot_type == "NIJI_JOURNEY"
    task.result = Result(await asyncio.to_thread(lineage.first_grid, read(prompt), seed, call.studio.side, niji=niji))
    return task
