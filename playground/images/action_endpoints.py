"""The endpoints that go on from a task: action, modal, change, simple-change."""

import asyncio
import re
from dataclasses import dataclass

from playground.images import edits, request_images
from playground.images.buttons import ButtonAction, buttons_of, newapi_action, parse_custom_id, trueai_takes
from playground.images.prompt import final_prompt
from playground.images.replies import (
    Refusal,
    Reply,
    accepted,
    envelope,
    invalid,
    modal_required,
    openai_error,
    relay_error,
    relayed,
    task_not_finished,
    task_not_found,
)
from playground.images.results import prefill_for, result_of_action, zoom_problem
from playground.images.service_state import Call
from playground.images.submit_endpoints import check_state_and_hook, set_description
from playground.images.tasks import Json, Kind, ModalRequest, Result, Status, Task

_CHANGEABLE = frozenset((Kind.IMAGINE, Kind.VARIATION, Kind.REROLL, Kind.BLEND))
_NO_REROLL = frozenset((Kind.REGION, Kind.ZOOM, Kind.SQUARE, Kind.CUSTOM_ZOOM, Kind.SWAP, Kind.VIDEO_EXTEND, Kind.LINE))
_CHANGES = {"UPSCALE": Kind.UPSCALE, "VARIATION": Kind.VARIATION, "REROLL": Kind.REROLL}
_SIMPLE = re.compile(r"(\d+)\s+(?:([UV])([1-4])|(R))", re.IGNORECASE)


@dataclass(frozen=True)
class _Press:
    """A click on a parent, by the customId as it came."""

    click: ButtonAction
    parent: Task
    custom_id: str | None = None


def _parent(call: Call, task_id: str) -> Task:
    parent = call.service.find_task(task_id)
    if parent is None:
        raise task_not_found(call.profile)
    if parent.status is not Status.SUCCESS:
        raise task_not_finished(call.profile)
    return parent


def _child(call: Call, press: _Press, state: str | None = None) -> Task:
    check_state_and_hook(call)
    parent, click = press.parent, press.click
    prompt = prefill_for(click, parent) if click.kind is Kind.LINE else parent.prompt
    task = Task(
        call.service.ids.next(),
        click.kind,
        prompt=prompt,
        final_prompt=final_prompt(prompt, niji=parent.bot_type == "NIJI_JOURNEY") if prompt else "",
        description=_description(press),
        state=call.text("state") if state is None else state,
        notify_hook=call.hook(),
        bot_type=parent.bot_type,
        mode=call.requested_mode(prompt) or parent.mode,
        parent=parent.id,
        custom_id=press.custom_id,
        index=click.index,
        given=parent.given,
    )
    task.seed = edits.new_seed(task.id) if click.kind not in (Kind.UPSCALE, Kind.UPSCALE_HD) else parent.seed
    if call.service.options.partner and click.kind in (Kind.UPSCALE, Kind.UPSCALE_HD):
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
        # A favourite is no task (image API reference, 8.3).
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
    click = parse_custom_id(custom_id)
    offered = {entry["customId"] for entry in buttons_of(parent, call.profile, partner=call.service.options.partner)}
    spelled = custom_id.replace("MJ::JOB::PromptAnalyzer", "MJ::Job::PromptAnalyzer")
    if click is None or not offered & {custom_id, spelled}:
        raise Refusal(Reply(200, envelope(4, "未知的 Action 类型")))
    if click.kind is Kind.REROLL and call.profile.name == "trueai" and parent.kind in _NO_REROLL:
        raise Refusal(Reply(200, envelope(4, "关联任务不允许执行变化")))
    return _Press(click, parent, custom_id)


def _opens_window(call: Call, click: ButtonAction) -> bool:
    if click.always_window:
        return True
    options = call.service.options
    if call.body.get("enableRemix") is True and call.profile.dialect in ("trueai", "newapi"):
        if not options.remix_allowed:
            raise Refusal(Reply(200, envelope(4, "当前账号未开启 Remix 模式")))
        return click.remixable
    return options.remix and click.remixable


def _opened(call: Call, press: _Press) -> Reply:
    task = _child(call, press)
    seed, service = task.seed, call.service

    def finish(prompt: str, mask: bytes | None) -> Result:
        return result_of_action(service, press.click, press.parent, prompt, seed, mask)

    prefill = prefill_for(press.click, press.parent)
    task.modal = ModalRequest(
        prefill="" if call.profile.name == "plus" and press.click.kind is not Kind.LINE else prefill,
        finish=finish,
        needs_mask=press.click.kind is Kind.REGION,
        modal_id=_modal_id(press),
    )
    task.status = Status.MODAL
    service.store(task)
    return modal_required(call.profile, task)


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
    call.service.check_capacity()
    if press.click.every_line:
        return _every_line(call, press)
    task = _child(call, press)
    if press.click.retry:
        await set_description(task, press.parent.given[0], links=call.profile.dialect == "trueai")
    else:
        task.result = await asyncio.to_thread(
            result_of_action, call.service, press.click, press.parent, task.prompt, task.seed, None
        )
    reply = call.service.enqueue(task)
    press.parent.used.add(press.custom_id or "")
    return reply


