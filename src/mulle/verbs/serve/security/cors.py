"""Cross-origin requests (CORS): pages of other sites may send none, unless the operator allows it.

A page of another site can make any browser send simple requests here, also to a server that
listens on this machine only; so a request that changes something is refused when the browser says
that it comes from elsewhere. Cookies are never accepted across sites.
"""

from __future__ import annotations

from mulle.errors import UsageError
from mulle.verbs.serve.http import HTTPError, Request, Response, Route
from mulle.verbs.serve.http.response import Headers

_READABLE = (
    b"ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, x-request-id,"
    b" x-prediction-id, x-model-version"
)
_SENDABLE = b"authorization, content-type, x-api-key, x-assignment-key, x-request-id, traceparent"
_SAFE = {"GET", "HEAD", "OPTIONS"}


class CrossOrigin:
    """The origins of other sites whose pages may send requests.

    Args:
        allowed: origins as browsers send them: `https://app.example.org`.
        reading: whether other pages may send requests that change nothing: a browser shows them no
            answer, but a server that asks for no keys need not work for them.

    Raises:
        UsageError: an entry is not an origin.
    """

    def __init__(self, allowed: tuple[str, ...] = (), *, reading: bool = True) -> None:
        self._reading = reading
        for origin in allowed:
            scheme, _, host = origin.partition("://")
            if scheme not in ("http", "https") or not host or set(host) & set("/*?# "):
                raise UsageError("origin-unreadable", origin=origin)
        self._allowed = {origin.lower() for origin in allowed}

    def guard(self, request: Request, route: Route) -> None:
        """Let a request through, and let an allowed page read its answer.

        Raises:
            HTTPError: a page of another origin would change something (403).
        """
        origin = request.header(b"origin")
        if not origin:
            return
        if origin in self._allowed:
            request.state["headers"] = request.state.get("headers", ()) + _allow(origin)
        elif origin.partition("://")[2] == request.host:
            return
        elif request.method not in _SAFE or not self._reading:
            raise HTTPError(403, "origin-foreign", origin=origin[:100])

    def preflight(self, request: Request, methods: bytes) -> Response:
        """Return the answer to OPTIONS: the methods, and whether the page may use them."""
        origin = request.header(b"origin")
        headers: Headers = ((b"allow", methods), (b"vary", b"origin"))
        if origin in self._allowed:
            headers = (
                (b"allow", methods),
                *_allow(origin),
                (b"access-control-allow-methods", methods),
                (b"access-control-allow-headers", _SENDABLE),
                (b"access-control-max-age", b"600"),
            )
        return Response(headers=headers)


def _allow(origin: str) -> Headers:
    return (
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", _READABLE),
        (b"vary", b"origin"),
    )
