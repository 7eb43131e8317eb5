"""POST /v1/images/generations and /v1/images/edits (docs/platform-api.md#images-api), answered at once or as a task."""

import re
import time
from dataclasses import dataclass

from playground.platform.models import Kind
from playground.platform.pictures import Painted
from playground.platform.replies import Json, Reply, refusal
from playground.platform.state import Call, ImageTask, aspect_in

_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")
_RATIO = re.compile(r"(\d{1,2})[:x](\d{1,2})")
_COMMON = {"model", "prompt", "n", "size", "quality", "user"}
_NEWER = {"background", "moderation", "output_format", "output_compression"}
# The fields that a gateway keeps which serializes requests again.
_KEPT = {"model", "prompt", "n", "size", "quality", "response_format", "style", "user", "aspect_ratio"}
_EDITS = {"image", "mask", "input_fidelity", "response_format"}
_MOST_IMAGES = 10
_MOST_SOURCES = 16
# Where the tasks of each dialect are polled.
POLL_PATHS = {
    "unified": "/v1/tasks/",
    "generations": "/v1/images/generations/",
    "accepted": "/v1/images/tasks/",
}
_DAY = 86_400
_RETRY_AFTER = 1


@dataclass(frozen=True)
class Family:
    """What a family of models takes. No `sizes`: any. No `fields`: any, unknown ones are ignored."""

    fields: frozenset[str] = frozenset()
    sizes: str = ""
    most: int = _MOST_IMAGES
    longest: int = 32_000
    links: bool = True


FAMILIES = {
    Kind.DALLE: Family(
        frozenset(_COMMON | {"style", "response_format"}), "1024x1024 1792x1024 1024x1792", most=1, longest=4_000
    ),
    Kind.GPT_IMAGE: Family(frozenset(_COMMON | _NEWER), links=False),
    Kind.IMAGES: Family(),
}


async def generate(call: Call) -> Reply:
    """Paints images of a prompt."""
    family = FAMILIES[call.model.kind]
    prompt, count = _checked(call, family, frozenset()), _count(call, family)
    aspect = _aspect(call, family, prompt)
    painted = [
        await call.drawn(call.state.pictures.paint, prompt, index=index, aspect=aspect, form=_form(call))
        for index in range(count)
    ]
    return _reply(call, family, prompt, painted)


async def edit(call: Call) -> Reply:
    """Changes images by a prompt, everywhere or in a region."""
    family = FAMILIES[call.model.kind]
    prompt, count = _checked(call, family, frozenset(_EDITS)), _count(call, family)
    sources = [file.data for file in call.request.files if file.field_name.removesuffix("[]") == "image"]
    mask = next((file.data for file in call.request.files if file.field_name == "mask"), None)
    if not 1 <= len(sources) <= _MOST_SOURCES:
        raise refusal(400, f"'image' must be 1 to {_MOST_SOURCES} files.", param="image")
    painted = [
        await call.drawn(call.state.pictures.edit, sources, prompt, mask=mask, index=index, form=_form(call))
        for index in range(count)
    ]
    return _reply(call, family, prompt, painted)


def _count(call: Call, family: Family) -> int:
    count = call.whole("n", 1, 1, family.most)
    return 1 if call.state.profile.ignores_n else count


def _checked(call: Call, family: Family, more: frozenset[str]) -> str:
    """The prompt, if the fields are those that the model takes. Raises Refusal."""
    prompt = call.text("prompt")
    if call.state.profile.length_of(prompt) > family.longest:
        raise refusal(400, f"Prompt must be length {family.longest} or less.", code="prompt_too_long", param="prompt")
    if call.state.profile.drops_fields:
        for name in set(call.body) - _KEPT - more:
            del call.body[name]
    unknown = sorted(set(call.body) - family.fields - more) if family.fields else []
    if unknown and not call.state.profile.drops_fields:
        raise refusal(400, f"Unknown parameter: '{unknown[0]}'.", code="unknown_parameter", param=unknown[0])
    return prompt


def _aspect(call: Call, family: Family, prompt: str) -> float:
    size = call.body.get("size", "auto")
    if family.sizes and size not in (*family.sizes.split(), "auto"):
        wanted = ", ".join(family.sizes.split())
        raise refusal(400, f"Invalid size: use one of {wanted}.", code="size_not_supported", param="size")
    if isinstance(call.body.get("aspect_ratio"), str):
        size = call.body["aspect_ratio"]
    found = (_SIZE.fullmatch(str(size)) or _RATIO.fullmatch(str(size))) if size != "auto" else None
    if found is None and size != "auto":
        raise refusal(400, f"Invalid size: {size!r}.", code="size_not_supported", param="size")
    if found is None:
        return aspect_in(prompt)
    width, height = int(found[1]), int(found[2])
    if not width or not height or not 1 / 4 <= width / height <= 4:
        raise refusal(400, f"Invalid size: {size!r}.", code="size_not_supported", param="size")
    return width / height


def _form(call: Call) -> str:
    form = call.body.get("output_format", "png")
    if form not in ("png", "jpeg", "webp"):
        raise refusal(400, "Invalid value for 'output_format'.", code="invalid_value", param="output_format")
    return str(form)


def _reply(call: Call, family: Family, prompt: str, painted: list[Painted]) -> Reply:
    links = family.links and call.body.get("response_format") != "b64_json"
    data = [_entry(call, each, prompt, links=links) for each in painted]
    if dialect := call.state.profile.tasks.get(call.model.id):
        return submitted(call, dialect, data)
    body: Json = {"created": int(time.time()), "data": data}
    if not family.links:
        tokens = {"input_tokens": 20, "output_tokens": 1056, "total_tokens": 1076}
        body |= {"background": "opaque", "output_format": _form(call), "size": call.body.get("size", "auto")}
        body |= {"quality": call.body.get("quality", "auto"), "usage": tokens}
    return Reply(200, body)


def _entry(call: Call, painted: Painted, prompt: str, *, links: bool) -> Json:
    profile = call.state.profile
    entry: Json = {"url": "", "b64_json": "", "revised_prompt": ""} if profile.empty_fields else {}
    if links:
        url = call.state.url_of(painted)
        entry["url"] = url.removeprefix(call.state.base_url) if profile.relative_urls else url
    else:
        entry["b64_json"] = painted.data_url if profile.data_url_in_base64 else painted.base64
    if call.model.kind is Kind.DALLE:
        entry["revised_prompt"] = f"{prompt}, in rich detail"
    return entry


# Images that come as a task (docs/platform-api.md#image-tasks), in three dialects


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
