"""Which addresses of a service may be shown to people, and text without the others.

Everything that shows an address asks `public_link`. Hidden are addresses with user info, addresses that only we can
reach, and all of the image service's own host: that one is between the service and this bot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from yarl import URL

from bot.media.address_guard import endpoint, is_private, literal

MAX_LINK = 500
# Characters with which an address could break out of Discord's `<…>` and `[…](…)`.
_BREAKING = frozenset(" <>()[]`|\\\"'")
# Names that are never found in the public DNS (RFC 6761, 6762, 7686, 8375, 9476; `internal` is set aside by ICANN, the
# rest is what routers and containers use).
_PRIVATE_SUFFIXES = frozenset(
    {"alt", "corp", "docker", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost", "onion"}
    | {"private", "test"}
)
_HOME = "home.arpa"
# An address inside a text, up to the next one. It is ASCII, as text in another script may follow without a blank; of a
# host in such a script only the beginning is found, which is no public name.
_SCHEME = r"[a-z][a-z0-9+.\-]{0,20}://"
_ADDRESS = re.compile(
    rf"{_SCHEME}[!$%&*+,\-.0-9:;=@A-Z\[\]^_{{}}~]*(?:[/?#](?:(?!{_SCHEME})[!-~])*)?", re.IGNORECASE | re.ASCII
)
# A name of the public DNS: top-level domains hold no digits but in their encoded form.
_NAME = re.compile(r"(?:[a-z0-9_-]+\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)")
_own_hosts: set[str] = set()


def hide_hosts(hosts: Iterable[str]) -> None:
    """From now on no address of these hosts is shown, on whatever port: the image service's own. Replaces earlier
    ones."""
    _own_hosts.clear()
    _own_hosts.update(endpoint(host, 0).host for host in hosts)
    _is_shown.cache_clear()


def public_link(url: str, longest: int = MAX_LINK) -> str | None:
    """The address, if it may be shown as a link: http(s), without user info, of a public host that is not the service's
    own, at most so long, and without anything that Discord would read as its end."""
    plain = url.isascii() and url.isprintable() and len(url) <= longest and not set(url) & _BREAKING
    return url if plain and _is_shown(url) else None


def without_private(text: str, instead: str) -> str:
    """The text with `instead` in the place of every address that may not be shown."""
    if "://" not in text:
        return text
    return _ADDRESS.sub(lambda found: found[0] if _is_shown(found[0]) else instead, text)


@lru_cache(maxsize=1024)
def _is_shown(url: str) -> bool:
    """May this address be shown at all?"""
    try:
        target = URL(url)
        authority = urlsplit(url).netloc
        host = target.raw_host
        if target.scheme not in ("http", "https") or not host or "@" in authority or "\\" in url:
            return False
        return _is_public_host(endpoint(host, 0).host)
    except ValueError:
        return False


def _is_public_host(host: str) -> bool:
    if host in _own_hosts:
        return False
    if address := literal(host):
        return not is_private(address)
    labels = host.split(".")
    return bool(_NAME.fullmatch(host)) and labels[-1] not in _PRIVATE_SUFFIXES and not f".{host}".endswith(f".{_HOME}")
