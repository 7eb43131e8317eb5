"""The endpoints that show tasks or end them: fetch, lists, query, cancel, image-seed."""

from collections.abc import Iterable

from playground.images.replies import Refusal, Reply, envelope, invalid, refusal, relay_error, task_not_found
from playground.images.service_state import Call
from playground.images.task_json import action_name, with_displays
from playground.images.tasks import Json, Status, Task

_CANCELLED = "任务取消"
_LAST = 100


async def fetch(call: Call) -> Reply:
    """GET task/{id}/fetch. An unknown id is answered in four ways (docs/image-api.md#http-status)."""
    task = call.service.tasks.get(call.task_id)
    if task is not None:
        return Reply(200, call.service.json_of(task))
    if call.profile.name == "newapi":
        return relay_error("task_no_found")
    if call.profile.dialect == "gateway":
        return Reply(200, envelope(4, "任务不存在"))
    return Reply(204) if call.profile.dialect == "trueai" else Reply(200, None)


def _all_of(call: Call, tasks: Iterable[Task]) -> list[Json]:
    return [call.service.json_of(task) for task in tasks]


async def list_by_condition(call: Call) -> Reply:
    """POST task/list-by-condition."""
    return Reply(200, _all_of(call, _named(call)))


async def list_by_ids(call: Call) -> Reply:
    """POST task/list-by-ids: the same, with formatted copies."""
    return Reply(200, [with_displays(task, call.service.json_of(task)) for task in _named(call)])


def _named(call: Call) -> list[Task]:
    ids = call.body.get("ids") or []
    if not isinstance(ids, list):
        raise invalid(call.profile, "ids参数错误", "bind_request_body_failed")
    found = [task for key in dict.fromkeys(map(str, ids)) if (task := call.service.tasks.get(key))]
    return sorted(found, key=lambda task: task.id, reverse=call.profile.dialect in ("trueai", "newapi"))


async def list_all(call: Call) -> Reply:
    """GET task/list: the tasks of all users, newest first; on trueai the last hundred."""
    tasks = sorted(call.service.tasks.values(), key=lambda task: task.id, reverse=True)
    return Reply(200, _all_of(call, tasks[:_LAST] if call.profile.dialect == "trueai" else tasks))


async def queue(call: Call) -> Reply:
    """GET task/queue: the waiting tasks, first come first."""
    return Reply(200, _all_of(call, call.service.queue.waiting))


async def query(call: Call) -> Reply:
    """POST task/query: a page of tasks (docs/image-api.md#query)."""
    found = [task for task in call.service.tasks.values() if _matches(call, task)]
    field, _, order = (call.text("sort") or "id,desc").partition(",")
    found.sort(key=lambda task: _sort_key(call, task, field), reverse=order.lower() != "asc")
    size = _whole(call.body.get("pageSize"), 10, least=1)
    number = _whole(call.body.get("pageNumber"), 0, least=0)
    content = _all_of(call, found[number * size : (number + 1) * size])
    pages = -(-len(found) // size)
    sort = {"sorted": True, "unsorted": False, "empty": False}
    page: Json = {"content": content, "totalElements": len(found), "totalPages": pages, "number": number, "size": size}
    page |= {"numberOfElements": len(content), "first": number == 0, "last": number + 1 >= pages, "empty": not content}
    pageable = {"offset": number * size, "pageNumber": number, "pageSize": size, "paged": True, "unpaged": False}
    return Reply(200, page | {"pageable": {**pageable, "sort": sort}, "sort": sort})


def _whole(value: object, default: int, *, least: int) -> int:
    return max(value, least) if isinstance(value, int) and not isinstance(value, bool) else default


def _sort_key(call: Call, task: Task, field: str) -> str:
    value = call.service.json_of(task).get(field)
    return f"{value:020d}" if isinstance(value, int) else str(value or "")


def _matches(call: Call, task: Task) -> bool:
    """Texts contain what is asked for, other fields are equal to it or one of the values."""
    texts = {"prompt": task.prompt, "promptEn": task.prompt, "description": task.description}
    texts["failReason"] = task.fail_reason or ""
    same = {"id": task.id, "ids": task.id, "status": task.status.value, "statusSet": task.status.value}
    same |= {"state": task.state, "action": action_name(task, call.profile.dialect)}
    asked = {name: value for name, value in call.body.items() if value}
    return all(str(value) in texts[name] for name, value in asked.items() if name in texts) and all(
        same[name] in (value if isinstance(value, list) else [str(value)])
        for name, value in asked.items()
        if name in same
    )


async def cancel(call: Call) -> Reply:
    """POST task/{id}/cancel: different in each dialect (docs/image-api.md#cancel)."""
    if call.profile.name == "trueai" and not call.service.options.admin:
        return Reply(400, "Only administrators may cancel tasks.", content_type="text/plain")
    task = call.service.tasks.get(call.task_id)
    running = task is not None and not task.status.final
    if task is not None and running:
        trueai = call.profile.dialect == "trueai"
        call.service.queue.cancel(task, Status.FAILURE if trueai else Status.CANCEL, _CANCELLED)
    if call.profile.dialect == "trueai":
        return Reply(200, None)
    if task is None:
        raise refusal(3, "任务不存在")
    if not running:
        raise refusal(4, "任务已结束")
    return Reply(200, {"code": 1, "description": "成功"}, task_ids=(task.id,))


async def image_seed(call: Call) -> Reply:
    """GET task/{id}/image-seed."""
    task = call.service.tasks.get(call.task_id)
    if task is None:
        raise task_not_found(call.profile)
    if task.status is not Status.SUCCESS or task.artwork is None:
        raise Refusal(Reply(400 if call.profile.dialect == "trueai" else 200, envelope(4, "关联任务状态错误")))
    return Reply(200, {"code": 1, "description": "成功", "result": str(task.seed)})
