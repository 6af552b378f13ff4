"""Proxies before the server: which are trusted to say who their client is.

    X-Forwarded-For: what the client claims, client, proxy 1      <- proxy 2 connects to us

Each proxy adds the address that it was reached from at the right, so from the right the first
address that is no trusted proxy is the client's; what stands left of it anybody may have written.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache

from mulle.errors import UsageError

_MOST = 4_096  # characters of the header that are looked at, from the right
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """The proxies whose word on their clients is believed.

    Args:
        given: addresses and networks: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`.

    Raises:
        UsageError: one of them is no address.

    >>> proxies = TrustedProxies(["10.0.0.0/8"])
    >>> sent = [(b"x-forwarded-for", b"6.6.6.6, 203.0.113.9"), (b"x-forwarded-for", b"10.1.1.1")]
    >>> proxies.client_of("10.0.0.7", sent)
    '203.0.113.9'
    >>> proxies.client_of("203.0.113.8", sent)
    '203.0.113.8'
    """

    def __init__(self, given: Iterable[str]) -> None:
        self._networks = tuple(_network(text.strip()) for text in split(given))

    def client_of(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """Return the address of the client of a request.

        Args:
            peer: address that the connection comes from.
            headers: those of the request.
        """
        if not self.trusts(peer):
            return peer
        values = (value for name, value in headers if name == b"x-forwarded-for")
        forwarded = b",".join(values).decode("latin-1")
        client = peer
        for hop in reversed(forwarded[-_MOST:].split(",")):
            if not self.trusts(client):
                return client
            address = _address(hop)
            if not address:
                return client  # nonsense: whoever wrote it stands for it
            client = address
        return client

    def trusts(self, address: str) -> bool:
        """Return whether an address is that of a trusted proxy."""
        return bool(self._networks) and _is_within(self._networks, address)


@lru_cache(1024)
def _is_within(networks: tuple[Network, ...], address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in networks)


def split(given: Iterable[str]) -> Sequence[str]:
    """Return the entries of texts that may each list several, with commas between them."""
    return [part.strip() for text in given for part in text.split(",") if part.strip()]


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise UsageError("proxy-unreadable", received=text[:100]) from None


def _address(text: str) -> str:
    """Return an address without its port and brackets; "" where it is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


NO_PROXIES = TrustedProxies(())
