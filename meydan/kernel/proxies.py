"""Whose address a request comes from, behind the city's own reverse proxies."""

import ipaddress
from collections.abc import Sequence

from meydan.kernel.config import IpNetwork

MAX_HOPS = 10


def address_behind(peer: str, forwarded: str, trusted: Sequence[IpNetwork]) -> str:
    """`peer`, or where that is a proxy of ours, the last address in `forwarded` (X-Forwarded-For) that is none: those
    before it were written by the reader. Of nobody else a header is believed, for anybody can write one, and rate
    limits go by the address."""
    if not trusted or not forwarded or not is_within(peer, trusted):
        return peer
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    for hop in reversed(hops[-MAX_HOPS:]):
        if not is_within(hop, trusted):
            return hop if is_address(hop) else peer
    return peer


def network_of(address: str) -> str:
    """Whom an address stands for when tries are counted: of IPv6 the network that one line has (64 bits), for whoever
    has one address of it has them all. What is no address stands for itself."""
    if not is_address(address):
        return address
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))


def is_address(text: str) -> bool:
    """Whether this is an IP address and nothing else."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_within(address: str, networks: Sequence[IpNetwork]) -> bool:
    """Whether the address is in one of the networks; False for what is no address."""
    return is_address(address) and any(ipaddress.ip_address(address) in network for network in networks)
