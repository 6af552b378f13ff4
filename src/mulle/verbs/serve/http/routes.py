"""The table of routes: which handler answers which method and path."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import NamedTuple

from mulle.verbs.serve.http.errors import HTTPError, Problem, to_response
from mulle.verbs.serve.http.operation import UNDESCRIBED, Operation
from mulle.verbs.serve.http.request import Request
from mulle.verbs.serve.http.response import Response, Stream

Answer = Response | Stream
Handler = Callable[[Request], Awaitable[Answer]]


class Route(NamedTuple):
    """One resource.

    Attributes:
        method: GET, POST, PUT or DELETE; HEAD is answered as GET without a body.
        path: `/v2/models/{name}`; a name in braces matches one segment.
        handler: answers a request.
        scope: scope that a key must have: predict, feedback or admin; "" for open to all.
        write_problem: writes an error as the protocol of this route does.
        operation: description of the resource; UNDESCRIBED only for what is no resource.
        admin_too: whether the scope admin is enough as well.
    """

    method: str
    path: str
    handler: Handler
    scope: str = ""
    write_problem: Callable[[Problem], Response] = to_response
    operation: Operation = UNDESCRIBED
    admin_too: bool = False

    def admits(self, scopes: Collection[str]) -> bool:
        """Return whether a key with some scopes may ask for the resource."""
        wanted = {self.scope, "admin"} if self.admin_too else {self.scope}
        return not self.scope or not wanted.isdisjoint(scopes)


class Routes:
    """All resources of a server; a path without names is found by one look-up."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._fixed: dict[str, dict[str, Route]] = {}
        self._patterns: list[tuple[re.Pattern[str], dict[str, Route]]] = []
        by_path: dict[str, dict[str, Route]] = {}
        for route in routes:
            by_path.setdefault(route.path, {})[route.method] = route
        for path, methods in by_path.items():
            if "{" in path:
                self._patterns.append((_pattern(path), methods))
            else:
                self._fixed[path] = methods

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route of a request, and what the names in its path matched.

        Raises:
            HTTPError: there is no such path (404), or it has no such method (405).
        """
        methods = self._fixed.get(path)
        params: dict[str, str] = {}
        if methods is None:
            methods, params = self._matched(path)
        route = methods.get("GET" if method == "HEAD" else method)
        if route is None:
            allowed = ", ".join(sorted(methods))
            headers = ((b"allow", allowed.encode()),)
            raise HTTPError(405, "method-unknown", headers, method=method, allowed=allowed)
        return route, params

    def __iter__(self) -> Iterable[Route]:
        for methods in (*self._fixed.values(), *(m for _, m in self._patterns)):
            yield from methods.values()

    def _matched(self, path: str) -> tuple[dict[str, Route], dict[str, str]]:
        for pattern, methods in self._patterns:
            if found := pattern.fullmatch(path):
                return methods, found.groupdict()
        raise HTTPError(404, "path-unknown", path=path[:200])


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    named = (f"(?P<{p}>[^/]+)" if i % 2 else re.escape(p) for i, p in enumerate(parts))
    return re.compile("".join(named))
