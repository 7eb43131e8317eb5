"""URLs exactly as given: requested unchanged, and resolved if they are relative.

A signed URL is valid only in its original spelling: `%2F` is not `/`, and `+` is not a space. Therefore only characters
that a URL must not contain (RFC 3986) are encoded here, and nothing is decoded.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from yarl import URL

_FORBIDDEN = re.compile(r'%(?![0-9A-Fa-f]{2})|[^!-~]|["<>\\^`{|}]')
_ABSOLUTE = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)([^#]*)", re.IGNORECASE | re.DOTALL)
# Characters that browsers remove from a URL (WHATWG "URL Standard", "basic URL parser").
_LEFT_OUT = re.compile(r"^[\0-\x20]+|[\0-\x20]+$|[\t\r\n]")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z]{2,}(?::\d{1,5})?|[^/?#]*:\d{1,5}", re.IGNORECASE)


class HasUserInfo(ValueError):
    """A URL contains user information (a user name or a password), possibly empty."""


def quoted(text: str) -> str:
    """A path with an optional query: characters that a URL must not contain are percent-encoded, all others are
    unchanged."""
    # Bytes of a header that are not UTF-8 appear in the text as lone surrogates.
    return _FORBIDDEN.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogateescape")), text
    )


def to_the_letter(address: str) -> URL:
    """An absolute URL as it is requested: path and query as given, the host normalized.

    Raises HasUserInfo, or another ValueError if the text is not an absolute URL.
    """
    found = _ABSOLUTE.fullmatch(_LEFT_OUT.sub("", address).partition("#")[0])
    if found is None:
        raise ValueError("not an absolute URL")
    scheme, authority, path = found.groups()
    if "@" in authority:
        raise HasUserInfo("a URL with user information")
    host = URL(f"{scheme}://{authority}")
    root = "" if path.startswith("/") else "/"
    return URL(f"{host.scheme}://{host.raw_authority}{root}{quoted(path)}", encoded=True)


def redirected(base: URL, location: str) -> URL:
    """The target of a redirect from a URL. Raises the errors of `to_the_letter`."""
    return to_the_letter(urljoin(str(base), location))


def resolved(base_url: str, address: str) -> str:
    """A URL from a service's answer as an absolute URL; relative ones refer to the service itself.

    `base_url` is the service's URL; its path is prepended to relative URLs. A URL without a scheme gets the service's.
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
        prefix = ""  # the path already contains it
    return f"{base.scheme}://{base.netloc.rpartition('@')[2]}{prefix}{path}"
