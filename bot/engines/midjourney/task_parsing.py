"""Converts a task object of any dialect to a `RemoteTask` (docs/image-api.md#task-object).

An invalid field is dropped alone. Only a body that is not a task is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.engines.errors import AnswerLost, Unavailable, Unreadable
from bot.engines.midjourney import coerce
from bot.engines.midjourney.buttons import complete
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
from bot.engines.midjourney.text_results import text_lines, text_of
from bot.engines.models import RemoteStatus, RemoteTask
from bot.media.video import CLIP_ENDINGS
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


def status_of(value: Any) -> RemoteStatus:
    """Parses a status in any spelling. An unknown word counts as RUNNING, a missing one as PENDING."""
    if value is None:
        return RemoteStatus.PENDING
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return RemoteStatus.RUNNING
    return _BY_WORD.get(coerce.text(value).strip().upper(), RemoteStatus.RUNNING)


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


def read_task(fields: Mapping[str, Any]) -> RemoteTask:
    """Parses a task object. Raises Unreadable if it has no valid ID."""
    task_id = coerce.task_id(fields.get("id"))
    if not task_id:
        raise Unreadable("a task without a valid id")
    properties = coerce.mapping(fields.get("properties"))
    status = status_of(fields.get("status"))
    text = text_of(fields, properties) if status is RemoteStatus.SUCCESS else None
    image_urls, videos = _pictures(fields), _videos(fields)
    image_url = _picture(fields, image_urls)
    return RemoteTask(
        id=task_id,
        status=status,
        progress=coerce.percent(fields.get("progress")),
        action=coerce.text(fields.get("action")).strip().upper(),
        prompt=coerce.text(fields.get("prompt")),
        # The text of a describe or shorten is in the field that holds the prompt of other tasks
        # (docs/image-api.md#results).
        final_prompt="" if text else _final_prompt(fields, properties),
        description=coerce.text(fields.get("description")).strip(),
        fail_reason=coerce.text(coerce.first(fields, "failReason")).strip(),
        state=coerce.text(fields.get("state")),
        finished_at=coerce.moment(coerce.first(fields, "finishTime")),
        image_url=image_url,
        image_urls=image_urls,
        thumbnail_url=_thumbnail(fields) if image_url or image_urls else None,
        image_data=() if image_url or image_urls else _data_urls(fields),
        videos=videos,
        width=coerce.size(coerce.first(fields, "imageWidth", "width")),
        height=coerce.size(coerce.first(fields, "imageHeight", "height")),
        buttons=tuple(_buttons(fields.get("buttons"))),
        seed=coerce.identifier(fields.get("seed") or properties.get("imageSeed")) or None,
        text=text,
        text_lines=text_lines(text or ""),
        mode=_mode(fields),
        parent_id=coerce.task_id(coerce.first(fields, "parentId")) or None,
        account=coerce.identifier(properties.get("discordInstanceId")) or None,
    )


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
        fields = coerce.mapping(item)
        if coerce.task_id(fields.get("id")):
            yield read_task(fields)


def _final_prompt(fields: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    return coerce.text(coerce.first(properties, "finalPrompt") or coerce.first(fields, "promptFull"))


def _mode(fields: Mapping[str, Any]) -> str | None:
    mode = coerce.text(fields.get("mode")).strip().lower()
    return mode if mode in _MODES else None


def _buttons(value: Any) -> Iterator[StoredButton]:
    for entry in map(coerce.mapping, coerce.sequence(value)[:MAX_BUTTONS]):
        custom_id, style = coerce.first(entry, "customId"), coerce.number(entry.get("style"))
        # An ID that cannot be kept unchanged is useless, because it could not be sent back.
        if not isinstance(custom_id, str) or not custom_id.strip() or custom_id != coerce.text(custom_id):
            continue
        if style == _LINK_STYLE:
            continue
        emoji = entry.get("emoji")
        name = emoji.get("name") if isinstance(emoji, Mapping) else emoji
        known_style = style if style in (1, 2, 3, 4) else 2
        yield complete(StoredButton(custom_id, _caption(entry.get("label")), _caption(name), known_style or 2))


def _caption(value: Any) -> str:
    return coerce.text(value).strip()


def _is_clip(url: str) -> bool:
    return url.partition("?")[0].lower().endswith(CLIP_ENDINGS)


def _addresses(value: Any) -> tuple[str, ...]:
    entries = coerce.sequence(value)[:MAX_PICTURES]
    return tuple(url for url in map(coerce.picture_address, entries) if url)


def _pictures(fields: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(url for url in _addresses(coerce.first(fields, "imageUrls")) if not _is_clip(url))


def _data_urls(fields: Mapping[str, Any]) -> tuple[str, ...]:
    listed = coerce.sequence(coerce.first(fields, "imageUrls"))[:MAX_PICTURES]
    single = (coerce.first(fields, name) for name in ("imageUrl", "url"))
    return tuple(filter(None, map(coerce.data_url, listed))) or tuple(filter(None, map(coerce.data_url, single)))[:1]


def _picture(fields: Mapping[str, Any], image_urls: tuple[str, ...]) -> str | None:
    candidates = [coerce.picture_address(coerce.first(fields, name)) for name in ("imageUrl", "url")]
    if len(image_urls) == 1:
        candidates.append(image_urls[0])
    return next((url for url in candidates if url and not _is_clip(url)), None)


def _thumbnail(fields: Mapping[str, Any]) -> str | None:
    listed = coerce.sequence(coerce.first(fields, "imageUrls"))
    of_the_only = coerce.mapping(listed[0]).get("thumbnail") if len(listed) == 1 else None
    candidates = map(coerce.picture_address, (coerce.first(fields, "thumbnailUrl"), of_the_only))
    return next((url for url in candidates if url and not _is_clip(url)), None)


def _videos(fields: Mapping[str, Any]) -> tuple[StoredVideo, ...]:
    """Returns the videos from the first field that contains any (docs/image-api.md#results)."""
    given = coerce.sequence(coerce.first(fields, "videoUrls"))[:MAX_PICTURES]
    listed = [(coerce.picture_address(entry), coerce.mapping(entry).get("thumbnail")) for entry in given]
    clips = tuple(StoredVideo(url, coerce.picture_address(thumbnail)) for url, thumbnail in listed if url)
    if clips:
        return clips
    if single := coerce.picture_address(coerce.first(fields, "videoUrl")):
        return (StoredVideo(single),)
    listed_clips = tuple(StoredVideo(url) for url in _addresses(coerce.first(fields, "imageUrls")) if _is_clip(url))
    if listed_clips:
        return listed_clips
    singles = (coerce.picture_address(coerce.first(fields, name)) for name in ("url", "imageUrl"))
    return next(((StoredVideo(url),) for url in singles if url and _is_clip(url)), ())
