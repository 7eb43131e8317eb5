"""Special-purpose address ranges, and whether an address is in one: no host of the public internet is.

The lists are the IANA IPv4 and IPv6 special-purpose address registries, with multicast and the other reserved ranges,
each with the RFC that reserves it. They are copied here because the answer of the standard library depends on its
version. Ranges that IANA calls globally reachable (AS112, AMT, anycast of PCP and TURN) are included, because they host
no images.
"""

from __future__ import annotations

import ipaddress
from typing import TypeAlias

IPV4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # "this network" (RFC 791, 3.2; RFC 1122, 3.2.1.3)
        "10.0.0.0/8",  # private use (RFC 1918)
        "100.64.0.0/10",  # shared address space of carriers (RFC 6598)
        "127.0.0.0/8",  # loopback (RFC 1122, 3.2.1.3)
        "169.254.0.0/16",  # link-local (RFC 3927)
        "172.16.0.0/12",  # private use (RFC 1918)
        # IETF protocol assignments (RFC 6890, 2.1), with DS-Lite (RFC 7335), the dummy address (RFC 7600), PCP anycast
        # (RFC 7723), TURN anycast (RFC 8155) and NAT64 discovery (RFC 7050, 8880).
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation, TEST-NET-1 (RFC 5737)
        "192.31.196.0/24",  # AS112-v4 (RFC 7535)
        "192.52.193.0/24",  # AMT (RFC 7450)
        "192.88.99.0/24",  # 6to4 relay anycast, deprecated (RFC 7526)
        "192.168.0.0/16",  # private use (RFC 1918)
        "192.175.48.0/24",  # direct delegation of AS112 (RFC 7534)
        "198.18.0.0/15",  # benchmarking (RFC 2544)
        "198.51.100.0/24",  # documentation, TEST-NET-2 (RFC 5737)
        "203.0.113.0/24",  # documentation, TEST-NET-3 (RFC 5737)
        "224.0.0.0/4",  # multicast (RFC 1112, 4; RFC 5771)
        "240.0.0.0/4",  # reserved (RFC 1112, 4), with limited broadcast (RFC 919, 7; RFC 8190)
    )
)

IPV6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "::/128",  # unspecified (RFC 4291, 2.5.2)
        "::1/128",  # loopback (RFC 4291, 2.5.3)
        "::/96",  # IPv4-compatible, deprecated (RFC 4291, 2.5.5.1)
        "64:ff9b:1::/48",  # NAT64 for local use (RFC 8215)
        "100::/64",  # discard only (RFC 6666)
        "100:0:0:1::/64",  # dummy prefix (RFC 9780)
        # IETF protocol assignments (RFC 2928), with Teredo (RFC 4380), PCP and TURN anycast (RFC 7723, 8155), DNS-SD
        # anycast (RFC 9665), benchmarking (RFC 5180), AMT (RFC 7450), AS112-v6 (RFC 7535), ORCHID (RFC 4843), ORCHIDv2
        # (RFC 7343) and DRIP (RFC 9374).
        "2001::/23",
        "2001:db8::/32",  # documentation (RFC 3849)
        "2620:4f:8000::/48",  # direct delegation of AS112 (RFC 7534)
        "3fff::/20",  # documentation (RFC 9637)
        "5f00::/16",  # segment routing identifiers, SRv6 (RFC 9602)
        "fc00::/7",  # unique local (RFC 4193)
        "fe80::/10",  # link-local (RFC 4291, 2.5.6)
        "fec0::/10",  # site-local, deprecated (RFC 3879)
        "ff00::/8",  # multicast (RFC 4291, 2.7)
    )
)

# All other IPv6 addresses are not assigned to hosts yet (RFC 4291, 2.4; IANA, "IPv6 address space").
IPV6_UNICAST = ipaddress.IPv6Network("2000::/3")

# Networks whose addresses contain an IPv4 address that is checked instead, and its position in bits from the right.
EMBEDDING = (
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped (RFC 4291, 2.5.5.2)
    (ipaddress.IPv6Network("::ffff:0:0:0/96"), 0),  # IPv4-translated (RFC 2765, 2.1)
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),  # NAT64 (RFC 6052, 2.1)
    (ipaddress.IPv6Network("2002::/16"), 80),  # 6to4 (RFC 3056, 2)
)
# Interface identifiers under any prefix that hold an IPv4 address behind a tunnel: ISATAP (RFC 5214, 6.1).
ISATAP = (0x00005EFE, 0x02005EFE)

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_private(address: str) -> bool:
    """Whether the address is not public: loopback, link-local, private, or reserved for another special purpose.

    Raises ValueError for an invalid address.
    """
    return _is_special(ipaddress.ip_address(address.partition("%")[0]))


def _is_special(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return any(address in network for network in IPV4)
    for network, shift in EMBEDDING:
        if address in network:
            return _is_special(ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF))
    if address not in IPV6_UNICAST or any(address in network for network in IPV6):
        return True
    tunnelled = int(address) >> 32 & 0xFFFFFFFF in ISATAP
    return tunnelled and _is_special(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
