"""Which addresses a caller may have this server call: public ones, by http or https.

A server that calls any address it is given is a way into the network that it stands in. So a host
name is looked up, each of its addresses is checked, and the call goes to an address that was
checked, not to what the name means a moment later.

source  OWASP, Server-Side Request Forgery Prevention Cheat Sheet; RFC 6890 (special addresses)
"""

from __future__ import annotations

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address behind NAT64 (RFC 6052)
_MAX_LENGTH = 2000


class Target(NamedTuple):
    """The parts of an address that is called.

    Attributes:
        secure: whether the call goes by https.
        host: name or address of the host, as it was given.
        port: TCP port.
        path: path with the query.
    """

    secure: bool
    host: str
    port: int
    path: str


def target_of(url: str) -> Target | None:
    """Return the parts of an address; None if it is none that may be called.

    >>> target_of("https://example.org/a?b=1")
    Target(secure=True, host='example.org', port=443, path='/a?b=1')
    >>> target_of("file:///etc/passwd"), target_of("http://example.org:0")
    (None, None)
    """
    if len(url) > _MAX_LENGTH or not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    if "@" in parts.netloc or port == 0:
        return None
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, parts.hostname, port or (443 if secure else 80), path)


def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses of a host.

    Raises:
        OSError: the name has none, or no name server answers.
    """
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is too long or empty
        raise socket.gaierror(str(error)) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def is_public(address: str) -> bool:
    """Return whether an address is one of the open internet, also when it is wrapped in another.

    >>> [is_public(a) for a in ("8.8.8.8", "10.0.0.1", "127.0.0.1", "169.254.169.254", "::1")]
    [True, False, False, False, False]
    >>> [is_public(a) for a in ("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::")]
    [False, False, False]
    """
    try:
        bare = _unwrapped(ipaddress.ip_address(address))
    except ValueError:
        return False
    return bare.is_global and not bare.is_multicast and not bare.is_reserved


def _unwrapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
