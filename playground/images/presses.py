"""The endpoints that go on from a task: action, modal, change, simple-change."""

import asyncio
import re
from dataclasses import dataclass

from playground.images import inputs, lineage
from playground.images.answers import (
    Refusal,
    Reply,
    accepted,
    envelope,
    invalid,
    openai_error,
    parent_unfinished,
    relay_error,
    relayed,
    unknown_parent,
    window_waiting,
)
from playground.images.buttons import buttons_of
from playground.images.clicks import Click, click_of, newapi_action, trueai_takes
from playground.images.outcomes import outcome, proposal_of, zoom_problem
from playground.images.studio import Call
from playground.images.submits import check_common, describing
from playground.images.tasks import Json, Kind, Result, Status, Task, Window
from playground.images.words import final_prompt

_CHANGEABLE = frozenset((Kind.IMAGINE, Kind.VARIATION, Kind.REROLL, Kind.BLEND))
_NO_REROLL = frozenset((Kind.REGION, Kind.ZOOM, Kind.SQUARE, Kind.CUSTOM_ZOOM, Kind.SWAP, Kind.VIDEO_EXTEND, Kind.LINE))
_CHANGES = {"UPSCALE": Kind.UPSCALE, "VARIATION": Kind.VARIATION, "REROLL": Kind.REROLL}
_SIMPLE = re.compile(r"(\d+)\s+(?:([UV])([1-4])|(R))", re.IGNORECASE)


@dataclass(frozen=True)
class _Press:
    """A click on a parent, by the customId as it came."""

    click: Click
    parent: Task
    custom_id: str | None = None


def _parent(call: Call, task_id: str) -> Task:
    parent = call.studio.known(task_id)
    if parent is None:
        raise unknown_parent(call.profile)
    if parent.status is not Status.SUCCESS:
        raise parent_unfinished(call.profile)
    return parent


def _child(call: Call, press: _Press, state: str | None = None) -> Task:
    check_common(call)
    parent, click = press.parent, press.click
    prompt = proposal_of(click, parent) if click.kind is Kind.LINE else parent.prompt
    task = Task(
        call.studio.ids.next(),
        click.kind,
        prompt=prompt,
        final_prompt=final_prompt(prompt, niji=parent.bot_type == "NIJI_JOURNEY") if prompt else "",
        description=_description(press),
        state=call.text("state") if state is None else state,
        notify_hook=call.hook(),
        bot_type=parent.bot_type,
        mode=call.wanted_mode(prompt) or parent.mode,
        parent=parent.id,
        custom_id=press.custom_id,
        index=click.index,
        given=parent.given,
    )
    task.seed = lineage.new_seed(task.id) if click.kind not in (Kind.UPSCALE, Kind.UPSCALE_HD) else parent.seed
    if call.studio.options.partner and click.kind in (Kind.UPSCALE, Kind.UPSCALE_HD):
        task.job = parent.job
    return task


def _description(press: _Press) -> str:
    letter = {Kind.UPSCALE: f"U{press.click.index}", Kind.VARIATION: f"V{press.click.index}", Kind.REROLL: "R"}
    short = letter.get(press.click.kind)
    return f"/up {press.parent.id} {short}" if short else f"/{press.click.kind.value} {press.parent.id}"


async def action(call: Call) -> Reply:
    """POST submit/action: a press on a button."""
    custom_id, task_id = call.text("customId"), call.text("taskId")
    if not custom_id:
        raise invalid(call.profile, "customId不能为空", "custom_id_is_required")
    if not task_id:
        raise invalid(call.profile, "taskId不能为空", "task_id_is_required")
    _gate(call, custom_id)
    if custom_id.startswith("MJ::BOOKMARK::") and call.profile.name == "trueai-9":
        # A favourite is no task (docs/image-api.md#image-buttons).
        return Reply(200, envelope(1, "成功", _parent(call, task_id).id))
    press = _pressed(call, custom_id, _parent(call, task_id))
    if _opens_window(call, press.click):
        return _opened(call, press)
    return await _begun(call, press)


def _gate(call: Call, custom_id: str) -> None:
    """What newapi's and the newer trueai's controllers refuse before they look at the task."""
    if call.profile.name == "newapi":
        try:
            known = newapi_action(custom_id)
        except IndexError:
            message = "Panic detected, error: runtime error: index out of range [1] with length 1"
            raise Refusal(openai_error(500, message, "new_api_panic")) from None
        if known is None:
            raise Refusal(relay_error(f"unknown_action:{custom_id}"))
    if call.profile.name == "trueai" and not trueai_takes(custom_id):
        raise Refusal(Reply(200, envelope(4, "未知的 Action 类型")))


