"""The secret part of a link: a random token. The database keeps only its hash, so a copy of it gives no link."""

from __future__ import annotations

import hashlib
import re
import secrets

TOKEN_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """A token that fits into an address: 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_token(text: str) -> bool:
    """Can `new_token` have made this text?"""
    return _TOKEN.fullmatch(text) is not None


def hash_of(token: str) -> str:
    """What the database keeps of a token, which is too random for a salt or a slow hash to add anything."""
    return hashlib.sha256(token.encode()).hexdigest()
