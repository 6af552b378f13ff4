"""The endpoints of MLflow's scoring server, so that its clients can use this one.

    POST /invocations                             the first model; JSON or CSV
    POST /models/{model}/invocations              by name
    GET  /ping, /version

Answers are those of the bundle's MLflow flavor: labels or values, and with
`"params": {"proba": true}` probabilities. Numbers written as text, which MLflow's signature would
refuse, are read as everywhere else in this server.

catalogue  api-model-server

source  MLflow: local model inference server
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from mulle.verbs.serve.http import HTTPError, Problem, Request, Response, Route, json_response
from mulle.verbs.serve.http.limits import ROW_BYTES, Limits, check_row_bytes, off_loop
from mulle.verbs.serve.http.operation import CSV as TEXT_CSV
from mulle.verbs.serve.http.operation import JSON, TEXT, Operation
from mulle.verbs.serve.http.strict_json import decode_json
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.protocols.rows import CSV, read_csv, rows_in
from mulle.verbs.serve.service import Service
from mulle.version import __version__

_FIELDS = ("dataframe_split", "dataframe_records", "instances", "inputs")
_CODES = {
    401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "RESOURCE_DOES_NOT_EXIST",
    422: "INVALID_PARAMETER_VALUE", 429: "REQUEST_LIMIT_EXCEEDED", 500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}  # fmt: skip


class Split(msgspec.Struct, forbid_unknown_fields=True):
    """Cells row by row, with the names of the columns."""

    data: list[list[Any]]
    columns: list[Any]
    index: Any = None


class Invocation(msgspec.Struct, omit_defaults=True):
    """Rows in exactly one of four forms."""

    dataframe_split: Split | msgspec.UnsetType = msgspec.UNSET
    dataframe_records: list[dict[str, Any]] | msgspec.UnsetType = msgspec.UNSET
    instances: Any = msgspec.UNSET
    inputs: Any = msgspec.UNSET
    params: dict[str, Any] | None = None


_TEXT = b"text/plain; charset=utf-8"
_JSON = {"application/json", ""}


def routes(service: Service) -> Iterator[Route]:
    """Yield the resources above."""

    async def invocations(request: Request) -> Response:
        loaded = service.model(request, request.params.get("model", ""))
        rows, proba = await _read(request, loaded, service.limits)
        if isinstance(rows, list) and len(rows) == 1:
            answer = await service.predict_row(request, loaded, rows[0])
            one = answer.label if loaded.labels else answer.scores[0]
            return json_response({"predictions": [answer.scores if proba else one]})
        scores, codes = await service.predict_rows(request, loaded, rows)

        def write() -> Response:
            if codes is None or proba:
                return json_response({"predictions": scores.tolist()})
            answers = loaded.to_answers(scores, codes)
            return json_response({"predictions": [answer.label for answer in answers]})

        return await off_loop(len(scores) * ROW_BYTES, write)

    async def ping(request: Request) -> Response:
        return Response(b"\n", 200, _TEXT)

    async def version(request: Request) -> Response:
        return Response(__version__.encode(), 200, _TEXT)

    body, answer = {JSON: "invocation", TEXT_CSV: "csv"}, {JSON: "invocation-answer"}
    for path, name in (
        ("/invocations", "mlflow-first"),
        ("/models/{model}/invocations", "mlflow-model"),
    ):
        described = Operation(name, "mlflow", body, answer, error="mlflow-error")
        yield Route("POST", path, invocations, "predict", write_problem, described)
    for path, handler, name in (("/ping", ping, "live"), ("/version", version, "version")):
        described = Operation(name, "mlflow", answer={TEXT: "text"}, error="mlflow-error")
        yield Route("GET", path, handler, "", write_problem, described)


def write_problem(problem: Problem) -> Response:
    """Write an error as `{"error_code", "message"}`."""
    text = f"{problem.message} {problem.fix}".strip()
    code = _CODES.get(problem.status, "BAD_REQUEST")
    return json_response({"error_code": code, "message": text}, problem.status, problem.headers)


async def _read(request: Request, loaded: LoadedModel, limits: Limits) -> tuple[Any, bool]:
    """Read the rows of a request, and whether probabilities are asked for.

    Raises:
        HTTPError: not JSON or CSV (415), broken or not one of the forms (400), too much (413), or
            not rows (422).
        PredictionError: the CSV is not a table.
    """
    body, sort = await request.body(), request.media_type
    if sort in CSV:
        return await read_csv(request, body, loaded), False
    if sort not in _JSON:
        raise HTTPError(415, "media-unknown", received=sort[:100])
    rows, proba = await off_loop(len(body), _decode, body, limits)
    return rows, proba and bool(loaded.labels)


def _decode(body: bytes, limits: Limits) -> tuple[list[Any], bool]:
    """Return the records, and whether probabilities are asked for.

    NaN is not JSON, but what MLflow's own client writes.

    Raises:
        HTTPError: broken or not one of the forms (400), too much (413), or not rows (422).
    """
    asked: Invocation = decode_json(body, Invocation, broken="invocation-broken", nan=True)
    given = [field for field in _FIELDS if getattr(asked, field) is not msgspec.UNSET]
    if len(given) != 1:
        raise HTTPError(400, "invocation-forms", received=given, expected=_FIELDS)
    proba = (asked.params or {}).get("proba", False)
    if type(proba) is not bool:
        raise HTTPError(400, "proba-unclear", received=str(proba)[:100])
    rows = _records(getattr(asked, given[0]), limits)
    if len(rows) == 1:
        check_row_bytes(len(body))
    return rows, proba


def _records(rows: Any, limits: Limits) -> list[Any]:
    """Convert cells, columns or records to records.

    Raises:
        HTTPError: too many rows (413); rows or columns of different lengths, a column twice, or no
            rows at all (422).
    """
    if isinstance(rows, Split):
        limits.check_rows(len(rows.data))
        names = [str(name) for name in rows.columns]
        if len({*names}) < len(names):
            raise HTTPError(400, "json-duplicate-key", name=_first_twice(names)[:100])
        for number, row in enumerate(rows.data, start=1):
            if len(row) != len(names):
                raise HTTPError(
                    422, "row-ragged", row=number, received=len(row), expected=len(names)
                )
        rows = [dict(zip(names, row, strict=True)) for row in rows.data]
    elif isinstance(rows, dict):
        rows = _from_columns(rows, limits)
    listed: list[Any] = rows_in(rows, limits)
    return listed


def _first_twice(names: list[str]) -> str:
    """Return the first name that has come before."""
    counts = Counter(names)
    return next(name for name in names if counts[name] > 1)


def _from_columns(columns: dict[str, Any], limits: Limits) -> list[dict[str, Any]]:
    """Convert columns to records: a list of values for each column, or one value for each."""
    lengths = {len(v) if isinstance(v, list) else -1 for v in columns.values()}
    if lengths <= {-1}:
        return [columns]
    if len(lengths) > 1:
        raise HTTPError(422, "columns-ragged", received=sorted(lengths - {-1})[:8])
    limits.check_rows(max(lengths))
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
