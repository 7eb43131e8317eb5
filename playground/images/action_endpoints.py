"""The endpoints that go on from a task: action, modal, change, simple-change."""

import asyncio
import re
from dataclasses import dataclass

from playground.images import edits, replies, request_images
from playground.images.buttons import buttons_of, newapi_action, parse_custom_id, trueai_takes
from playground.images.edits import prefill_for, result_of_action, zoom_problem
from playground.images.prompt import final_prompt
from playground.images.replies import Refusal, Reply, envelope, invalid, refusal, task_not_finished, task_not_found
from playground.images.service_state import Call
from playground.images.submit_endpoints import enqueue_batch, new_task, set_description
from playground.images.tasks import ButtonAction, Kind, ModalRequest, Result, Status, Task

_CHANGEABLE = frozenset((Kind.IMAGINE, Kind.VARIATION, Kind.REROLL, Kind.BLEND))
_NO_REROLL = frozenset((Kind.REGION, Kind.ZOOM, Kind.SQUARE, Kind.CUSTOM_ZOOM, Kind.SWAP, Kind.VIDEO_EXTEND, Kind.LINE))
_UPSCALES = frozenset((Kind.UPSCALE, Kind.UPSCALE_HD))
_CHANGES = {"UPSCALE": Kind.UPSCALE, "VARIATION": Kind.VARIATION, "REROLL": Kind.REROLL}
_SIMPLE = re.compile(r"(\d+)\s+(?:([UV])([1-4])|(R))", re.IGNORECASE)
_UNKNOWN_ACTION = "未知的 Action 类型"


@dataclass(frozen=True)
class _Press:
    """An action on a finished task; `custom_id` is the pressed button's."""

    action: ButtonAction
    parent: Task
    custom_id: str | None = None


def _parent(call: Call, task_id: str) -> Task:
    parent = call.service.tasks.get(task_id)
    if parent is None:
        raise task_not_found(call.profile)
    if parent.status is not Status.SUCCESS:
        raise task_not_finished(call.profile)
    return parent


def _child(call: Call, press: _Press) -> Task:
    parent, action = press.parent, press.action
    prompt = prefill_for(action, parent) if action.kind is Kind.LINE else parent.prompt
    short = {Kind.UPSCALE: f" U{action.index}", Kind.VARIATION: f" V{action.index}", Kind.REROLL: " R"}.get(action.kind)
    description = f"/{'up' if short else action.kind.value} {parent.id}{short or ''}"
    task = new_task(call, action.kind, prompt, description, bot_type=parent.bot_type)
    task.mode = task.mode or parent.mode
    task.parent, task.custom_id, task.index, task.given = parent.id, press.custom_id, action.index, parent.given
    task.seed = parent.seed if action.kind in _UPSCALES else edits.new_seed(task.id)
    if call.service.options.partner and action.kind in _UPSCALES:
        task.job = parent.job
    return task


async def _result(call: Call, press: _Press, task: Task) -> Result:
    action, parent = press.action, press.parent
    return await asyncio.to_thread(result_of_action, call.service.side, action, parent, task.prompt, task.seed, None)


async def action(call: Call) -> Reply:
    """POST submit/action: a press on a button."""
    custom_id, task_id = call.text("customId"), call.text("taskId")
    if not custom_id:
        raise invalid(call.profile, "customId不能为空", "custom_id_is_required")
    if not task_id:
        raise invalid(call.profile, "taskId不能为空", "task_id_is_required")
    _check_custom_id(call, custom_id)
    if custom_id.startswith("MJ::BOOKMARK::") and call.profile.name == "trueai-9":
        # A favourite is no task (docs/image-api.md#image-buttons).
        return Reply(200, envelope(1, "成功", _parent(call, task_id).id))
    press = _press(call, custom_id, _parent(call, task_id))
    return _open_modal(call, press) if _needs_modal(call, press.action) else await _start(call, press)


def _check_custom_id(call: Call, custom_id: str) -> None:
    """What newapi's and the newer trueai's controllers refuse before they look at the task."""
    if call.profile.name == "newapi":
        try:
            known = newapi_action(custom_id)
        except IndexError:
            message = "Panic detected, error: runtime error: index out of range [1] with length 1"
            raise Refusal(replies.openai_error(500, message, "new_api_panic")) from None
        if known is None:
            raise Refusal(replies.relay_error(f"unknown_action:{custom_id}"))
    if call.profile.name == "trueai" and not trueai_takes(custom_id):
        raise refusal(4, _UNKNOWN_ACTION)


def _press(call: Call, custom_id: str, parent: Task) -> _Press:
    action = parse_custom_id(custom_id)
    offered = {entry["customId"] for entry in buttons_of(parent, call.profile, partner=call.service.options.partner)}
    spelled = custom_id.replace("MJ::JOB::PromptAnalyzer", "MJ::Job::PromptAnalyzer")
    if action is None or not offered & {custom_id, spelled}:
        raise refusal(4, _UNKNOWN_ACTION)
    if action.kind is Kind.REROLL and call.profile.name == "trueai" and parent.kind in _NO_REROLL:
        raise refusal(4, "关联任务不允许执行变化")
    return _Press(action, parent, custom_id)


def _needs_modal(call: Call, action: ButtonAction) -> bool:
    if action.needs_modal:
        return True
    options = call.service.options
    if call.body.get("enableRemix") is True and call.profile.dialect in ("trueai", "newapi"):
        if not options.remix_allowed:
            raise refusal(4, "当前账号未开启 Remix 模式")
        return action.remixable
    return options.remix and action.remixable


