"""A message body as a bot sends it: checked against all of Discord's rules, then ready to be applied."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from playground.discord.attachments import clean_filename
from playground.discord.components import check_components
from playground.discord.embeds import check_embeds
from playground.discord.errors import blocked_by_automod, too_large
from playground.discord.forms import Form
from playground.discord.mentions import check_allowed_mentions
from playground.discord.records import COMPONENTS_V2, Json, Message, UploadedFile

MOST_FILES = 10
MOST_CONTENT = 2000
LEGACY_FIELDS = ("content", "embeds", "sticker_ids", "poll")


@dataclass
class Body:
    """What a request wants a message to become. Keys that were left out of `fields` stay as they are."""

    fields: Json
    kept: list[int] | None = None
    described: dict[int, str | None] = field(default_factory=dict)
    uploads: list[tuple[UploadedFile, str | None]] = field(default_factory=list)

    @property
    def flags(self) -> int:
        return int(self.fields.get("flags") or 0)


def read_body(form: Form, files: Mapping[int, UploadedFile], *, size_limit: int, before: Message | None = None) -> Body:
    """Checks a message body; `before` is the message it edits.

    Raises ApiError 50035 with every fault by path, 40005 for a file over `size_limit` bytes.
    """
    if any(len(upload.data) > size_limit for upload in files.values()):
        raise too_large()
    body = Body(dict(form.body))
    _read_attachments(form, body, files, before)
    names = _names(body, before)
    layout = _check_layout_flag(form, before)
    form.text("content", 0, MOST_CONTENT)
    check_embeds(form)
    check_allowed_mentions(form)
    check_components(form, layout=layout, files=names)
    form.finish()
    return body


def check_words(body: Body, blocked: set[str]) -> None:
    """Raises 200000 where a text of the body, alt text included, holds a word that a server's AutoMod blocks."""
    said = json.dumps([body.fields, list(body.described.values()), [each for _, each in body.uploads]], default=str)
    if any(word.lower() in said.lower() for word in blocked):
        raise blocked_by_automod()


def _check_layout_flag(form: Form, before: Message | None) -> bool:
    flags = form.number("flags", 0, 2**31 - 1)
    was_layout = before is not None and bool(before.flags & COMPONENTS_V2)
    layout = was_layout or bool((flags or 0) & COMPONENTS_V2)
    if was_layout and flags is not None and not flags & COMPONENTS_V2:
        form.fail(
            "flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "The IS_COMPONENTS_V2 flag cannot be removed once set"
        )
    if not layout:
        return False
    for key in LEGACY_FIELDS:
        left_over = before is not None and key not in form.body and bool(getattr(before, key, None))
        if form.body.get(key) or left_over:
            form.fail(
                key,
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )
    return True


def _read_attachments(form: Form, body: Body, files: Mapping[int, UploadedFile], before: Message | None) -> None:
    """Which attachments stay and which come (message resource, "Uploading Files" and "Editing Message Attachments")."""
    existing = {attachment.id for attachment in before.attachments} if before else set()
    if form.body.get("attachments") is None:
        body.kept = None
        body.uploads = [(files[index], None) for index in sorted(files)]
    else:
        body.kept = []
        entries = form.children("attachments", 0, MOST_FILES)
        for entry in entries:
            _read_attachment(entry, body, files, existing)
        if before is None:
            listed = {str(entry.body.get("id")) for entry in entries}
            body.uploads += [(files[index], None) for index in sorted(files) if str(index) not in listed]
    remaining: Sequence[int] = sorted(existing) if body.kept is None else body.kept
    if len(remaining) + len(body.uploads) > MOST_FILES:
        form.fail("attachments", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_FILES} or fewer in length.")


def _read_attachment(entry: Form, body: Body, files: Mapping[int, UploadedFile], existing: set[int]) -> None:
    given = str(entry.body.get("id", ""))
    description = entry.text("description", 0, 1024)
    filename = entry.text("filename", 1, 1024)
    if not given.isdecimal():
        entry.fail("id", "NUMBER_TYPE_COERCE", f'Value "{given}" is not snowflake.')
    elif int(given) in existing and body.kept is not None:
        body.kept.append(int(given))
        if "description" in entry.body:
            body.described[int(given)] = description
    elif int(given) in files:
        upload = files[int(given)]
        renamed = UploadedFile(filename or upload.filename, upload.content_type, upload.data)
        body.uploads.append((renamed, description))
    else:
        entry.fail("id", "ATTACHMENT_NOT_FOUND", "The referenced attachment was not found")


def _names(body: Body, before: Message | None) -> set[str]:
    names: set[str] = set()
    for attachment in before.attachments if before else []:
        if body.kept is None or attachment.id in body.kept:
            names |= {attachment.filename, attachment.title or attachment.filename}
    for upload, _ in body.uploads:
        names |= {upload.filename, clean_filename(upload.filename)}
    return names
