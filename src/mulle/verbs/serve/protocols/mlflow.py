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

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from mulle.verbs.serve.http import HTTPError, Problem, Request, Response, Route, json_response
from mulle.verbs.serve.http.operation import CSV as TEXT_CSV
from mulle.verbs.serve.http.operation import JSON, TEXT, Operation
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
_decode = msgspec.json.Decoder(Invocation).decode


def routes(service: Service) -> Iterator[Route]:
    """Yield the resources above."""

    async def invocations(request: Request) -> Response:
        loaded = service.model(request, request.params.get("model", ""))
        body, proba = await request.body(), False
        if request.media_type in CSV:
            rows = await read_csv(body, loaded)
        else:
            rows, proba = _read(body, request.media_type, loaded)
        if isinstance(rows, list) and len(rows) == 1:
            answer = await service.predict_row(request, loaded, rows[0])
            one = answer.label if loaded.labels else answer.scores[0]
            return json_response({"predictions": [answer.scores if proba else one]})
        scores, codes = await service.predict_rows(request, loaded, rows)
        if codes is None or proba:
            return json_response({"predictions": scores.tolist()})
        answers = loaded.to_answers(scores, codes)
        return json_response({"predictions": [answer.label for answer in answers]})

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


def _read(body: bytes, media_type: str, loaded: LoadedModel) -> tuple[list[Any], bool]:
    """Return the records, and whether probabilities are asked for.

    Raises:
        HTTPError: not JSON (415), broken or not one of the forms (400), or not rows (422).
    """
    if media_type not in {"application/json", ""}:
        raise HTTPError(415, "media-unknown", received=media_type[:100])
    try:
        asked = _decode(body) if b"NaN" not in body else _with_nan(body)
    except (ValueError, RecursionError) as error:
        raise HTTPError(400, "invocation-broken", error=str(error)[:200]) from None
    given = [field for field in _FIELDS if getattr(asked, field) is not msgspec.UNSET]
    if len(given) != 1:
        raise HTTPError(400, "invocation-forms", received=given, expected=_FIELDS)
    proba = (asked.params or {}).get("proba", False)
    if type(proba) is not bool:
        raise HTTPError(400, "proba-unclear", received=str(proba)[:100])
    rows = _records(getattr(asked, given[0]))
    return rows, proba and bool(loaded.labels)


def _with_nan(body: bytes) -> Invocation:
    """Decode a body with NaN, which is not JSON, but what MLflow's own client writes."""
    value = json.loads(body, parse_constant=lambda name: None)
    return msgspec.convert(value, Invocation)


def _records(rows: Any) -> list[Any]:
    """Convert cells, columns or records to records.

    Raises:
        HTTPError: rows or columns of different lengths, or no rows at all (422).
    """
    if isinstance(rows, Split):
        names = [str(name) for name in rows.columns]
        for number, row in enumerate(rows.data, start=1):
            if len(row) != len(names):
                raise HTTPError(
                    422, "row-ragged", row=number, received=len(row), expected=len(names)
                )
        rows = [dict(zip(names, row, strict=True)) for row in rows.data]
    elif isinstance(rows, dict):
        rows = _from_columns(rows)
    listed: list[Any] = rows_in(rows)
    return listed


def _from_columns(columns: dict[str, Any]) -> list[dict[str, Any]]:
    """Convert columns to records: a list of values for each column, or one value for each."""
    lengths = {len(v) if isinstance(v, list) else -1 for v in columns.values()}
    if lengths <= {-1}:
        return [columns]
    if len(lengths) > 1:
        raise HTTPError(422, "columns-ragged", received=sorted(lengths - {-1})[:8])
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
