"""Checked components as Discord stores them: numbered, with their defaults, media resolved to the attached files."""

from collections.abc import Iterable
from typing import Any

from playground.discord.attachments import Files
from playground.discord.records import Attachment, Json, walk
from playground.discord.selects import SELECTS

_CHOSEN_FROM: Json = {"min_values": 1, "max_values": 1, "disabled": False}
_DEFAULTS: dict[int, Json] = {
    2: {"disabled": False},
    **dict.fromkeys(SELECTS, _CHOSEN_FROM),
    11: {"spoiler": False, "description": None},
    13: {"spoiler": False},
    14: {"divider": True, "spacing": 1},
    17: {"spoiler": False, "accent_color": None},
}


def settle(components: Iterable[Json], attachments: Iterable[Attachment], files: Files) -> list[Json]:
    """A copy of request components with every id given and `attachment://` replaced by addresses."""
    by_name: dict[str, Attachment] = {}
    for attachment in attachments:
        by_name[attachment.filename] = attachment
        if attachment.title:
            by_name[attachment.title] = attachment
    settled = [_settle(component, by_name, files) for component in components]
    taken = {part["id"] for part in walk(settled) if part.get("id")}
    number = 0
    for part in walk(settled):
        if not part.get("id"):
            number = next(free for free in range(number + 1, number + len(taken) + 2) if free not in taken)
            part["id"] = number
    return settled


def refresh(components: list[Json], by_id: dict[int, Attachment], files: Files) -> list[Json]:
    """The same components with attached files' addresses signed anew, as each time a message is read."""
    return [_refresh(component, by_id, files) for component in components]


def shown_ids(components: list[Json]) -> set[int]:
    """The ids of the attachments that stored components show."""
    shown = set()
    for part in walk(components):
        for media in (part.get("media"), part.get("file"), *(item["media"] for item in part.get("items") or ())):
            if media and "attachment_id" in media:
                shown.add(int(media["attachment_id"]))
    return shown


def _settle(component: Json, by_name: dict[str, Attachment], files: Files) -> Json:
    settled: Json = _without_nulls(component)
    for key, value in _DEFAULTS.get(component["type"], {}).items():
        settled.setdefault(key, value)
    if "components" in settled:
        settled["components"] = [_settle(child, by_name, files) for child in settled["components"]]
    if "accessory" in settled:
        settled["accessory"] = _settle(settled["accessory"], by_name, files)
    if "items" in settled:
        settled["items"] = [
            {"description": None, "spoiler": False} | item | {"media": _media(item["media"], by_name, files)}
            for item in settled["items"]
        ]
    for key in ("media", "file"):
        if key in settled:
            settled[key] = _media(settled[key], by_name, files)
    if component["type"] == 13:
        attachment = by_name[component["file"]["url"].removeprefix("attachment://")]
        settled |= {"name": attachment.filename, "size": attachment.size}
    return settled


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return value


def _media(media: Json, by_name: dict[str, Attachment], files: Files) -> Json:
    url = media["url"]
    if url.startswith("attachment://"):
        return media_of(by_name[url.removeprefix("attachment://")], files)
    unloaded = {"width": 0, "height": 0, "placeholder": "", "loading_state": 1}
    return {"id": str(files.new_id()), "url": url, "proxy_url": url, **unloaded}


def media_of(attachment: Attachment, files: Files) -> Json:
    url = files.url(attachment)
    media: Json = {
        "id": str(attachment.id),
        "url": url,
        "proxy_url": url,
        "width": attachment.width,
        "height": attachment.height,
        "placeholder": "",
        "loading_state": 2,
        "flags": 0,
        "attachment_id": str(attachment.id),
    }
    if attachment.content_type:
        media["content_type"] = attachment.content_type
    return media


def _refresh(part: Any, by_id: dict[int, Attachment], files: Files) -> Any:
    if isinstance(part, list):
        return [_refresh(each, by_id, files) for each in part]
    if not isinstance(part, dict):
        return part
    attachment = by_id.get(int(part.get("attachment_id", 0)))
    if attachment is not None:
        return media_of(attachment, files)
    return {key: _refresh(value, by_id, files) for key, value in part.items()}
