"""Image tasks: the images API that answers with a task, in three dialects (docs/platform-api.md#image-tasks)."""

import time

from playground.platform.replies import Json, Reply, refusal
from playground.platform.state import Call, ImageTask

# Where the tasks of each dialect are polled.
POLL_PATHS = {
    "unified": "/v1/tasks/",
    "generations": "/v1/images/generations/",
    "accepted": "/v1/images/tasks/",
}
_DAY = 86_400
_RETRY_AFTER = 1


def submitted(call: Call, dialect: str, data: list[Json]) -> Reply:
    """The answer to a request whose images will be ready later."""
    pace = call.state.pace
    task_id = f"{'task-unified' if dialect == 'unified' else 'imgtask'}-{next(call.state.numbers):08}"
    task = ImageTask(task_id, dialect, call.request.model, pace.step * pace.steps, data, call.task_fails)
    call.state.tasks[task.id] = task
    if dialect != "accepted":
        return Reply(200, _shown(task, 0))
    body = _shown(task, 0) | {"expires_at": int(time.time()) + _DAY, "poll_url": POLL_PATHS[dialect] + task.id}
    return Reply(202, body, headers={"Location": POLL_PATHS[dialect] + task.id, "Retry-After": str(_RETRY_AFTER)})


async def poll(call: Call) -> Reply:
    """The state of a task."""
    prefix, _, task_id = call.request.path.rpartition("/")
    task = call.state.tasks.get(task_id)
    if task is None or POLL_PATHS[task.dialect] != f"{prefix}/":
        raise refusal(404, "task not found")
    return Reply(200, _shown(task, task.progress))


def _shown(task: ImageTask, progress: int) -> Json:
    match task.dialect, progress < 100, task.fails:
        case "unified", True, _:
            fields: Json = {"status": "processing" if progress else "pending", "progress": progress}
        case "unified", _, False:
            fields = {"status": "completed", "progress": 100, "results": [entry["url"] for entry in task.data]}
        case "unified", _, True:
            failure = {"code": "content_policy_violation", "message": "blocked"}
            fields = {"status": "failed", "progress": 0, "results": [], "error": failure}
        case _, True, _:
            fields = {"status": "queued" if not progress else "processing"}
        case _, _, True:
            fields = {"status": "failed", "error": {"message": "the upstream failed"}}
        case _:
            fields = {"status": "completed", "result": {"data": task.data}}
    named = {"object": "image.generation.task"} if task.dialect != "generations" else {}
    own: Json = {"task_id": task.id} if task.dialect == "accepted" else {}
    return {"created": 1_788_000_000, "id": task.id, **own, "model": task.model, **named, **fields}
