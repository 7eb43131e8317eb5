"""URLs exactly as given: requested unchanged, resolved if they are relative, their hosts, and which of them people may
see.

A signed URL is valid only in its original spelling: `%2F` is not `/`, and `+` is not a space. Therefore only characters
that a URL must not contain (RFC 3986) are encoded here, and nothing is decoded.

All code that shows a URL calls `public_link` or `without_private`. They hide URLs with user info, URLs of private
addresses, and all URLs of the image service's own host, which only the bot uses.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from yarl import URL

from bot.net.special_ranges import is_private

_FORBIDDEN = re.compile(r'%(?![0-9A-Fa-f]{2})|[^!-~]|["<>\\^`{|}]')
_ABSOLUTE = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#]*)([^#]*)", re.IGNORECASE | re.DOTALL)
# Characters that browsers remove from a URL (WHATWG "URL Standard", "basic URL parser").
_LEFT_OUT = re.compile(r"^[\0-\x20]+|[\0-\x20]+$|[\t\r\n]")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z]{2,}(?::\d{1,5})?|[^/?#]*:\d{1,5}", re.IGNORECASE)
# A host whose last label is a number is an IPv4 address in an older notation (2130706433, 127.1, 0x7f.1), which the
# operating system would accept (WHATWG "URL Standard", "ends in a number").
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?", re.IGNORECASE | re.DOTALL)
MAX_LINK = 500
# Characters that could end a URL in Discord's `<…>` and `[…](…)`.
_BREAKING = frozenset(" <>()[]`|\\\"'")
# Top-level domains that are never in the public DNS (RFC 6761, 6762, 7686, 8375, 9476). ICANN reserves `internal`;
# routers and containers use the others.
_PRIVATE_SUFFIXES = frozenset(
    {"alt", "corp", "docker", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost", "onion"}
    | {"private", "test"}
)
_HOME = "home.arpa"
# A URL inside a text, up to the next one. It is ASCII, because text in another script may follow without a space. If
# the host is in such a script, the pattern matches only its beginning, which is not a public name.
_SCHEME = r"[a-z][a-z0-9+.\-]{0,20}://"
_ADDRESS = re.compile(
    rf"{_SCHEME}[!$%&*+,\-.0-9:;=@A-Z\[\]^_{{}}~]*(?:[/?#](?:(?!{_SCHEME})[!-~])*)?", re.IGNORECASE | re.ASCII
)
# A name in the public DNS. Top-level domains contain digits only in their encoded form.
_NAME = re.compile(r"(?:[a-z0-9_-]+\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)")
_own_hosts: set[str] = set()


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


class Endpoint(NamedTuple):
    """A host and a port in the normal form of `endpoint`."""

    host: str
    port: int


@lru_cache(maxsize=256)  # the hosts of a service's images
def endpoint(host: str, port: int) -> Endpoint:
    """Normalizes a host: any case, with or without brackets and a trailing dot, IDNA-encoded or not."""
    bare = host.strip("[]").rstrip(".").lower()
    try:
        return Endpoint(str(ipaddress.ip_address(bare)), port)
    except ValueError:
        pass
    try:
        return Endpoint(bare.encode("idna").decode("ascii") if not bare.isascii() else bare, port)
    except UnicodeError:
        return Endpoint(bare, port)


def endpoint_of(url: str | URL) -> Endpoint | None:
    """Returns host and port of an http(s) URL, with the default port of the scheme. Returns None for any other URL.

    Raises ValueError for an invalid URL.
    """
    target = URL(url)
    if target.scheme not in ("http", "https") or not target.raw_host or target.port is None:
        return None
    return endpoint(target.raw_host, target.port)


def literal(host: str) -> str | None:
    """Returns the IP address that the host consists of, None for a name. Raises ValueError for an unusual notation of
    an address."""
    bare = host.strip("[]")
    try:
        ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        if _NUMERIC.fullmatch(host) or ":" in host:
            raise
        return None
    return bare


def hide_hosts(hosts: Iterable[str]) -> None:
    """Hides all URLs of these hosts, on any port: the image service's own. Replaces the earlier hosts."""
    _own_hosts.clear()
    _own_hosts.update(endpoint(host, 0).host for host in hosts)
    _is_shown.cache_clear()


def public_link(url: str, longest: int = MAX_LINK) -> str | None:
    """Returns the URL if it may be shown as a link: http(s), without user info, of a public host that is not the
    service's own, at most `longest` characters, and without characters that end a link in Discord."""
    plain = url.isascii() and url.isprintable() and len(url) <= longest and not set(url) & _BREAKING
    return url if plain and _is_shown(url) else None


def without_private(text: str, instead: str) -> str:
    """Returns the text with `instead` in place of every URL that must not be shown."""
    if "://" not in text:
        return text
    return _ADDRESS.sub(lambda found: found[0] if _is_shown(found[0]) else instead, text)


@lru_cache(maxsize=1024)
def _is_shown(url: str) -> bool:
    """Whether this URL may be shown."""
    try:
        target = URL(url)
        authority = urlsplit(url).netloc
        host = target.raw_host
        if target.scheme not in ("http", "https") or not host or "@" in authority or "\\" in url:
            return False
        return _is_public_host(endpoint(host, 0).host)
    except (ValueError, IndexError):  # yarl raises IndexError for some hosts in brackets (1.25.1)
        return False


def _is_public_host(host: str) -> bool:
    if host in _own_hosts:
        return False
    if address := literal(host):
        return not is_private(address)
    labels = host.split(".")
    return bool(_NAME.fullmatch(host)) and labels[-1] not in _PRIVATE_SUFFIXES and not f".{host}".endswith(f".{_HOME}")
