"""The rows of a request's body: one record, many, columns, or CSV."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.models import LoadedModel
from mulle.verbs.serve.protocols.duplicates import refuse_duplicates

CSV = {"text/csv", "application/csv"}
_JSON = {"application/json", "", "text/json", "application/x-www-form-urlencoded"}
_decode = msgspec.json.Decoder().decode


async def read_rows(request: Request, loaded: LoadedModel) -> Any:
    """A record, a list of records, or a frame.

    Raises:
        HTTPError: not JSON or CSV (415), broken (400), or not rows (422).
    """
    body, sort = await request.body(), request.media_type
    if sort in _JSON:
        return rows_in(decode_json(body))
    if sort in CSV:
        return await read_csv(body, loaded)
    raise HTTPError(415, "media-unknown", received=sort[:100])


async def read_csv(body: bytes, loaded: LoadedModel) -> Any:
    """The rows of CSV text.

    Raises:
        PredictionError: it is not a table, or not UTF-8.
    """
    from mulle.table import rows_of

    # A single line could name a file of this machine; with a line break it is always text.
    return await asyncio.to_thread(rows_of, body + b"\n", loaded.model.manifest.schema.names)


def decode_json(body: bytes) -> Any:
    """What JSON says.

    Raises:
        HTTPError: it is broken, nested too deeply, or has a key twice (400).
    """
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPError(400, "json-broken", reason=str(error)[:200]) from None
    refuse_duplicates(body, value)
    return value


def rows_in(value: Any) -> Any:
    """The record or records in a JSON value: itself, or under `rows`.

    Raises:
        HTTPError: there are none (422).
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
    for number, row in enumerate(value, start=1):
        if not isinstance(row, dict):
            raise HTTPError(422, "row-not-record", row=number, received=type(row).__name__)
    if value and not any(value):  # of rows without a name, nobody could tell how many there are
        raise HTTPError(422, "rows-empty")
    return value
