"""A message body as a bot sends it: validated, then ready to be applied to a message."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.discord import errors
from playground.discord.attachments import clean_filename
from playground.discord.components import WEB, check_components
from playground.discord.forms import Form
from playground.discord.records import Json, Message, MessageFlag, UploadedFile

MAX_FILES = 10
MAX_CONTENT = 2000
MAX_EMBEDS_TEXT = 6000
NOT_WITH_LAYOUT = ("content", "embeds", "sticker_ids", "poll")
_USER = re.compile(r"<@!?(\d{15,20})>")
_ROLE = re.compile(r"<@&(\d{15,20})>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


@dataclass
class Body:
    """The requested state of a message. Keys missing in `fields` stay unchanged.

    `kept` are the ids of the attachments that stay (None: all), `described` their new descriptions, `uploads` the new
    files with their descriptions.
    """

    fields: Json
    kept: list[int] | None = None
    described: dict[int, str | None] = field(default_factory=dict)
    uploads: list[tuple[UploadedFile, str | None]] = field(default_factory=list)

    @property
    def flags(self) -> int:
        return int(self.fields.get("flags") or 0)


def validate_body(
    form: Form, files: Mapping[int, UploadedFile], *, size_limit: int, before: Message | None = None
) -> Body:
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
    check_embeds(form)
    check_allowed_mentions(form)
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
            text = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            form.fail(key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)
    return True


def _read_attachments(form: Form, body: Body, files: Mapping[int, UploadedFile], before: Message | None) -> None:
    """Which attachments stay and which are new (message resource, "Uploading Files", "Editing Message Attachments")."""
    existing = {attachment.id for attachment in before.attachments} if before else set()
    if form.has("attachments"):
        body.kept = []
        entries = form.children("attachments", 0, MAX_FILES)
        for entry in entries:
            _read_attachment(entry, body, files, existing)
        listed = {str(entry.body.get("id")) for entry in entries}
        unlisted = [] if before else [index for index in sorted(files) if str(index) not in listed]
    else:
        unlisted = sorted(files)
    body.uploads += [(files[index], None) for index in unlisted]
    remaining = existing if body.kept is None else body.kept
    if len(remaining) + len(body.uploads) > MAX_FILES:
        form.fail("attachments", "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_FILES} or fewer in length.")


def _read_attachment(entry: Form, body: Body, files: Mapping[int, UploadedFile], existing: set[int]) -> None:
    given = str(entry.body.get("id", ""))
    description = entry.text("description", 0, 1024)
    filename = entry.text("filename", 1, 1024)
    number = int(given) if given.isdecimal() else None
    if number is None:
        entry.fail("id", "NUMBER_TYPE_COERCE", f'Value "{given}" is not snowflake.')
    elif number in existing and body.kept is not None:
        body.kept.append(number)
        if "description" in entry.body:
            body.described[number] = description
    elif upload := files.get(number):
        renamed = UploadedFile(filename or upload.filename, upload.content_type, upload.data)
        body.uploads.append((renamed, description))
    else:
        entry.fail("id", "ATTACHMENT_NOT_FOUND", "The referenced attachment was not found")


def _file_names(body: Body, before: Message | None) -> set[str]:
    """The names that attachment:// addresses may use: files before and after they are stored."""
    names: set[str] = set()
    for attachment in before.attachments if before else []:
        if body.kept is None or attachment.id in body.kept:
            names |= {attachment.filename, attachment.title or attachment.filename}
    for upload, _ in body.uploads:
        names |= {upload.filename, clean_filename(upload.filename)}
    return names


# classic embeds (message resource, "Embed Limits")


def check_embeds(message: Form) -> None:
    """Ten embeds of at most 6000 characters in total, each part within its own limit."""
    total = sum(_check_embed(embed) for embed in message.children("embeds", 0, 10))
    if total > MAX_EMBEDS_TEXT:
        message.fail("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_EMBEDS_TEXT}")


def _check_embed(embed: Form) -> int:
    texts = [embed.text("title", 0, 256), embed.text("description", 0, 4096)]
    embed.number("color", 0, 0xFFFFFF)
    embed.text("url", 0, 2048)
    for entry in embed.children("fields", 0, 25):
        texts += [entry.text("name", 1, 256, required=True), entry.text("value", 1, 1024, required=True)]
    for key, part, high in (("footer", "text", 2048), ("author", "name", 256)):
        if embed.has(key):
            texts.append(embed.child(key).text(part, 0, high))
    for key in ("image", "thumbnail"):
        if embed.has(key):
            image = embed.child(key)
            url = image.text("url", 0, 2048)
            if url and not url.startswith((*WEB, "attachment://")):
                text = "Scheme must be one of ('http', 'https', 'attachment')."
                image.fail("url", "URL_TYPE_INVALID_SCHEME", text)
    return sum(len(text or "") for text in texts)


# mentions


@dataclass
class Pings:
    """The users and roles (by id) that a message notifies, and whether it notifies @everyone."""

    users: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    everyone: bool = False


def check_allowed_mentions(message: Form) -> None:
    """Known kinds, 100 ids each, no kind both parsed and listed (message resource, "Allowed Mentions Object")."""
    if not message.has("allowed_mentions"):
        return
    allowed = message.child("allowed_mentions")
    parse = allowed.items("parse")
    if any(kind not in ("users", "roles", "everyone") for kind in parse):
        allowed.fail("parse", "BASE_TYPE_CHOICES", "Value must be one of ('roles', 'users', 'everyone').")
    for kind in ("users", "roles"):
        listed = allowed.items(kind)
        if not all(str(each).isdecimal() for each in listed):
            allowed.fail(kind, "NUMBER_TYPE_COERCE", "A value is not snowflake.")
        if len(listed) > 100:
            allowed.fail(kind, "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")
        if listed and kind in parse:
            text = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            allowed.fail(None, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)


def pings(text: str, allowed: Json | None, *, may_ping_everyone: bool, replied_to: int | None = None) -> Pings:
    """Whom a text notifies. A mention inside code counts too: a bot must not rely on code marks as protection."""
    parse = ["users", "roles", "everyone"] if allowed is None else allowed.get("parse") or []
    found: dict[str, list[int]] = {}
    for kind, pattern in (("users", _USER), ("roles", _ROLE)):
        listed = {int(each) for each in (allowed or {}).get(kind) or []}
        ids = dict.fromkeys(int(each) for each in pattern.findall(text))
        found[kind] = [each for each in ids if kind in parse or each in listed]
    if replied_to is not None and replied_to not in found["users"] and (allowed is None or allowed.get("replied_user")):
        found["users"].append(replied_to)
    everyone = may_ping_everyone and "everyone" in parse and _EVERYONE.search(text) is not None
    return Pings(found["users"], found["roles"], everyone)
