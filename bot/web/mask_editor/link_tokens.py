"""The secret part of a link: signed, so that it cannot be made up, and without any other secret in it."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Self

from storage import Store

NOTE = "what the links of the painter are signed with"
_FORM = re.compile(
    r"1:(?P<link>[A-Za-z0-9_-]{1,40}):(?P<user>\d{1,20}):(?P<task>[a-z0-9]{1,20}):(?P<digest>[a-z2-7]{8}):(?P<end>\d{1,12})"
)
# The longest text that `_FORM` matches, in base64, a dot, and a signature of 32 bytes; with room to spare.
MAX_LENGTH = 300


class Forged(Exception):
    """The text was not signed here."""


class Expired(Exception):
    """The link has ended."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a link is for: one person's press of one button. `expires_at` is in unix seconds."""

    link_id: str
    user_id: int
    task_id: str
    digest: str
    expires_at: int


class Signer:
    """Signs tickets with a secret that this installation keeps in its store."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    async def of(cls, store: Store) -> Self:
        """The signer of this installation; its secret is made when there is none yet. Raises StorageError."""
        async with store.transaction():
            secret = await store.key_values.get(NOTE)
            if secret is None:
                secret = secrets.token_hex(32)
                await store.key_values.put(NOTE, secret)
        return cls(bytes.fromhex(secret))

    def sign(self, ticket: Ticket) -> str:
        """The ticket as a text that fits into an address."""
        said = f"1:{ticket.link_id}:{ticket.user_id}:{ticket.task_id}:{ticket.digest}:{ticket.expires_at}"
        return f"{_text(said.encode())}.{_text(self._mac(said.encode()))}"

    def read(self, text: str, now: float) -> Ticket:
        """The ticket that was signed. Raises Forged, Expired."""
        said, _, mac = text.partition(".")
        payload = _bytes(said) if len(text) <= MAX_LENGTH else b""
        if not hmac.compare_digest(self._mac(payload), _bytes(mac) if payload else b""):
            raise Forged
        match = _FORM.fullmatch(payload.decode("ascii"))
        if match is None:
            raise Forged  # signed by another version of this program
        if now >= int(match["end"]):
            raise Expired
        return Ticket(match["link"], int(match["user"]), match["task"], match["digest"], int(match["end"]))

    def _mac(self, said: bytes) -> bytes:
        return hmac.digest(self._secret, said, "sha256")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Forged from error