def _pressed(call: Call, custom_id: str, parent: Task) -> _Press:
    click = click_of(custom_id)
    offered = {entry["customId"] for entry in buttons_of(parent, call.profile, partner=call.studio.options.partner)}
    spelled = custom_id.replace("MJ::JOB::PromptAnalyzer", "MJ::Job::PromptAnalyzer")
    if click is None or not offered & {custom_id, spelled}:
        raise Refusal(Reply(200, envelope(4, "未知的 Action 类型")))
    if click.kind is Kind.REROLL and call.profile.name == "trueai" and parent.kind in _NO_REROLL:
        raise Refusal(Reply(200, envelope(4, "关联任务不允许执行变化")))
    return _Press(click, parent, custom_id)


def _opens_window(call: Call, click: Click) -> bool:
    if click.always_window:
        return True
    options = call.studio.options
    if call.body.get("enableRemix") is True and call.profile.dialect in ("trueai", "newapi"):
        if not options.remix_allowed:
            raise Refusal(Reply(200, envelope(4, "当前账号未开启 Remix 模式")))
        return click.remixable
    return options.remix and click.remixable


def _opened(call: Call, press: _Press) -> Reply:
    task = _child(call, press)
    seed, studio = task.seed, call.studio

    def finish(prompt: str, mask: bytes | None) -> Result:
        return outcome(studio, press.click, press.parent, prompt, seed, mask)

    proposal = proposal_of(press.click, press.parent)
    task.window = Window(
        proposal="" if call.profile.name == "plus" and press.click.kind is not Kind.LINE else proposal,
        finish=finish,
        wants_mask=press.click.kind is Kind.REGION,
        modal_id=_modal_id(press),
    )
    task.status = Status.MODAL
    studio.store(task)
    return window_waiting(call.profile, task)


def _modal_id(press: _Press) -> str:
    job, kind = press.parent.job, press.click.kind
    if kind is Kind.CUSTOM_ZOOM:
        return f"MJ::OutpaintCustomZoomModal::{job}"
    if kind is Kind.LINE:
        return f"MJ::Picreader::Modal::{press.click.index}"
    if kind is Kind.PAN:
        return f"MJ::PanModal::{press.click.detail}::{job}::1"
    return f"MJ::RemixModal::{job}::{press.click.index}::0"


async def _begun(call: Call, press: _Press) -> Reply:
    call.studio.room()
    if press.click.every_line:
        return _every_line(call, press)
    task = _child(call, press)
    if press.click.retry:
        await describing(task, press.parent.given[0], links=call.profile.dialect == "trueai")
    else:
        task.result = await asyncio.to_thread(
            outcome, call.studio, press.click, press.parent, task.prompt, task.seed, None
        )
    reply = call.studio.take(task)
    press.parent.used.add(press.custom_id or "")
    return reply


def _every_line(call: Call, press: _Press) -> Reply:
    """PicReader::all starts a task a line; their ids come joined by commas (docs/image-api.md#text-buttons)."""
    if call.profile.dialect != "trueai":
        raise Refusal(Reply(200, envelope(4, "未知的 Action 类型")))
    ids = []
    for number in range(1, len(press.parent.result.lines) + 1):
        line = _Press(Click(Kind.LINE, number, "PicReader"), press.parent, press.custom_id)
        task = _child(call, line, state=f"{call.text('state')}::{number}")
        task.result = outcome(call.studio, line.click, press.parent, task.prompt, task.seed, None)
        call.studio.take(task)
        ids.append(task.id)
    return Reply(200, envelope(1, call.profile.accepted, ",".join(ids)), task_ids=tuple(ids))


