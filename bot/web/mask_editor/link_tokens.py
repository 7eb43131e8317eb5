"""The secret tokens of links. The database holds only a token's hash, so a copy of the database gives no valid link."""

from __future__ import annotations

import hashlib
import re
import secrets

TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """Returns a URL-safe token of 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_token(text: str) -> bool:
    """Whether the text has the format of a token."""
    return _TOKEN.fullmatch(text) is not None


def hash_of(token: str) -> str:
    """Returns the hash that the database holds. A random token of this length needs neither a salt nor a slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
