"""Decides which URLs of a service users may see, and removes the others from texts.

All code that shows a URL calls `public_link`. It hides URLs with user info, URLs of private addresses, and all URLs of
the image service's own host, which only the bot uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from yarl import URL

from bot.media.address_guard import endpoint, is_private, literal

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
