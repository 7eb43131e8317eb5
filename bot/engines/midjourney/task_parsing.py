"""Converts task objects of any dialect to `RemoteTask`s (docs/image-api.md#task-object), alone or in lists.

An invalid field is dropped alone. Only a body that is not a task is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.engines.errors import AnswerLost, Unavailable, Unreadable
from bot.engines.midjourney.buttons import completed
from bot.engines.midjourney.coerce import (
    camel_case,
    data_url,
    first,
    identifier,
    moment,
    percent,
    picture_address,
    size,
    valid_task_id,
)
from bot.engines.midjourney.envelopes import (
    FilteredEnvelope,
    ListEnvelope,
    PageEnvelope,
    ProblemEnvelope,
    ResultEnvelope,
    TaskBody,
    open_body,
)
from bot.engines.midjourney.error_mapping import of_filter, of_problem, of_result
from bot.engines.models import Digests, Listed, RemoteStatus, RemoteTask
from bot.media.image import CLIP_ENDINGS
from bot.net import json_limits
from bot.net.json_values import mapping, number, sequence, text
from storage import StoredButton, StoredVideo

MAX_BUTTONS = 200
MAX_PICTURES = 50
_LINK_STYLE = 5
_MODES = ("fast", "relax", "turbo")

# The statuses of the family, and the synonyms and numbers of gateways (docs/image-api.md#status).
_STATUSES = {
    RemoteStatus.PENDING: ("", "NOT_START", "SUBMITTED", "PENDING", "QUEUED", "WAITING"),
    RemoteStatus.RUNNING: ("IN_PROGRESS", "RUNNING", "PROCESSING", "1", "2"),
    RemoteStatus.WAITING_USER: ("MODAL",),
    RemoteStatus.SUCCESS: ("SUCCESS", "SUCCEEDED", "COMPLETE", "COMPLETED", "3"),
    RemoteStatus.FAILURE: ("FAILURE", "FAILED", "TIMEOUT", "ERROR", "4", "5"),
    RemoteStatus.CANCELLED: ("CANCEL", "CANCELLED", "CANCELED"),
}
_BY_WORD = {word: status for status, words in _STATUSES.items() for word in words}

# Results of describe and shorten are texts with numbered lines, in a different field in every dialect
# (docs/image-api.md#results). These actions have images as their results.
DRAWN = frozenset(
    {
        "IMAGINE", "BLEND", "UPSCALE", "UPSCALE_HD", "VARIATION", "HIGH_VARIATION", "LOW_VARIATION", "REROLL", "ZOOM",
        "CUSTOM_ZOOM", "OUTPAINT", "PAN", "INPAINT", "SHOW", "SWAP_FACE", "SWAP_VIDEO_FACE", "VIDEO", "VIDEO_EXTEND",
        "EDIT", "EDITS", "RETEXTURE", "UPLOAD",
    }
)  # fmt: skip
_FINAL_PROMPT = ("finalPrompt", "final_prompt")
# A line begins with a keycap digit and continues up to a blank line or the next number.
_LINE = re.compile(
    "^[ \\t]*([1-9])\ufe0f?\u20e3[ \\t]*(.*(?:\n(?![ \\t]*(?:\n|[1-9]\ufe0f?\u20e3|#)).+)*)", re.MULTILINE
)
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")


def status_of(value: Any) -> RemoteStatus:
    """Parses a status in any spelling. An unknown word counts as RUNNING, a missing one as PENDING."""
    if value is None:
        return RemoteStatus.PENDING
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return RemoteStatus.RUNNING
    return _BY_WORD.get(text(value).strip().upper(), RemoteStatus.RUNNING)


def parse_task(body: Any, *, http_status: int = 200) -> RemoteTask:
    """Parses one task: the answer to a fetch, or the body of a callback.

    Raises UnknownTask or another ServiceRefused if the body is a refusal, Unavailable if it reports a fault of the
    service, Unreadable if it is not a task.
    """
    match _opened(body, http_status):
        case TaskBody(fields):
            return read_task(fields)
        case ResultEnvelope() as result:
            raise _as_read(of_result(result, http_status, has_parent=True))
        case other:
            raise Unreadable(f"a {type(other).__name__.lower()} where a task was expected")


def parse_tasks(body: Any, *, http_status: int = 200) -> tuple[RemoteTask, ...]:
    """Parses a list of tasks in the given order. Entries that are not tasks are dropped. Raises the errors of
    parse_task."""
    if body is None:
        return ()  # Go encodes an empty list as null
    match _opened(body, http_status):
        case ListEnvelope(items):
            return tuple(_readable(items))
        case PageEnvelope(fields):
            return tuple(_readable(fields["content"]))
        case TaskBody(fields):
            return (read_task(fields),)
        case ResultEnvelope() as result:
            raise _as_read(of_result(result, http_status, has_parent=False))
    raise Unreadable("not a list of tasks")


def parse_page(body: Any, *, http_status: int = 200) -> tuple[RemoteTask, ...]:
    """Parses the tasks of a query page (docs/image-api.md#query). Raises the errors of parse_task."""
    match _opened(body, http_status):
        case PageEnvelope(fields):
            return tuple(_readable(fields["content"]))
        case ResultEnvelope() as result:
            raise _as_read(of_result(result, http_status, has_parent=False))
        case other:
            raise Unreadable(f"a {type(other).__name__.lower()} where a page was expected")


def read_task(body: Mapping[str, Any]) -> RemoteTask:
    """Parses a task object. Raises Unreadable if it has no valid ID."""
    task_id = valid_task_id(body.get("id"))
    if not task_id:
        raise Unreadable("a task without a valid id")
    return task_of(task_id, body)


def task_of(task_id: str, body: Mapping[str, Any]) -> RemoteTask:
    """Parses a task object with this ID."""
    fields, properties = camel_case(body), mapping(body.get("properties"))
    status, action = status_of(fields.get("status")), text(fields.get("action")).strip().upper()
    final_prompt = first(properties, *_FINAL_PROMPT)
    has_text = status is RemoteStatus.SUCCESS and action not in DRAWN
    result_text = text_of(action, final_prompt, fields) if has_text else None
    listed = sequence(fields.get("imageUrls"))[:MAX_PICTURES]
    single, plain = picture_address(fields.get("imageUrl")), picture_address(fields.get("url"))
    addresses = [url for url in map(picture_address, listed) if url]
    image_urls = tuple(url for url in addresses if not _is_clip(url)) if addresses else ()
    image_url = _first_image(single, plain, image_urls[0] if len(image_urls) == 1 else None)
    has_url = bool(image_url or image_urls)
    return RemoteTask(
        id=task_id,
        status=status,
        progress=percent(fields.get("progress")),
        action=action,
        prompt=text(fields.get("prompt")),
        # The text of a describe or shorten is in the field that holds the prompt of other tasks
        # (docs/image-api.md#results).
        final_prompt="" if result_text else text(final_prompt or fields.get("promptFull")),
        description=text(fields.get("description")).strip(),
        fail_reason=text(fields.get("failReason")).strip(),
        state=text(fields.get("state")),
        finished_at=moment(fields.get("finishTime")),
        image_url=image_url,
        image_urls=image_urls,
        thumbnail_url=_thumbnail(fields, listed) if has_url else None,
        image_data=() if has_url else _data_urls(fields, listed),
        videos=_videos(fields, addresses, (plain, single)),
        width=size(first(fields, "imageWidth", "width")),
        height=size(first(fields, "imageHeight", "height")),
        buttons=tuple(_buttons(sequence(fields.get("buttons"))[:MAX_BUTTONS])),
        seed=identifier(fields.get("seed") or properties.get("imageSeed")) or None,
        text=result_text,
        text_lines=text_lines(result_text) if result_text else (),
        mode=_mode(fields),
        parent_id=valid_task_id(fields.get("parentId")) or None,
        account=identifier(properties.get("discordInstanceId")) or None,
    )


# The list of all running tasks is polled every few seconds and rarely changes. A caller that keeps the digests of tasks
# does not get unchanged tasks again.
def read_list(json_text: str, seen: Digests, reachable: Callable[[RemoteTask], RemoteTask]) -> Listed | Any:
    """Returns the tasks of a JSON text, or the parsed JSON if it is not a list. Entries that are not tasks are skipped.

    `seen` are the known digests. `reachable` corrects the URLs of a task. Raises the errors of `json_limits.loads`.
    """
    if json_text.startswith("["):
        return _listed(json_limits.items(json_text), seen, reachable)
    body = json_limits.loads(json_text)
    try:
        opened = open_body(body)
    except Unreadable:
        return body
    match opened:
        case ListEnvelope(found):
            return _listed(((item, None) for item in found), seen, reachable)
        case PageEnvelope(fields):
            return _listed(((item, None) for item in fields["content"]), seen, reachable)
    return body


def _listed(
    items: Iterable[tuple[Any, int | None]], seen: Digests, reachable: Callable[[RemoteTask], RemoteTask]
) -> Listed:
    listed = Listed()
    for item, of_text in items:
        fields = mapping(item)
        task_id = valid_task_id(fields.get("id"))
        if not task_id:
            continue
        if of_text is not None and seen.get(task_id) == of_text:
            listed.unchanged.add(task_id)
            continue
        task = reachable(task_of(task_id, fields))
        # Items inside an envelope have no text of their own to hash.
        digest = hash(task) if of_text is None else of_text
        if seen.get(task_id) == digest:
            listed.unchanged.add(task_id)
        else:
            listed.tasks[task_id], listed.digests[task_id] = task, digest
    return listed


def _opened(body: Any, http_status: int) -> ResultEnvelope | TaskBody | ListEnvelope | PageEnvelope:
    opened = open_body(body)
    match opened:
        case ProblemEnvelope():
            raise _as_read(of_problem(opened, http_status))
        case FilteredEnvelope():
            raise _as_read(of_filter(opened, http_status))
    return opened


def _as_read(error: Exception) -> Exception:
    """A lost answer to a read has no effect at the service, so AnswerLost becomes Unavailable."""
    return Unavailable(str(error)) if isinstance(error, AnswerLost) else error


def _readable(items: Any) -> Iterator[RemoteTask]:
    for item in items:
        fields = mapping(item)
        if task_id := valid_task_id(fields.get("id")):
            yield task_of(task_id, fields)


def _mode(fields: Mapping[str, Any]) -> str | None:
    mode = text(fields.get("mode")).strip().lower()
    return mode if mode in _MODES else None


def _buttons(entries: Sequence[Any]) -> Iterator[StoredButton]:
    for entry in map(mapping, entries):
        custom_id, style = first(entry, "customId", "custom_id"), number(entry.get("style"))
        # An ID that cannot be kept unchanged is useless, because it could not be sent back.
        if not isinstance(custom_id, str) or not custom_id.strip() or custom_id != text(custom_id):
            continue
        if style == _LINK_STYLE:
            continue
        emoji = entry.get("emoji")
        name = emoji.get("name") if isinstance(emoji, dict) else emoji
        known_style = style if style in (1, 2, 3, 4) else 2
        yield completed(custom_id, _caption(entry.get("label")), _caption(name), known_style or 2)


def _caption(value: Any) -> str:
    return text(value).strip()


def _is_clip(url: str) -> bool:
    return url.partition("?")[0].lower().endswith(CLIP_ENDINGS)


def _first_image(*urls: str | None) -> str | None:
    return next((url for url in urls if url and not _is_clip(url)), None)


def _data_urls(fields: Mapping[str, Any], listed: Sequence[Any]) -> tuple[str, ...]:
    single = (fields.get("imageUrl"), fields.get("url"))
    return tuple(filter(None, map(data_url, listed))) or tuple(filter(None, map(data_url, single)))[:1]


def _thumbnail(fields: Mapping[str, Any], listed: Sequence[Any]) -> str | None:
    of_the_only = mapping(listed[0]).get("thumbnail") if len(listed) == 1 else None
    return _first_image(*map(picture_address, (fields.get("thumbnailUrl"), of_the_only)))


def _videos(
    fields: Mapping[str, Any], addresses: Sequence[str], singles: Sequence[str | None]
) -> tuple[StoredVideo, ...]:
    """Returns the videos from the first place that contains any (docs/image-api.md#results): the fields for videos,
    `addresses` of images, `singles`."""
    given = sequence(fields.get("videoUrls"))[:MAX_PICTURES]
    listed = [(picture_address(entry), mapping(entry).get("thumbnail")) for entry in given]
    clips = tuple(StoredVideo(url, picture_address(thumbnail)) for url, thumbnail in listed if url)
    if clips:
        return clips
    if single := picture_address(fields.get("videoUrl")):
        return (StoredVideo(single),)
    if clips := tuple(StoredVideo(url) for url in addresses if _is_clip(url)):
        return clips
    return tuple(StoredVideo(url) for url in singles if url and _is_clip(url))[:1]


def text_of(action: str, final_prompt: Any, fields: Mapping[str, Any]) -> str | None:
    """Returns the text of a finished task whose action is not one of `DRAWN`, or None if its result is an image.
    `action` is in upper case, the names of `fields` in camel case."""
    final = _clean(final_prompt)
    if action == "SHORTEN":
        places = [final, _clean(fields.get("description"))]
    else:
        places = [final, _clean(fields.get("promptEn")), _clean(fields.get("prompt"))]
    numbered = next((place for place in places if text_lines(place)), None)
    if numbered or action not in ("DESCRIBE", "SHORTEN"):
        return numbered
    return next((place for place in places if place), None)


def text_lines(result: str) -> tuple[str, ...]:
    """Returns the numbered lines from 1 on, without numbers and link targets. The first missing number ends the
    list."""
    found: dict[int, str] = {}
    for match in _LINE.finditer(result):
        words = " ".join(_LINK.sub(r"\1", match[2]).split())
        found.setdefault(int(match[1]), words)
    count = next(index for index in range(11) if index + 1 not in found)
    return tuple(found[index] for index in range(1, count + 1))


def _clean(value: Any) -> str:
    return text(value).replace("\r\n", "\n").replace("\r", "\n").strip()
