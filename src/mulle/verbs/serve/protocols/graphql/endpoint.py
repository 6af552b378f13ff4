"""`/graphql`: read a query, check its limits, answer it; errors in GraphQL's own form.

    POST /graphql            {"query", "variables", "operationName"}
    GET  /graphql?query=...  the same, without a body
    GET  /graphql?sdl        the schema as text; a browser is shown a page

catalogue  api-graphql

source  GraphQL over HTTP, draft of 2025: status codes and media types
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from mulle.verbs.serve.http import (
    HTTPError,
    Problem,
    Request,
    Response,
    Route,
    json_response,
    to_problem,
)
from mulle.verbs.serve.http.limits import off_loop
from mulle.verbs.serve.http.operation import HTML, JSON, TEXT, Operation
from mulle.verbs.serve.http.strict_json import decode_json
from mulle.verbs.serve.service import Service

if TYPE_CHECKING:
    from mulle.verbs.serve.protocols.graphql.engine import Engine

GRAPHQL_JSON = b"application/graphql-response+json"
# The library's message about a wrong variable: its row, its field, and the value received.
_WRONG_VARIABLE = re.compile(
    r"\[(?P<row>\d+)\]\.(?P<field>\w+)'?.*?(?P<type>Float|String) cannot represent"
    r" a? ?non[- ]\w+ value: (?P<received>.*)",
    re.DOTALL,
)
_EXPECTED = {"Float": "number", "String": "string"}
log = logging.getLogger("mulle.serve")


class Query(msgspec.Struct, frozen=True):
    """A query as it was sent."""

    text: str
    variables: dict[str, Any]
    operation: str | None = None
    size: int = 0


def routes(service: Service) -> Iterator[Route]:
    """Yield the endpoint."""
    engines: list[Engine] = []

    async def engine() -> Engine:
        """Return the engine, built at the first query: the library takes 0.25 s to load."""
        if not engines:
            loaded = await asyncio.to_thread(_engine, service)
            engines[:] = engines or [loaded]
        return engines[0]

    async def post(request: Request) -> Response:
        return await answer_query(request, await _read_post(request))

    async def get(request: Request) -> Response:
        if request.query.get("query"):
            return await answer_query(request, _read_get(request))
        sdl, example = (await engine()).describe()
        if request.flag("sdl") or "text/html" not in request.header(b"accept"):
            return Response(sdl.encode(), media_type=b"text/plain; charset=utf-8")
        from mulle.verbs.serve.protocols.graphql.page import page

        return Response(
            page(sdl, example, request.lang).encode(), media_type=b"text/html; charset=utf-8"
        )

    async def answer_query(request: Request, query: Query) -> Response:
        data, errors = await (await engine()).answer(request, query)
        answer: dict[str, Any] = {"data": data} if data is not None or not errors else {}
        if errors:
            described = [_describe(error, request) for error in errors]
            answer = {"errors": described, **({"data": None} if errors[0].path else {}), **answer}
        return _write(request, answer)

    query = Operation(
        "graphql-query", "graphql", {JSON: "graphql"}, {JSON: "anything"}, error="graphql-error"
    )
    schema = Operation(
        "graphql-schema", "graphql",
        answer={TEXT: "text", JSON: "anything", HTML: "text"}, error="graphql-error",
    )  # fmt: skip
    yield Route("POST", "/graphql", post, "predict", write_problem, query)
    yield Route("GET", "/graphql", get, "predict", write_problem, schema)


def _engine(service: Service) -> Engine:
    """Load the library, which is an extra.

    Raises:
        HTTPError: it is not installed (501).
    """
    try:
        from mulle.verbs.serve.protocols.graphql.engine import Engine
    except ImportError as error:
        raise HTTPError(
            501, "extra-missing", library="graphql-core", extra="graphql", purpose="graphql"
        ) from error

    return Engine(service)


async def _read_post(request: Request) -> Query:
    body = await request.body()
    if request.media_type != "application/json":
        raise HTTPError(415, "graphql-media", received=request.media_type[:100])
    asked = await off_loop(len(body), decode_json, body)
    if isinstance(asked, list):
        raise HTTPError(400, "graphql-batched")
    if not isinstance(asked, dict):
        raise HTTPError(400, "graphql-no-query")
    return _query(asked, len(body))


def _read_get(request: Request) -> Query:
    asked: dict[str, Any] = dict(request.query)
    if asked.get("variables"):
        asked["variables"] = decode_json(asked["variables"].encode("utf-8", "replace"))
    else:
        asked.pop("variables", None)
    return _query(asked, len(request.scope["query_string"]))


def _query(asked: dict[str, Any], size: int) -> Query:
    text, operation = asked.get("query"), asked.get("operationName") or None
    variables = asked.get("variables")
    variables = {} if variables is None else variables
    if not isinstance(text, str) or not text.strip():
        raise HTTPError(400, "graphql-no-query")
    if not isinstance(variables, dict) or not isinstance(operation, str | None):
        raise HTTPError(400, "graphql-no-query")
    return Query(text, variables, operation, size)


def _write(request: Request, answer: dict[str, Any]) -> Response:
    """Write an answer; in GraphQL's own media type a query that never ran has status 400."""
    response = json_response(answer)
    if GRAPHQL_JSON.decode() in request.header(b"accept"):
        response.media_type = GRAPHQL_JSON
        response.status = 200 if "data" in answer else 400
    return response


def _describe(error: Any, request: Request) -> dict[str, Any]:
    """Describe an error of the library, or the error that it carries, in the caller's language."""
    cause = _cause(error)
    problem = to_problem(cause, request.lang)
    if problem.status == 500:
        log.error("a query failed", exc_info=cause)
    entry: dict[str, Any] = {"message": problem.message}
    if error.locations:
        entry["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        entry["path"] = error.path
    return entry | {"extensions": _extensions(problem)}


def _cause(error: Any) -> Exception:
    """Return the error that it carries; for a wrong variable one with the row and the column."""
    if error.path and error.original_error:  # raised by a resolver
        original: Exception = error.original_error
        return original
    if found := _WRONG_VARIABLE.search(error.message):
        row, column = int(found["row"]) + 1, found["field"]
        expected, received = _EXPECTED[found["type"]], found["received"][:100]
        return HTTPError(
            422, "value-unreadable", row=row, column=column, expected=expected, received=received
        )
    return HTTPError(400, "graphql-invalid", error=error.message[:500])


def _extensions(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "fix": problem.fix, **problem.values}


def write_problem(problem: Problem) -> Response:
    """Write an error as GraphQL does."""
    entry = {"message": problem.message, "extensions": _extensions(problem)}
    return json_response({"errors": [entry]}, problem.status, problem.headers)
