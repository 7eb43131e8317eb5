"""Uploaded files: kept in memory, described as Discord describes them, served under signed addresses that expire."""

import hashlib
import hmac
import mimetypes
import re
import secrets
import struct
from collections.abc import Mapping
from urllib.parse import urlsplit

from playground.discord.records import Attachment, Snowflakes, Sticker, UploadedFile

LINK_SECONDS = 24 * 3600
_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]")


class FileStore:
    """All attachments and stickers, and their addresses below `base`."""

    def __init__(self, snowflakes: Snowflakes) -> None:
        self.base = ""
        self.link_seconds: float = LINK_SECONDS
        # Discord does not send the content type of some files, nor the size of images among them.
        self.content_types = True
        self.stickers: dict[int, Sticker] = {}
        self.stored: dict[str, Attachment] = {}  # by the path of its address
        self._snowflakes = snowflakes
        self._key = secrets.token_bytes(32)

    def store(self, channel_id: int, upload: UploadedFile, *, ephemeral: bool = False) -> Attachment:
        """Keeps a file. Its type is read from its content, then from its name; the uploader's type is ignored."""
        name = clean_filename(upload.filename)
        attachment = Attachment(self._snowflakes.new(), channel_id, name, upload.data, ephemeral=ephemeral)
        attachment.seconds = upload.seconds
        attachment.title = upload.filename if name != upload.filename else None
        self.stored[_path_of(attachment)] = attachment
        if not self.content_types:
            return attachment
        if size := image_size(upload.data):
            attachment.content_type, attachment.width, attachment.height = size
        else:
            guessed = mimetypes.guess_type(name)[0]
            text = guessed is not None and guessed.startswith("text/")
            attachment.content_type = f"{guessed}; charset=utf-8" if text else guessed
        return attachment

    def sticker(self, upload: UploadedFile, *, animated: bool = False) -> Sticker:
        """Keeps an image as a sticker."""
        sticker = Sticker(self._snowflakes.new(), upload.filename, upload.data, 2 if animated else 1)
        self.stickers[sticker.id] = sticker
        return sticker

    def new_id(self) -> int:
        """An id for a file at another host that is only linked."""
        return self._snowflakes.new()

    def url(self, attachment: Attachment) -> str:
        """An address that is valid for a day from now."""
        now = int(self._snowflakes.time())
        expires, issued = f"{now + int(self.link_seconds):x}", f"{now:x}"
        path = _path_of(attachment)
        return f"{self.base}{path}?ex={expires}&is={issued}&hm={self._sign(path, expires, issued)}&"

    def find(self, path: str, query: Mapping[str, str]) -> Attachment | None:
        """The file of an address; None for a wrong path or signature, or when it has expired."""
        expires = query.get("ex", "")
        signature = self._sign(path, expires, query.get("is", ""))
        if not hmac.compare_digest(signature.encode(), query.get("hm", "").encode()):
            return None
        return self.stored.get(path) if int(expires, 16) >= self._snowflakes.time() else None

    def refreshed(self, url: str) -> str | None:
        """A new address in place of one that may have expired; None for a file that is not here."""
        attachment = self.stored.get(urlsplit(url).path) if url.startswith(self.base) else None
        return self.url(attachment) if attachment else None

    def _sign(self, path: str, expires: str, issued: str) -> str:
        return hmac.new(self._key, f"{path}/{expires}/{issued}".encode(), hashlib.sha256).hexdigest()


def _path_of(attachment: Attachment) -> str:
    return f"/attachments/{attachment.channel_id}/{attachment.id}/{attachment.filename}"


def clean_filename(name: str) -> str:
    """The name as Discord stores it: spaces become underscores, characters outside ASCII words are removed."""
    return _FORBIDDEN.sub("", name.replace(" ", "_")).strip(".") or "unknown"


# Size of an image, read from its first bytes without decoding it: media type, width and height in pixels.
Size = tuple[str, int, int]


def image_size(data: bytes) -> Size | None:
    """None for what is not a PNG, JPEG, GIF or WebP, or is cut off."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return "image/png", *struct.unpack(">II", data[16:24])
        if data.startswith(b"GIF8"):
            return "image/gif", *struct.unpack("<HH", data[6:10])
        if data.startswith(b"RIFF"):
            return _webp(data)
        return _jpeg(data) if data.startswith(b"\xff\xd8") else None
    except (struct.error, IndexError):
        return None


def _jpeg(data: bytes) -> Size | None:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return "image/jpeg", width, height
        if marker == 0xFF:  # padding
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:  # a marker without a segment
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _webp(data: bytes) -> Size | None:
    kind = data[8:16]
    if kind == b"WEBPVP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return "image/webp", width & 0x3FFF, height & 0x3FFF
    if kind == b"WEBPVP8L":
        (packed,) = struct.unpack("<I", data[21:25])
        return "image/webp", (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"WEBPVP8X" and len(data) >= 30:
        width, height = int.from_bytes(data[24:27], "little"), int.from_bytes(data[27:30], "little")
        return "image/webp", width + 1, height + 1
    return None
