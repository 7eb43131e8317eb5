"""Converts task objects of any dialect to `RemoteTask`s (docs/image-api.md#task-object), alone or in lists, and
classifies the bodies of answers: one order of tests distinguishes all dialects (docs/image-api.md#error-envelopes).

Values of unreliable type become usable or empty ones, so an invalid field is dropped alone. Only a body that is not a
task is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.engines.errors import Unreadable
from bot.engines.midjourney.buttons import completed
from bot.engines.midjourney.envelopes import (
    Envelope,
    FilteredEnvelope,
    ListEnvelope,
    PageEnvelope,
    ProblemEnvelope,
    ResultEnvelope,
    TaskBody,
)
from bot.engines.midjourney.text_results import DRAWN, text_lines, text_of
from bot.engines.models import TASK_ID, Digests, Listed, RemoteStatus, RemoteTask
from bot.media.containers.file_formats import CLIP_ENDINGS
from bot.net.untrusted_data import (
    DATA_URL_HEAD,
    LONGEST_URL,
    MAX_NUMBER,
    checked_address,
    json_items,
    mapping,
    number,
    parse_json,
    sequence,
    text,
    url_text,
)
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
_FINAL_PROMPT = ("finalPrompt", "final_prompt")

_PERCENT = re.compile(r"\D{0,3}(\d{1,3})(?:\.\d+)?\s*%?\)?\s*", re.ASCII)
_UNDERSCORE = re.compile(r"_([a-z])")
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# A URL relative to the service: at least a folder and a name, which excludes "n/a".
_RELATIVE = re.compile(r"(?:[^/\s]+/|/)[^\s]*[^/\s]")
_NOTHING = ("n/a", "null", "none", "undefined")
# 1973 in milliseconds, the year 5138 in seconds: a greater number is in milliseconds.
_MILLISECONDS_FROM = 10**11

# Some gateways wrap the body in `data`, and gateways can be chained.
MAX_UNWRAPPED = 3
_TELLING = frozenset({"code", "id", "result", "data", "error", "success", "content", "status"})


def status_of(value: Any) -> RemoteStatus:
    """Parses a status in any spelling. An unknown word counts as RUNNING, a missing one as PENDING."""
    if value is None:
        return RemoteStatus.PENDING
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return RemoteStatus.RUNNING
    return _BY_WORD.get(text(value).strip().upper(), RemoteStatus.RUNNING)


def task_of(task_id: str, body: Mapping[str, Any]) -> RemoteTask:
    """Parses a task object with this ID."""
    fields, properties = camel_case(body), mapping(body.get("properties"))
    status, action = status_of(fields.get("status")), text(fields.get("action")).strip().upper()
    final_prompt = first(properties, *_FINAL_PROMPT)
    has_text = status is RemoteStatus.SUCCESS and action not in DRAWN
    result = text_of(action, final_prompt, fields) if has_text else None
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
        # The field that holds the prompt of other tasks holds the text of a describe or shorten.
        final_prompt="" if result else text(final_prompt or fields.get("promptFull")),
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
        text=result,
        text_lines=text_lines(result) if result else (),
        mode=_mode(fields),
        parent_id=valid_task_id(fields.get("parentId")) or None,
        account=identifier(properties.get("discordInstanceId")) or None,
    )


# The list of all running tasks is polled every few seconds and rarely changes. A caller that keeps the digests of tasks
# does not get unchanged tasks again.
def read_list(json_text: str, seen: Digests, reachable: Callable[[RemoteTask], RemoteTask]) -> Listed | Any:
    """Returns the tasks of a JSON text, or the parsed JSON if it is not a list. Entries that are not tasks are skipped.

    `seen` are the known digests. `reachable` corrects the URLs of a task. Raises the errors of `parse_json`.
    """
    if json_text.startswith("["):
        return _listed(json_items(json_text), seen, reachable)
    body = parse_json(json_text)
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


def identifier(value: Any) -> str:
    """Returns an ID as an exact string. Some services send it as a number (docs/image-api.md#submit-answers)."""
    return text(value).strip()


def valid_task_id(value: Any) -> str:
    """Returns a task ID that is safe in URLs and in the database, or ""."""
    found = identifier(value)
    return found if TASK_ID.fullmatch(found) else ""


def percent(value: Any) -> int | None:
    """Returns progress from 0 to 100 ("46%", "(46%)", 46), or None if the value is not a number ("paused")."""
    match = _PERCENT.fullmatch(value) if isinstance(value, str) and len(value) <= MAX_NUMBER else None
    found = int(match[1]) if match else None if isinstance(value, str) else number(value)
    return None if found is None else min(100, max(0, found))


def moment(value: Any) -> float | None:
    """Returns a time in unix seconds. Services send milliseconds, some send seconds, and 0 means unset
    (docs/image-api.md#task-fields)."""
    found = number(value)
    if found is None or found <= 0:
        return None
    return found / 1000 if found >= _MILLISECONDS_FROM else float(found)


def size(value: Any) -> int | None:
    """Returns a width or height in pixels, from 1 to 1,000,000."""
    found = number(value)
    return found if found is not None and 0 < found <= 1_000_000 else None


def first(body: Mapping[str, Any], *names: str) -> Any:
    """Returns the first non-empty field of these names."""
    for name in names:
        value = body.get(name)
        if value is not None and value != "":
            return value
    return None


def camel_case(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the fields with names in camel case. Some services write them in snake case
    (docs/image-api.md#task-fields); of two spellings, the one in camel case counts unless it is empty."""
    if "_" not in "".join(body):
        return body
    found = dict(body)
    for name, value in body.items():
        spelled = _UNDERSCORE.sub(_upper, name) if "_" in name else name
        if spelled != name and found.get(spelled) in (None, ""):
            found[spelled] = value
    return found


def _upper(match: re.Match[str]) -> str:
    return match[1].upper()


def picture_address(value: Any) -> str | None:
    """Returns an http(s) URL or one relative to the service (`/mj/image/1`), given as a string or as the `url` of an
    object."""
    found = url_text(value)
    if not found:
        return None
    if _ABSOLUTE.match(found):
        return checked_address(found)
    if len(found) > LONGEST_URL or found.lower() in _NOTHING or not _RELATIVE.fullmatch(found):
        return None
    return found


def data_url(value: Any) -> str | None:
    """Returns an image as a data URL (`data:image/png;base64,…`) of any length, given as a string or as the `url` of an
    object."""
    found = value.get("url") if isinstance(value, dict) else value
    return found if isinstance(found, str) and DATA_URL_HEAD.match(found) else None


def open_body(body: Any, *, depth: int = MAX_UNWRAPPED) -> Envelope:
    """Classifies a JSON body. Raises Unreadable for a body that docs/image-api.md does not describe."""
    if isinstance(body, list):
        return ListEnvelope(body)
    if not isinstance(body, Mapping):
        raise Unreadable(f"the body is {type(body).__name__}, not an object or a list")
    if (problem := _problem(body.get("error"))) is not None:
        return problem
    if body.get("success") is False:
        return FilteredEnvelope(text(first(body, "message", "description")).strip())
    if depth and (inner := _wrapped(body)) is not None:
        return open_body(inner, depth=depth - 1)
    if isinstance(body.get("content"), list):
        return PageEnvelope(body)
    if identifier(body.get("id")) and ("status" in body or "action" in body):
        return TaskBody(body)
    if "code" in body:
        return ResultEnvelope(
            code=number(body["code"]),
            description=text(first(body, "description", "message")).strip(),
            result=body.get("result"),
            properties=mapping(body.get("properties")),
        )
    raise Unreadable("unknown answer format")


def _problem(error: Any) -> ProblemEnvelope | None:
    if isinstance(error, str) and error.strip():
        return ProblemEnvelope(text(error).strip(), "")
    if isinstance(error, Mapping) and error:
        return ProblemEnvelope(text(error.get("message")).strip(), text(error.get("code")).strip())
    return None


def _wrapped(body: Mapping[str, Any]) -> Any:
    """Returns the content of `data` if it is the real answer. A result without a code of its own gets the outer
    code."""
    inner = body.get("data")
    if "result" in body or "id" in body:
        return None
    if isinstance(inner, list):
        return inner
    if not isinstance(inner, Mapping) or not _TELLING & set(inner):
        return None
    return {"code": body.get("code"), **inner} if "result" in inner else inner
