"""Addresses as they were given: requested to the letter, and resolved where they are relative.

A signed address is valid only as it was written: `%2F` is not `/`, and `+` is not a blank. So nothing is encoded or
decoded here but what an address may not contain at all (RFC 3986).
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from yarl import URL

_FORBIDDEN = re.compile(r'%(?![0-9A-Fa-f]{2})|[^!-~]|["<>\\^`{|}]')
_ABSOLUTE = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)([^#]*)", re.IGNORECASE | re.DOTALL)
# What browsers leave out of an address, wherever it stands (WHATWG "URL Standard", "basic URL parser").
_LEFT_OUT = re.compile(r"^[\0-\x20]+|[\0-\x20]+$|[\t\r\n]")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z]{2,}(?::\d{1,5})?|[^/?#]*:\d{1,5}", re.IGNORECASE)


class HasUserInfo(ValueError):
    """An address holds a user name or a password, possibly an empty one."""


def quoted(text: str) -> str:
    """A path, with a query or without: what an address may not contain is percent-encoded, all else stays."""
    return _FORBIDDEN.sub(lambda found: "".join(f"%{byte:02X}" for byte in _bytes(found[0])), text)


def _bytes(text: str) -> bytes:
    # Bytes of a header that are no UTF-8 stand in it as lone surrogates.
    return text.encode("utf-8", "surrogateescape")


def to_the_letter(address: str) -> URL:
    """An absolute address as it is requested: its path and query as they were given, its host in its usual spelling.

    Raises HasUserInfo, or another ValueError for what is no absolute address.
    """
    found = _ABSOLUTE.fullmatch(_LEFT_OUT.sub("", address).partition("#")[0])
    if found is None:
        raise ValueError("not an absolute URL")
    scheme, authority, path = found.groups()
    if "@" in authority:
        raise HasUserInfo("a URL with user information")
    host = URL(f"{scheme}://{authority}")
    return URL(f"{host.scheme}://{host.raw_authority}{_rooted(quoted(path))}", encoded=True)


def _rooted(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def redirected(base: URL, location: str) -> URL:
    """Where a redirect from an address leads. Raises as `to_the_letter` does."""
    return to_the_letter(urljoin(str(base), location))


def resolved(base_url: str, address: str) -> str:
    """An address of a service's answer, made absolute: relative ones lead to the service itself.

    `base_url` is the service's address; its path comes before every relative one. An address without its scheme gets
    the service's.
    """
    if _ABSOLUTE.match(address):
        return address
    base = urlsplit(base_url)
    host = address.lstrip("/").partition("/")[0]
    names_host = address.startswith("//") or not address.startswith("/")
    if names_host and _HOST.fullmatch(host):
        return f"{base.scheme}://{address.lstrip('/')}"
    path = "/" + address.lstrip("/").removeprefix("./")
    prefix = base.path.rstrip("/")
    if prefix and path.startswith(f"{prefix}/"):
        prefix = ""  # it is named already
    return f"{base.scheme}://{base.netloc.rpartition('@')[2]}{prefix}{path}"
