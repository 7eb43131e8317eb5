"""What reverse engineered models write around an image: the job, progress, IDs, buttons, failures
(docs/platform-api.md#generation-texts). Nothing of it is guaranteed; it is the only form these models have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.net.untrusted_data import mapping, parse_json, text, web_address
from bot.platform.error_bodies import vendor_message
from bot.platform.image_collector import Link, links_in, without_embedded

# A job is a few lines of JSON.
_MAX_HEAD = 20_000
_FENCE = re.compile(r"```(?:json)?\s*\n?(.*?)```[^\S\n]*", re.DOTALL)
_OPENING = re.compile(r"\s*(?:```(?:json)?\s*)?\{")
_PERCENT = re.compile(r"(?<!\d)(\d{1,3})(?:\.\d{1,3})?\s*%", re.ASCII)
# Lines that consist of progress alone, quoted lines, and bold percentages. A percentage in prose is none.
_PROGRESS_LINE = re.compile(r"\s*>.*|[\s.…·\d%*\[\]]+")
_BOLD_PERCENT = re.compile(r"\*\*\s*\d{1,3}(?:\.\d{1,3})?\s*%\s*\*\*")
_ID = re.compile(r"^\s*>\s*(message_id|channel_id|task_id|ID)\s*[:：]\s*`([^`\n]{1,200})`", re.MULTILINE)
_QUOTED = re.compile(r"^\s*>.*$|^\s*\|.*\|\s*$", re.MULTILINE)
_BUTTON_PREFIX = "MJ::"
_FAILED = re.compile(r"生成失败 *[:：,，]? *(?:(?:错误)?原因(?:如下)? *[:：]?)? *(.*)")
_FAILURES = re.compile(
    r"^.*(?:Generate action failed|Invalid component action|Image urls length should|该图像处理服务器已掉线).*$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class ListedButton:
    """A button that an answer lists in a table. It is pressed by naming it in a further message."""

    label: str
    custom_id: str


@dataclass(frozen=True, slots=True)
class Generation:
    """What the text of an answer says about the generation of an image.

    `job` is the request that the model made of the prompt (`prompt`, `size`, `ratio`, `type`). `progress` is in
    percent, None if the text names none. `preview` is the URL of the newest preview, "" if there is none. `ids` may
    have `message_id`, `channel_id`, `task_id` and `ID`. `failure` is the reason that the text gives for a failure, ""
    if it gives none. `rest` is the text after the job, "" while the job is incomplete. `prose` is the text for people.
    """

    job: Mapping[str, Any] = field(default_factory=dict)
    progress: int | None = None
    preview: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[ListedButton, ...] = ()
    failure: str = ""
    rest: str = field(default="", repr=False)
    prose: str = field(default="", repr=False)


def read_generation(words: str) -> Generation:
    """Reads the text of an answer, also an incomplete one. Data URLs must have been moved out of it."""
    job, rest = _split_head(words)
    if job is None:
        return Generation(prose=words.strip())  # the job is still incomplete, and everything may belong to it
    progress, failure, ids = _progress(rest), _failure(rest), dict(_ID.findall(rest))
    links = list(links_in(rest))
    # A job alone is a text: people ask for JSON, too.
    is_generation = progress is not None or bool(ids or failure) or any(link.is_image for link in links)
    prose = _without_images(_QUOTED.sub("", rest) if is_generation else words, is_generation=is_generation)
    buttons = tuple(_buttons(rest))
    return Generation(job, progress, _preview(links), ids, buttons, failure, rest, prose)


def _split_head(words: str) -> tuple[Mapping[str, Any] | None, str]:
    """The JSON at the beginning and the text after it: an empty object if there is none, None if it is incomplete."""
    if not _OPENING.match(words):
        return {}, words
    start = words.lstrip()
    fenced = _FENCE.match(start)
    if start.startswith("```") and not fenced:
        return (None, "") if len(start) < _MAX_HEAD else ({}, words)
    body = fenced[1] if fenced else start
    try:
        head, end = json.JSONDecoder().raw_decode(body[:_MAX_HEAD].lstrip())
    except (ValueError, RecursionError):
        return ({}, words) if fenced or len(start) >= _MAX_HEAD else (None, "")
    rest = start[fenced.end() :] if fenced else body.lstrip()[end:]
    is_job = not head or {"prompt", "type", "image_urls", "referenced_image_ids"} & set(mapping(head))
    return (mapping(head), rest) if is_job else ({}, words)


def _progress(rest: str) -> int | None:
    """The greatest percentage of the progress in a text, so that it never goes down while the text grows."""
    labels: list[str] = []
    plain = rest
    for link in reversed(list(links_in(rest))):
        if not link.is_image and link.is_preview:
            labels.append(link.label)
        plain = plain[: link.start] + plain[link.end :]
    for line in plain.splitlines():
        labels += [line] if _PROGRESS_LINE.fullmatch(line) else _BOLD_PERCENT.findall(line)
    values = [int(value) for label in labels for value in _PERCENT.findall(label)]
    return max((value for value in values if value <= 100), default=None)


def _preview(links: Sequence[Link]) -> str:
    previews = (web_address(link.target) for link in reversed(links) if link.is_preview and not link.is_image)
    return next(filter(None, previews), "")


def _buttons(rest: str) -> Iterator[ListedButton]:
    """The buttons of the table. Its heading is wrong in one revision, so each row is read by its custom ID."""
    for line in rest.splitlines():
        if not line.lstrip().startswith("|") or _BUTTON_PREFIX not in line:
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        at = next((index for index, cell in enumerate(cells) if cell.startswith(_BUTTON_PREFIX)), 0)
        label = cells[at - 2] if at >= 2 and not cells[at - 2].isdecimal() else cells[at - 1]
        if at and label:
            yield ListedButton(label, cells[at])


def _failure(rest: str) -> str:
    """The reason of a failure, with the detail of the JSON below it."""
    found = _FAILED.search(rest)
    if found is None:
        known = _FAILURES.search(rest)
        return known[0].strip() if known else ""
    details = (_detail(block) for block in _FENCE.findall(rest, found.end()))
    reasons = [found[1].strip(), *filter(None, details)]
    return " / ".join(filter(None, reasons)) or found[0].strip()


def _detail(block: str) -> str:
    try:
        fields = mapping(parse_json(block[:_MAX_HEAD]))
    except (ValueError, RecursionError):
        return ""
    return vendor_message(fields) or text(fields.get("error")).strip()


def _without_images(words: str, *, is_generation: bool) -> str:
    """The text without images; of a generation also without previews and download links."""
    shown = words
    for link in reversed(list(links_in(words))):
        if link.is_image or (is_generation and (link.is_preview or link.is_download)):
            shown = shown[: link.start] + shown[link.end :]
    shown = without_embedded(shown)
    return (shown if shown == words else re.sub(r"\n{3,}", "\n\n", shown)).strip()
