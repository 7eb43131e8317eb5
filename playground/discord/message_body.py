"""A message body as a bot sends it: validated, then ready to be applied to a message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.discord import errors
from playground.discord.attachments import clean_filename
from playground.discord.components import WEB, check_components
from playground.discord.forms import Form
from playground.discord.records import Json, Message, MessageFlag, UploadedFile

Uploads = Mapping[int, UploadedFile]
MAX_FILES = 10
MAX_CONTENT = 2000
MAX_EMBEDS_TEXT = 6000
NOT_WITH_LAYOUT = ("content", "embeds", "sticker_ids", "poll")


@dataclass
class Body:
    """The requested state of a message. Keys missing in `fields` stay unchanged.

    `kept` are the ids of the attachments that stay, `described` their new descriptions, `uploads` the new files with
    their descriptions.
    """

    fields: Json
    kept: list[int] = field(default_factory=list)
    described: dict[int, str | None] = field(default_factory=dict)
    uploads: list[tuple[UploadedFile, str | None]] = field(default_factory=list)

    @property
    def flags(self) -> int:
        return int(self.fields.get("flags") or 0)


def validate_body(form: Form, files: Uploads, *, size_limit: int, before: Message | None = None) -> Body:
    """Checks a message body; `before` is the message it edits.

    Raises ApiError 50035 with every error by path, 40005 for a file over `size_limit` bytes.
    """
    if any(len(upload.data) > size_limit for upload in files.values()):
        raise errors.ApiError(*errors.TOO_LARGE)
    body = Body(dict(form.body))
    _read_attachments(form, body, files, before)
    names = _file_names(body, before)
    layout = _check_layout_flag(form, before)
    form.text("content", 0, MAX_CONTENT)
    _check_embeds(form)
    if form.has("allowed_mentions"):
        _check_allowed_mentions(form.child("allowed_mentions"))
    check_components(form, layout=layout, files=names)
    form.finish()
    return body


def check_automod(body: Body, blocked: set[str]) -> None:
    """Raises 200000 if a text of the body, alt text included, contains a word that a server's AutoMod blocks."""
    texts = [body.fields, list(body.described.values()), [description for _, description in body.uploads]]
    everything = json.dumps(texts, default=str).lower()
    if any(word.lower() in everything for word in blocked):
        raise errors.ApiError(*errors.BLOCKED_BY_AUTOMOD)


def _check_layout_flag(form: Form, before: Message | None) -> bool:
    """Whether the message uses components V2, which excludes the classic fields and cannot be undone."""
    flags = form.number("flags", 0, 2**31 - 1)
    was_layout = before is not None and bool(before.flags & MessageFlag.COMPONENTS_V2)
    layout = bool((flags or 0) & MessageFlag.COMPONENTS_V2)
    if was_layout and flags is not None and not layout:
        code = "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG"
        form.fail("flags", code, "The IS_COMPONENTS_V2 flag cannot be removed once set")
    if not (layout or was_layout):
        return False
    for key in NOT_WITH_LAYOUT:
        left_over = before is not None and key not in form.body and bool(getattr(before, key, None))
        if form.body.get(key) or left_over:
            problem = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            form.fail(key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", problem)
    return True


def _read_attachments(form: Form, body: Body, files: Uploads, before: Message | None) -> None:
    """Which attachments stay and which are new (message resource, "Uploading Files", "Editing Message Attachments")."""
    existing = [attachment.id for attachment in before.attachments] if before else []
    unlisted = dict(files)
    if form.has("attachments"):
        for entry in form.children("attachments", 0, MAX_FILES):
            _read_attachment(entry, body, unlisted, existing)
    else:
        body.kept = existing
    if before is None or not form.has("attachments"):
        body.uploads += [(unlisted[index], None) for index in sorted(unlisted)]
    if len(body.kept) + len(body.uploads) > MAX_FILES:
        form.fail("attachments", "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FILES} or fewer in length.")


def _read_attachment(entry: Form, body: Body, files: dict[int, UploadedFile], existing: list[int]) -> None:
    given = str(entry.body.get("id", ""))
    description = entry.text("description", 0, 1024)
    filename = entry.text("filename", 1, 1024)
    number = int(given) if given.isdecimal() else None
    if number is None:
        entry.fail("id", "NUMBER_TYPE_COERCE", f'Value "{given}" is not snowflake.')
    elif number in existing:
        body.kept.append(number)
        if "description" in entry.body:
            body.described[number] = description
    elif upload := files.pop(number, None):
        renamed = UploadedFile(filename or upload.filename, upload.content_type, upload.data)
        body.uploads.append((renamed, description))
    else:
        entry.fail("id", "ATTACHMENT_NOT_FOUND", "The referenced attachment was not found")


def _file_names(body: Body, before: Message | None) -> set[str]:
    """The names that attachment:// addresses may use: files before and after they are stored."""
    kept = [each for each in before.attachments if each.id in body.kept] if before else []
    stored = {name for each in kept for name in (each.filename, each.title or each.filename)}
    return stored | {name for each, _ in body.uploads for name in (each.filename, clean_filename(each.filename))}


def _check_embeds(message: Form) -> None:
    """Ten embeds of at most 6000 characters in total, each part within its own limit (message resource, "Embed
    Limits")."""
    total = sum(_check_embed(embed) for embed in message.children("embeds", 0, 10))
    if total > MAX_EMBEDS_TEXT:
        message.fail("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_EMBEDS_TEXT}")


def _check_embed(embed: Form) -> int:
    """Returns the number of its characters."""
    embed.number("color", 0, 0xFFFFFF)
    embed.text("url", 0, 2048)
    texts = [embed.text("title", 0, 256), embed.text("description", 0, 4096)]
    for entry in embed.children("fields", 0, 25):
        texts += [entry.text("name", 1, 256, required=True), entry.text("value", 1, 1024, required=True)]
    for key, part, high in (("footer", "text", 2048), ("author", "name", 256)):
        if embed.has(key):
            texts.append(embed.child(key).text(part, 0, high))
    for key in filter(embed.has, ("image", "thumbnail")):
        image = embed.child(key)
        url = image.text("url", 0, 2048)
        if url and not url.startswith((*WEB, "attachment://")):
            image.fail("url", "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https', 'attachment').")
    return sum(len(each or "") for each in texts)


def _check_allowed_mentions(allowed: Form) -> None:
    """Known kinds, 100 ids each, no kind both parsed and listed (message resource, "Allowed Mentions Object")."""
    parse = allowed.items("parse")
    if any(kind not in ("users", "roles", "everyone") for kind in parse):
        allowed.fail("parse", "BASE_TYPE_CHOICES", "Value must be one of ('roles', 'users', 'everyone').")
    for kind in ("users", "roles"):
        listed = allowed.items(kind, 0, 100)
        if not all(str(each).isdecimal() for each in listed):
            allowed.fail(kind, "NUMBER_TYPE_COERCE", "A value is not snowflake.")
        if listed and kind in parse:
            problem = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            allowed.fail(None, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", problem)
