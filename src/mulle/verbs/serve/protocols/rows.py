"""The rows of a request's body: one record, many, columns, or CSV.

JSON with a key twice in one object is refused, where a decoder would silently keep one of them. A
body in which no key is lost has one colon for each key that was decoded, besides those in strings.
So one count is enough for a flat row (0.1 us); where it is not, the value is encoded again and its
colons are counted, and only a body that differs there is read once more, slowly, to name the key.
Bodies with colons as escapes are read that way too.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec

from mulle.verbs.serve.http import HTTPError, Request
from mulle.verbs.serve.models import LoadedModel

CSV = {"text/csv", "application/csv"}
_JSON = {"application/json", "", "text/json", "application/x-www-form-urlencoded"}
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


async def read_rows(request: Request, loaded: LoadedModel) -> Any:
    """Read the body as a record, a list of records, or the rows of a CSV.

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
    """Read the rows of CSV text.

    Raises:
        PredictionError: it is not a table, or not UTF-8.
    """
    from mulle.table import rows_of

    # A single line could name a file of this machine; with a line break it is always text.
    return await asyncio.to_thread(rows_of, body + b"\n", loaded.model.manifest.schema.asked)


def decode_json(body: bytes) -> Any:
    """Decode JSON.

    Raises:
        HTTPError: it is broken, nested too deeply, or has a key twice (400).
    """
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPError(400, "json-broken", error=str(error)[:200]) from None
    refuse_duplicates(body, value)
    return value


def rows_in(value: Any) -> Any:
    """Return the record or records in a JSON value: itself, or under `rows`.

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
    if value and not any(value):  # rows without a column could not be counted
        raise HTTPError(422, "rows-empty")
    return value


def refuse_duplicates(body: bytes, value: Any) -> None:
    """Refuse a body whose decoded value has lost a key.

    Raises:
        HTTPError: an object has a key twice (400).

    >>> refuse_duplicates(b'{"a": 1, "b": "x:y"}', {"a": 1, "b": "x:y"})
    >>> refuse_duplicates(b'{"a": 1, "a": 2}', {"a": 2})
    Traceback (most recent call last):
    mulle.verbs.serve.http.errors.HTTPError: An object has the key ‘a’ twice.
      fix: Send each key once.
    """
    colons = body.count(b":")
    if not colons or (type(value) is dict and colons == len(value)):
        return
    if colons == _encode(value).count(b":") and b"\\u003" not in body:
        return
    try:
        json.loads(body, object_pairs_hook=_check_keys)
    except (ValueError, RecursionError):
        return  # msgspec has read it; whatever else json refuses is no duplicate


def _check_keys(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise HTTPError(400, "json-duplicate-key", name=key[:100])
        seen.add(key)