def _every_line(call: Call, press: _Press) -> Reply:
    """PicReader::all starts a task a line; their ids come joined by commas (image API reference, 8.4)."""
    if call.profile.dialect != "trueai":
        raise Refusal(Reply(200, envelope(4, "未知的 Action 类型")))
    ids = []
    for number in range(1, len(press.parent.result.lines) + 1):
        line = _Press(ButtonAction(Kind.LINE, number, "PicReader"), press.parent, press.custom_id)
        task = _child(call, line, state=f"{call.text('state')}::{number}")
        task.result = result_of_action(call.service, line.click, press.parent, task.prompt, task.seed, None)
        call.service.enqueue(task)
        ids.append(task.id)
    return Reply(200, envelope(1, call.profile.accepted, ",".join(ids)), task_ids=tuple(ids))


async def modal(call: Call) -> Reply:
    """POST submit/modal: what was entered into a window. A refused one leaves the window open."""
    task = call.service.find_task(call.text("taskId"))
    if task is None:
        raise task_not_found(call.profile)
    if task.modal is None:
        raise invalid(call.profile, "关联任务状态错误")
    if task.status is not Status.MODAL:
        return _again(call, task)
    parent = call.service.find_task(task.parent or "")
    prompt = call.text("prompt").strip() or task.prompt
    if (not prompt and call.profile.dialect in ("trueai", "newapi")) or _needs_own_prompt(call):
        raise invalid(call.profile, "prompt不能为空")
    call.service.check_prompt(prompt)
    mask = await _wanted_mask(call, task, parent)
    result = await asyncio.to_thread(task.modal.finish, prompt, mask)
    if task.confirmations:  # another modal was quicker
        return _again(call, task)
    call.service.check_capacity()
    task.planned_failure = call.service.failure_for(prompt)
    if task.kind is Kind.CUSTOM_ZOOM:
        task.planned_failure = task.planned_failure or zoom_problem(prompt)
    task.result = result
    task.prompt, task.final_prompt = prompt, final_prompt(prompt, niji=task.bot_type == "NIJI_JOURNEY")
    task.confirmations += 1
    if parent and task.custom_id:
        parent.used.add(task.custom_id)
    return accepted(call.profile, task, call.service.queue.submit(task))


def _needs_own_prompt(call: Call) -> bool:
    """The older trueai takes no prompt from the parent."""
    return call.profile.name == "trueai-9" and not call.text("prompt").strip()


async def _wanted_mask(call: Call, task: Task, parent: Task | None) -> bytes | None:
    if task.modal is None or not task.modal.needs_mask or parent is None or parent.artwork is None:
        return None
    mask = await request_images.mask(call, parent.artwork.size)
    if mask is None:
        raise invalid(call.profile, "maskBase64不能为空")
    return mask


def _again(call: Call, task: Task) -> Reply:
    """A second modal for one window: trueai does not look and takes it again (image API reference, 9)."""
    if call.profile.name not in ("trueai", "newapi"):
        raise task_not_finished(call.profile)
    task.confirmations += 1
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
    if call.profile.name == "newapi":  # its parser never finds the id (image API reference, 5.9)
        raise task_not_found(call.profile)
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
    press = _Press(ButtonAction(kind, number), parent)
    task = _child(call, press)
    task.result = await asyncio.to_thread(
        result_of_action, call.service, press.click, parent, task.prompt, task.seed, None
    )
    return call.service.enqueue(task)


def _upscaled_before(call: Call, parent: Task, number: int) -> Task | None:
    for task in call.service.tasks.values():
        same = task.parent == parent.id and task.kind is Kind.UPSCALE and task.index == number
        if same and task.status not in (Status.FAILURE, Status.CANCEL):
            return task
    return None


def _existing(call: Call, task: Task) -> Reply:
    """The first meaning of 21: that upscale exists or is running (image API reference, 4.2)."""
    properties: Json = {"status": task.status.value, "imageUrl": call.service.urls.of(task, call.profile)}
    body = envelope(21, "任务已存在", task.id, properties)
    return relayed(call.profile, Reply(200, body, task_ids=(task.id,)))
