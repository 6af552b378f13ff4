"""A thin layer over ASGI: requests, routes, answers, errors, connections and their limits.

A framework was measured and left out: its constant answer took 1.3 to 1.5 times as long.
"""

from mulle.verbs.serve.http.errors import HTTPError, Problem, to_problem, to_response
from mulle.verbs.serve.http.request import Request
from mulle.verbs.serve.http.response import Response, Stream, json_response
from mulle.verbs.serve.http.routes import Handler, Route, Routes

__all__ = [
    "HTTPError",
    "Handler",
    "Problem",
    "Request",
    "Response",
    "Route",
    "Routes",
    "Stream",
    "json_response",
    "to_problem",
    "to_response",
]