async def modal(call: Call) -> Reply:
    """POST submit/modal: what was entered into a window. A refused one leaves the window open."""
    task = call.studio.known(call.text("taskId"))
    if task is None:
        raise unknown_parent(call.profile)
    if task.window is None:
        raise invalid(call.profile, "关联任务状态错误")
    if task.status is not Status.MODAL:
        return _again(call, task)
    parent = call.studio.known(task.parent or "")
    prompt = call.text("prompt").strip() or task.prompt
    if (not prompt and call.profile.dialect in ("trueai", "newapi")) or _needs_own_prompt(call):
        raise invalid(call.profile, "prompt不能为空")
    call.studio.check_prompt(prompt)
    mask = await _wanted_mask(call, task, parent)
    result = await asyncio.to_thread(task.window.finish, prompt, mask)
    if task.confirmed:  # another modal was quicker
        return _again(call, task)
    call.studio.room()
    task.doomed = call.studio.doom(prompt)
    if task.kind is Kind.CUSTOM_ZOOM:
        task.doomed = task.doomed or zoom_problem(prompt)
    task.result = result
    task.prompt, task.final_prompt = prompt, final_prompt(prompt, niji=task.bot_type == "NIJI_JOURNEY")
    task.confirmed += 1
    if parent and task.custom_id:
        parent.used.add(task.custom_id)
    return accepted(call.profile, task, call.studio.engine.submit(task))


def _needs_own_prompt(call: Call) -> bool:
    """The older trueai takes no prompt from the parent."""
    return call.profile.name == "trueai-9" and not call.text("prompt").strip()


async def _wanted_mask(call: Call, task: Task, parent: Task | None) -> bytes | None:
    if task.window is None or not task.window.wants_mask or parent is None or parent.artwork is None:
        return None
    mask = await inputs.mask(call, parent.artwork.size)
    if mask is None:
        raise invalid(call.profile, "maskBase64不能为空")
    return mask


def _again(call: Call, task: Task) -> Reply:
    """A second modal for one window: trueai does not look and takes it again (docs/image-api.md#confirm-once)."""
    if call.profile.name not in ("trueai", "newapi"):
        raise parent_unfinished(call.profile)
    task.confirmed += 1
    return accepted(call.profile, task, 0)


async def change(call: Call) -> Reply:
    """POST submit/change: U, V and R without buttons."""
    name, number = call.text("action").upper(), call.body.get("index")
    if not call.text("taskId"):
        raise invalid(call.profile, "taskId不能为空", "task_id_is_required")
    if name not in _CHANGES:
        raise invalid(call.profile, "action参数错误", "action_is_required")
    needed = call.profile.name == "newapi" or name != "REROLL"
    if needed and (not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 4):
        raise invalid(call.profile, "index参数错误", "index_is_required")
    return await _changed(call, call.text("taskId"), _CHANGES[name], number if isinstance(number, int) else 1)


async def simple_change(call: Call) -> Reply:
    """POST submit/simple-change: "<id> U2", "<id> V3", "<id> R"."""
    if call.profile.name == "newapi":  # its parser never finds the id (docs/image-api.md#change)
        raise unknown_parent(call.profile)
    match = _SIMPLE.fullmatch(call.text("content").strip())
    if match is None:
        raise invalid(call.profile, "content参数错误")
    kind = Kind.REROLL if match[4] else Kind.UPSCALE if match[2].upper() == "U" else Kind.VARIATION
    return await _changed(call, match[1], kind, int(match[3] or 1))


async def _changed(call: Call, task_id: str, kind: Kind, number: int) -> Reply:
    parent = _parent(call, task_id)
    if parent.kind not in _CHANGEABLE:
        raise invalid(call.profile, "关联任务不允许执行变化")
    if kind is Kind.UPSCALE and (existing := _upscaled_before(call, parent, number)):
        return _existing(call, existing)
    press = _Press(Click(kind, number), parent)
    task = _child(call, press)
    task.result = await asyncio.to_thread(outcome, call.studio, press.click, parent, task.prompt, task.seed, None)
    return call.studio.take(task)


def _upscaled_before(call: Call, parent: Task, number: int) -> Task | None:
    for task in call.studio.tasks.values():
        same = task.parent == parent.id and task.kind is Kind.UPSCALE and task.index == number
        if same and task.status not in (Status.FAILURE, Status.CANCEL):
            return task
    return None


def _existing(call: Call, task: Task) -> Reply:
    """The first meaning of 21: that upscale exists or is running (docs/image-api.md#code-21)."""
    properties: Json = {"status": task.status.value, "imageUrl": call.studio.links.of(task, call.profile)}
    body = envelope(21, "任务已存在", task.id, properties)
    return relayed(call.profile, Reply(200, body, task_ids=(task.id,)))
