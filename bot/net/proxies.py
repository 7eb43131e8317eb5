"""Proxies: selects the proxy for a URL according to `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

_SCHEMES = {"https": "https", "wss": "https", "http": "http", "ws": "http"}


@dataclass(frozen=True, slots=True)
class Proxies:
    """`https` and `http`: the proxies' URLs, which may contain a user name and a password.

    `without`: hosts that are reached directly, as in `NO_PROXY`: host names (including their subdomains), networks, or
    `*`. This machine itself is always reached directly.
    """

    https: str | None = field(default=None, repr=False)
    http: str | None = field(default=None, repr=False)
    without: str = ""

    @property
    def configured(self) -> bool:
        """Whether there is a proxy for any URL."""
        return bool(self.https or self.http)

    def proxy_for(self, url: str) -> str | None:
        """The URL of the proxy for a URL; None for a direct connection."""
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        proxy = {"https": self.https, "http": self.http}.get(_SCHEMES.get(parts.scheme, ""))
        if not proxy or not host or self._is_exempt(host, parts.port):
            return None
        return proxy

    def described(self, url: str) -> str:
        """How a URL is reached, as text without passwords."""
        proxy = self.proxy_for(url)
        if proxy is None:
            return "directly"
        parts = urlsplit(proxy)
        return f"through {parts.scheme}://{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"

    def secrets(self) -> Iterator[str]:
        """The credentials in the proxies' URLs, in each form in which a library may write them."""
        for proxy in filter(None, (self.https, self.http)):
            netloc = urlsplit(proxy).netloc
            if "@" not in netloc:
                continue
            written = netloc.rpartition("@")[0]
            user, _, password = (unquote(part) for part in written.partition(":"))
            yield f"//{written}@"
            yield f"//{user}:{password}@"
            yield base64.b64encode(f"{user}:{password}".encode()).decode()
            if password:
                yield password
                yield f"password={password!r}"

    def _is_exempt(self, host: str, port: int | None) -> bool:
        address = _address(host)
        if host == "localhost" or host.endswith(".localhost") or (address and address.is_loopback):
            return True
        if address and any(address in network for network in _networks(self.without)):
            return True
        return any(_covers(word.lower(), host, port) for word in self.without.replace(",", " ").split())


def _covers(word: str, host: str, port: int | None) -> bool:
    """Whether an entry of `NO_PROXY` matches this host or one of its parent domains."""
    name, _, wanted_port = word.partition(":") if word.count(":") == 1 else (word, "", "")
    if wanted_port and wanted_port != str(port):
        return False
    domain = name.removeprefix("*").strip("[]").lstrip(".")
    return name == "*" or (bool(domain) and (host == domain or host.endswith(f".{domain}")))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _networks(without: str) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for word in without.replace(",", " ").split():
        try:
            yield ipaddress.ip_network(word, strict=False)
        except ValueError:
            continue
