"""Validated components as Discord stores them: with ids and defaults, and media resolved to the attached files."""

from collections.abc import Iterable
from typing import Any

from playground.discord.attachments import FileStore
from playground.discord.components import SELECTS, ComponentType
from playground.discord.records import Attachment, Json, walk

_MEDIA_DEFAULTS: Json = {"spoiler": False, "description": None}
_DEFAULTS: dict[int, Json] = {
    **{select: {"min_values": 1, "max_values": 1, "disabled": False} for select in SELECTS},
    ComponentType.BUTTON: {"disabled": False},
    ComponentType.FILE: {"spoiler": False},
    ComponentType.SEPARATOR: {"divider": True, "spacing": 1},
    ComponentType.CONTAINER: {"spoiler": False, "accent_color": None},
}


def store_components(components: Iterable[Json], attachments: Iterable[Attachment], files: FileStore) -> list[Json]:
    """A copy of components from a request, each with an id, `attachment://` replaced by addresses."""
    by_name: dict[str, Attachment] = {}
    for attachment in attachments:
        by_name |= {attachment.filename: attachment, attachment.title or attachment.filename: attachment}
    stored: list[Json] = [_stored(component, by_name, files) for component in components]
    taken = {part["id"] for part in walk(stored) if part.get("id")}
    number = 0
    for part in walk(stored):
        if not part.get("id"):
            number = next(free for free in range(number + 1, number + len(taken) + 2) if free not in taken)
            part["id"] = number
    return stored


def refresh_media(part: Any, by_id: dict[int, Attachment], files: FileStore) -> Any:
    """The same components with new addresses of attached files, as each time that a message is read."""
    if isinstance(part, list):
        return [refresh_media(each, by_id, files) for each in part]
    if not isinstance(part, dict):
        return part
    attachment = by_id.get(int(part.get("attachment_id", 0)))
    if attachment is not None:
        return _media_of(attachment, files)
    return {key: refresh_media(value, by_id, files) for key, value in part.items()}


def shown_ids(components: list[Json]) -> set[int]:
    """The ids of the attachments that stored components show."""
    shown = set()
    for part in walk(components):
        for media in (part.get("media"), part.get("file"), *(item["media"] for item in part.get("items") or ())):
            if media and "attachment_id" in media:
                shown.add(int(media["attachment_id"]))
    return shown


def _stored(part: Any, by_name: dict[str, Attachment], files: FileStore) -> Any:
    if isinstance(part, list):
        return [_stored(each, by_name, files) for each in part]
    if not isinstance(part, dict):
        return part
    if "url" in part and "type" not in part:
        return _media(part["url"], by_name, files)
    defaults = _MEDIA_DEFAULTS if "media" in part else _DEFAULTS.get(part.get("type", 0), {})
    stored = defaults | {key: _stored(value, by_name, files) for key, value in part.items() if value is not None}
    if part.get("type") == ComponentType.FILE:
        attachment = by_name[part["file"]["url"].removeprefix("attachment://")]
        stored |= {"name": attachment.filename, "size": len(attachment.data)}
    return stored


def _media(url: str, by_name: dict[str, Attachment], files: FileStore) -> Json:
    if url.startswith("attachment://"):
        return _media_of(by_name[url.removeprefix("attachment://")], files)
    unloaded = {"width": 0, "height": 0, "placeholder": "", "loading_state": 1}
    return {"id": str(files.new_id()), "url": url, "proxy_url": url, **unloaded}


def _media_of(attachment: Attachment, files: FileStore) -> Json:
    """An attached file as components show it."""
    url = files.url(attachment)
    media: Json = {"id": str(attachment.id), "attachment_id": str(attachment.id), "url": url, "proxy_url": url}
    media |= {"width": attachment.width, "height": attachment.height}
    media |= {"placeholder": "", "loading_state": 2, "flags": 0}
    return media | ({"content_type": attachment.content_type} if attachment.content_type else {})
