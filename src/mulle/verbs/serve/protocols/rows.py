"""The rows of a request's body: one record, many, columns, CSV, or an image."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.http.limits import (
    Limits,
    check_columns,
    check_lines,
    check_row_bytes,
    off_loop,
)
from mulle.verbs.serve.http.strict_json import decode_json
from mulle.verbs.serve.http.threads import MODELS
from mulle.verbs.serve.models import LoadedModel

CSV = {"text/csv", "application/csv"}
_UTF8 = {"", "utf-8", "utf8", "us-ascii", "ascii"}
_JSON = {"application/json", "", "text/json", "application/x-www-form-urlencoded"}


async def read_rows(request: Request, loaded: LoadedModel, limits: Limits) -> Any:
    """Read the body as a record, a list of records, the rows of a CSV, or as an image.

    Raises:
        HTTPError: not JSON or CSV (415), broken (400), too much (413), or not rows (422).
    """
    body, sort = await request.body(), request.media_type
    if sort in _JSON:
        return await off_loop(len(body), _decode_rows, body, loaded, limits)
    if sort in CSV:
        return await read_csv(request, body, loaded)
    if sort.startswith("image/") and (column := loaded.image_column):
        return {column: f"data:{sort};base64,{b64encode(body).decode()}"}
    raise HTTPError(415, "media-unknown", received=sort[:100])


async def read_csv(request: Request, body: bytes, loaded: LoadedModel) -> Any:
    """Read the rows of CSV text.

    Raises:
        PredictionError: it is not a table, or not UTF-8.
        HTTPError: a line is too large (413), or the header of the request names another charset
            than UTF-8 (415).
    """
    from mulle.table import rows_of

    if request.charset not in _UTF8:
        raise HTTPError(415, "media-charset", received=request.charset[:100])
    check_lines(body)
    # Bytes are always text, never the name of a file of this machine.
    return await MODELS.run(rows_of, body, loaded.model.manifest.schema.asked)


def _decode_rows(body: bytes, loaded: LoadedModel, limits: Limits) -> Any:
    rows = rows_in(decode_json(body), limits)
    if isinstance(rows, dict):
        check_columns(len(rows), loaded.max_columns)
        check_row_bytes(len(body))
    return rows


def rows_in(value: Any, limits: Limits) -> Any:
    """Return the record or records in a JSON value: itself, or under `rows`.

    Raises:
        HTTPError: there are none (422), or too many (413).
    """
    if isinstance(value, dict):
        rows = value.get("rows")
        if not isinstance(rows, list):
            if not value:
                raise HTTPError(422, "rows-empty")
            return value
        value = rows
    if not isinstance(value, list):
        raise HTTPError(422, "rows-none", received=type(value).__name__)
    limits.check_rows(len(value))
    for number, row in enumerate(value, start=1):
        if not isinstance(row, dict):
            raise HTTPError(422, "row-not-record", row=number, received=type(row).__name__)
    if value and not any(value):  # rows without a column could not be counted
        raise HTTPError(422, "rows-empty")
    return value