def _open_modal(call: Call, press: _Press) -> Reply:
    task, action, job = _child(call, press), press.action, press.parent.job
    modal_ids = {
        Kind.CUSTOM_ZOOM: f"MJ::OutpaintCustomZoomModal::{job}",
        Kind.LINE: f"MJ::Picreader::Modal::{action.index}",
        Kind.PAN: f"MJ::PanModal::{action.detail}::{job}::1",
    }
    empty = call.profile.name == "plus" and action.kind is not Kind.LINE
    modal_id = modal_ids.get(action.kind, f"MJ::RemixModal::{job}::{action.index}::0")
    task.modal = ModalRequest(action, "" if empty else prefill_for(action, press.parent), modal_id)
    task.status = Status.MODAL
    call.service.store(task)
    return replies.modal_required(call.profile, task)


async def _start(call: Call, press: _Press) -> Reply:
    call.service.check_capacity()
    if press.action.every_line:
        return await _start_every_line(call, press)
    task = _child(call, press)
    if press.action.retry:
        await set_description(task, press.parent.given[0], links=call.profile.dialect == "trueai")
    else:
        task.result = await _result(call, press, task)
    reply = call.service.enqueue(task)
    press.parent.used.add(press.custom_id or "")
    return reply


async def _start_every_line(call: Call, press: _Press) -> Reply:
    """PicReader::all starts a task for each line (docs/image-api.md#text-buttons)."""
    if call.profile.dialect != "trueai":
        raise refusal(4, _UNKNOWN_ACTION)
    tasks = []
    for number in range(1, len(press.parent.result.lines) + 1):
        line = _Press(ButtonAction(Kind.LINE, number), press.parent, press.custom_id)
        task = _child(call, line)
        task.result = await _result(call, line, task)
        tasks.append(task)
    return enqueue_batch(call, tasks)


async def modal(call: Call) -> Reply:
    """POST submit/modal: what was entered into a modal. A refused one leaves the modal open."""
    task = call.service.tasks.get(call.text("taskId"))
    if task is None:
        raise task_not_found(call.profile)
    if task.modal is None:
        raise invalid(call.profile, "关联任务状态错误")
    if task.status is not Status.MODAL:
        return _confirmed_again(call, task)
    own = call.text("prompt").strip()
    prompt, empty_refused = own or task.prompt, call.profile.dialect in ("trueai", "newapi")
    if (not prompt and empty_refused) or (not own and call.profile.name == "trueai-9"):
        raise invalid(call.profile, "prompt不能为空")
    call.service.check_prompt(prompt)
    parent = call.service.tasks[task.parent or ""]
    mask, action = await _required_mask(call, task.modal, parent), task.modal.action
    result = await asyncio.to_thread(result_of_action, call.service.side, action, parent, prompt, task.seed, mask)
    if task.confirmations:  # another modal was quicker
        return _confirmed_again(call, task)
    call.service.check_capacity()
    task.planned_failure = call.service.failure_for(prompt)
    if task.kind is Kind.CUSTOM_ZOOM:
        task.planned_failure = task.planned_failure or zoom_problem(prompt)
    task.prompt, task.final_prompt = prompt, final_prompt(prompt, niji=task.bot_type == "NIJI_JOURNEY")
    task.result = result
    task.confirmations += 1
    parent.used.add(task.custom_id or "")
    return replies.accepted(call.profile, task, call.service.queue.submit(task))


async def _required_mask(call: Call, request: ModalRequest, parent: Task) -> bytes | None:
    if request.action.kind is not Kind.REGION or parent.artwork is None:
        return None
    mask = await request_images.mask(call, parent.artwork.size)
    if mask is None:
        raise invalid(call.profile, "maskBase64不能为空")
    return mask


def _confirmed_again(call: Call, task: Task) -> Reply:
    """A second confirmation: trueai does not check and takes it again (docs/image-api.md#modal-windows)."""
    if call.profile.name not in ("trueai", "newapi"):
        raise task_not_finished(call.profile)
    task.confirmations += 1
    return replies.accepted(call.profile, task, 0)


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
        raise task_not_found(call.profile)
    match = _SIMPLE.fullmatch(call.text("content").strip())
    if match is None:
        raise invalid(call.profile, "content参数错误")
    kind = Kind.REROLL if match[4] else Kind.UPSCALE if match[2].upper() == "U" else Kind.VARIATION
    return await _changed(call, match[1], kind, int(match[3] or 1))


async def _changed(call: Call, task_id: str, kind: Kind, number: int) -> Reply:
    press = _Press(ButtonAction(kind, number), _parent(call, task_id))
    if press.parent.kind not in _CHANGEABLE:
        raise invalid(call.profile, "关联任务不允许执行变化")
    for task in call.service.tasks.values():
        same = (task.parent, task.kind, task.index) == (press.parent.id, Kind.UPSCALE, number)
        if kind is Kind.UPSCALE and same and task.status not in (Status.FAILURE, Status.CANCEL):
            # The first meaning of 21: that upscale exists or is running (docs/image-api.md#code-21).
            known = {"status": task.status.value, "imageUrl": call.service.urls.of(task, call.profile)}
            reply = Reply(200, envelope(21, "任务已存在", task.id, known), task_ids=(task.id,))
            return replies.relayed(call.profile, reply)
    task = _child(call, press)
    task.result = await _result(call, press, task)
    return call.service.enqueue(task)
