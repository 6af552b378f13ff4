"""The names under which a server may be asked for (`Host`).

A page of a foreign site can point its own name to 127.0.0.1 (DNS rebinding): the browser then takes
a server that listens on this machine for that site, and lets the page read its answers. Such a
request still carries the foreign name, so a server that everybody on this machine may ask answers
to the names of this machine only. gRPC needs no such check: without TLS no browser speaks HTTP/2,
and the port of gRPC answers nothing else.
"""

from __future__ import annotations

import ipaddress

from mulle.verbs.serve.http import HTTPError, Request, Route
from mulle.verbs.serve.http.proxies import split
from mulle.verbs.serve.settings import Settings

EVERY = "*"


class HostNames:
    """The names that a server answers to.

    Args:
        settings: those of the server.

    Attributes:
        guarded: whether names are looked at: where `allow_host` names some, and on a server that
            only this machine can reach and that wants no keys.
    """

    def __init__(self, settings: Settings) -> None:
        allowed = {name.lower().rstrip(".") for name in split(settings.allow_host)}
        self._names = {name for name in allowed if not name.startswith(".")}
        self._endings = tuple(name for name in allowed if name.startswith("."))
        alone = is_loopback(settings.host) and not settings.keys
        self.guarded = EVERY not in allowed and (alone or bool(allowed))

    def guard(self, request: Request, route: Route) -> None:
        """Let a request through that asks for a known name.

        Raises:
            HTTPError: it asks for another (421).
        """
        host = request.host
        if not host and request.scope.get("http_version") == "1.0":
            return  # no browser is that old; health checks are
        name = without_port(host).lower().rstrip(".")
        known = name in self._names or name.endswith(self._endings or ("\0",))
        if not (known or is_loopback(name)):
            raise HTTPError(421, "host-foreign", host=host[:100])


def without_port(host: str) -> str:
    """Return the name in a Host header.

    >>> without_port("localhost:8080"), without_port("[::1]:8080"), without_port("::1")
    ('localhost', '::1', '::1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def is_loopback(name: str) -> bool:
    """Return whether a name or address is that of this machine alone.

    >>> is_loopback("localhost"), is_loopback("127.0.0.2"), is_loopback("localhost.evil.example")
    (True, True, False)
    """
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
