"""Finds the client of a request, and the key under which that client is counted."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Iterable, Sequence

log = logging.getLogger(__name__)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# An IPv6 provider assigns at least a /64 to a customer, so all its addresses count as one client.
IPV6_CLIENT_BITS = 64
# A longer list of hops is forged. The list is read from its end, so the genuine part is kept.
MAX_HOPS = 32
# Some proxies append the client's port: 203.0.113.7:4711, [2001:db8::1]:4711.
_WITH_PORT = re.compile(r"\[(?P<v6>[^\[\]]+)\](?::\d{1,5})?|(?P<v4>[\d.]+):\d{1,5}")


def networks(text: str) -> tuple[Network, ...]:
    """Parses addresses and networks, separated by commas or spaces.

    Raises ValueError for an invalid entry, a network with host bits set, and a network that contains every address.
    """
    found = tuple(_unmapped_network(ipaddress.ip_network(word)) for word in text.replace(",", " ").split())
    if any(network.prefixlen == 0 for network in found):
        raise ValueError("a network that contains every address cannot be trusted")
    return found


def parse_address(text: str) -> Address | None:
    """Parses an address without its port and zone; an IPv4-mapped one becomes IPv4. Returns None if it is invalid."""
    text = text.strip().strip('"')
    if match := _WITH_PORT.fullmatch(text):
        text = match["v6"] or match["v4"]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def client_key(address: str) -> str:
    """Returns the key under which requests of an address are counted: an IPv4 address, or the /64 of an IPv6
    address."""
    parsed = parse_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, IPV6_CLIENT_BITS), strict=False))
    return str(parsed) if parsed else "unknown"


class TrustedProxies:
    """The reverse proxies whose `X-Forwarded-For` is trusted. The header is ignored from any other peer."""

    def __init__(self, trusted: Sequence[Network] = ()) -> None:
        self._trusted = tuple(trusted)
        self._warned = False

    def trusts(self, peer: str) -> bool:
        """Whether this is the address of a trusted proxy."""
        address = parse_address(peer)
        return address is not None and self._holds(address)

    def client(self, peer: str, forwarded: Iterable[str]) -> str:
        """Returns the key of the client behind a connection.

        `peer` is the address of the connection, `forwarded` the values of all `X-Forwarded-For` headers in their order.
        They are read from the right, skipping trusted proxies: the client may have forged the entries further left.
        """
        found = parse_address(peer)
        if found is None:
            return client_key(peer)
        hops = ",".join(forwarded)
        if not self._holds(found):
            if hops and found.is_private:
                self._warn(found)
            return client_key(str(found))
        for hop in reversed(hops.rsplit(",", MAX_HOPS)[-MAX_HOPS:]):
            address = parse_address(hop)
            if address is None:
                break  # the last identifiable proxy counts as the client
            found = address
            if not self._holds(address):
                break
        return client_key(str(found))

    def _holds(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _warn(self, peer: Address) -> None:
        if not self._warned:
            self._warned = True
            log.warning(
                "ignoring X-Forwarded-For from %s, so all its requests count as one client."
                " If it is your reverse proxy, add it to TRUSTED_PROXIES.",
                peer,
            )


def _unmapped_network(network: Network) -> Network:
    """Converts an IPv4-mapped network to the IPv4 network, because addresses are compared in that form."""
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= 96 and network[0].ipv4_mapped:
        return ipaddress.IPv4Network((network[0].ipv4_mapped, network.prefixlen - 96))
    return network
