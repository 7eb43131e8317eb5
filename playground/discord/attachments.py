"""Uploaded files: kept in memory, described as Discord describes them, handed out again under signed addresses."""

import hashlib
import hmac
import mimetypes
import re
import secrets
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from playground.discord.imagesize import image_size
from playground.discord.records import Attachment, Sticker, UploadedFile
from playground.discord.snowflakes import Snowflakes

LINK_LIVES = 24 * 3600
_ADDRESS = re.compile(r"/attachments/(\d{1,20})/(\d{1,20})/([^/]+)")
_KEPT_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


class Files:
    """All attachments of a local Discord, and their addresses below `base`."""

    def __init__(self, snowflakes: Snowflakes) -> None:
        self.base = ""
        self.link_lives: float = LINK_LIVES
        # Discord does not tell the type of some files, nor what it knows only with it.
        self.types_told = True
        self.stickers: dict[int, Sticker] = {}
        self._snowflakes = snowflakes
        self._key = secrets.token_bytes(32)
        self._stored: dict[int, Attachment] = {}

    def store(self, channel_id: int, upload: UploadedFile, *, ephemeral: bool = False) -> Attachment:
        """Keeps a file. Its type is read from its content, then from its name; what the sender says is ignored."""
        name = clean_filename(upload.filename)
        attachment = Attachment(self._snowflakes.new(), channel_id, name, upload.data, ephemeral=ephemeral)
        attachment.title = upload.filename if name != upload.filename else None
        attachment.spoiler = name.startswith("SPOILER_")
        self._stored[attachment.id] = attachment
        size = image_size(upload.data)
        if not self.types_told:
            return attachment
        if size:
            attachment.content_type, attachment.width, attachment.height = size
        else:
            guessed = mimetypes.guess_type(name)[0]
            text = guessed is not None and guessed.startswith("text/")
            attachment.content_type = f"{guessed}; charset=utf-8" if text else guessed
        return attachment

    def sticker(self, upload: UploadedFile, *, animated: bool = False) -> Sticker:
        """Keeps a picture as a sticker."""
        sticker = Sticker(self._snowflakes.new(), upload.filename, upload.data, 2 if animated else 1)
        self.stickers[sticker.id] = sticker
        return sticker

    def new_id(self) -> int:
        """An id for a file that stays elsewhere and is only linked."""
        return self._snowflakes.new()

    def url(self, attachment: Attachment) -> str:
        """An address that works for a day from now on."""
        now = int(self._snowflakes.time())
        expires, issued = f"{now + int(self.link_lives):x}", f"{now:x}"
        path = f"/attachments/{attachment.channel_id}/{attachment.id}/{quote(attachment.filename)}"
        return f"{self.base}{path}?ex={expires}&is={issued}&hm={self._sign(attachment.id, expires, issued)}&"

    def find(self, channel_id: str, attachment_id: str, filename: str, query: Mapping[str, str]) -> Attachment | None:
        """The file an address means; None for a wrong path, signature or time."""
        attachment = self._stored.get(int(attachment_id)) if attachment_id.isdecimal() else None
        if attachment is None or (channel_id, filename) != (str(attachment.channel_id), attachment.filename):
            return None
        expires, issued = query.get("ex", ""), query.get("is", "")
        signature = self._sign(attachment.id, expires, issued)
        if not hmac.compare_digest(signature.encode(), query.get("hm", "").encode()):
            return None
        return attachment if int(expires, 16) >= self._snowflakes.time() else None

    def refreshed(self, url: str) -> str | None:
        """A new address in place of one that may have ended; None for what means no file here."""
        match = _ADDRESS.fullmatch(urlsplit(url).path)
        attachment = self._stored.get(int(match[2])) if match else None
        if not url.startswith(self.base) or match is None or attachment is None:
            return None
        same = (match[1], unquote(match[3])) == (str(attachment.channel_id), attachment.filename)
        return self.url(attachment) if same else None

    def _sign(self, attachment_id: int, expires: str, issued: str) -> str:
        signed = f"{attachment_id}/{expires}/{issued}".encode()
        return hmac.new(self._key, signed, hashlib.sha256).hexdigest()


def clean_filename(name: str) -> str:
    """The name as Discord stores it: blanks become underscores, signs outside ASCII words go."""
    kept = "".join(sign for sign in name.replace(" ", "_") if sign in _KEPT_SIGNS).strip(".")
    return kept or "unknown"
