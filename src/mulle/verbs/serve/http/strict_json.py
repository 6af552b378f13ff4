"""The one JSON decoder of the server: strict, of bounded depth and size, in linear time.

JSON with a key twice in one object is refused, where a decoder would silently keep one of them. A
body in which no key is lost has one colon for each key that was decoded, besides those in strings.
So one count is enough for a flat row (0.1 us); where it is not, the value is encoded again and its
colons are counted, and only a body that differs there is read once more, slowly, to name the key.
Bodies with colons as escapes are read that way too.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np

from mulle.verbs.serve.http.errors import HTTPError
from mulle.verbs.serve.http.limits import MAX_DEPTH, MAX_KEYS, MAX_PARTS, off_loop
from mulle.verbs.serve.http.request import Request

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_KEY_BYTES = 4  # that a key takes at least, with its colon
_KEY_ENDS = (b'":', b" :", b"\n:", b"\t:", b"\r:")
_NESTED = (dict, list)
_SHOWN = 200  # characters of a decoder's own message
_SLICE = 1 << 20  # bytes that are looked at while the interpreter's lock is held
_QUOTE, _BACKSLASH, _N = b'"\\N'


async def read_json_body(
    request: Request, into: Any = None, *, broken: str = "json-broken", nan: bool = False
) -> Any:
    """Read the body of a request as JSON; see `decode_json`."""
    body = await request.body()
    return await off_loop(len(body), decode_json, body, into, broken=broken, nan=nan)


def decode_json(
    body: bytes, into: Any = None, *, broken: str = "json-broken", nan: bool = False
) -> Any:
    """Decode JSON.

    Args:
        body: the text, in UTF-8.
        into: type of the result, as msgspec knows types; None for plain values.
        broken: code of the error for what is no JSON, or not of that type.
        nan: whether the word NaN stands for null; it is not JSON, but clients write it.

    Raises:
        HTTPError: it is broken, of another type, nested too deeply, or has a key twice (400), or
            it holds too many lists, objects or keys (413).
    """
    if nan and b"NaN" in body:
        body = nan_to_null(body)
    opened = _check_parts(body)
    try:
        value = _decode(body)
    except RecursionError:
        raise HTTPError(400, "json-nested", limit=MAX_DEPTH) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HTTPError(400, broken, error=str(error)[:_SHOWN]) from None
    if opened > MAX_DEPTH:
        _check_depth(value)
    refuse_duplicates(body, value)
    if into is None:
        return value
    try:
        return msgspec.convert(value, into)
    except msgspec.ValidationError as error:
        raise HTTPError(400, broken, error=str(error)[:_SHOWN]) from None


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
    if keeps_all_keys(body, value):
        return
    try:
        json.loads(body, object_pairs_hook=_check_keys)
    except (ValueError, RecursionError):
        return  # msgspec has read it; whatever else json refuses is no duplicate


def keeps_all_keys(body: bytes, value: Any) -> bool:
    """Tell whether it is certain that a decoded value has lost no key of its body."""
    colons = body.count(b":")
    if not colons or (type(value) is dict and colons == len(value)):
        return True
    return colons == _encode(value).count(b":") and b"\\u003" not in body


def _check_parts(body: bytes) -> int:
    """Refuse what would take much more memory than it has bytes; return how many lists open.

    Brackets in strings count too, and a key may hold one; so the counts are bounds.
    """
    opened = body.count(b"{") + body.count(b"[")
    if opened > MAX_PARTS:
        raise HTTPError(413, "json-parts", count=opened, limit=MAX_PARTS)
    if len(body) > MAX_KEYS * _KEY_BYTES:
        for part in body.split(b"{"):
            keys = sum(map(part.count, _KEY_ENDS)) if len(part) > MAX_KEYS * _KEY_BYTES else 0
            if keys > MAX_KEYS:
                raise HTTPError(413, "json-keys", count=keys, limit=MAX_KEYS)
    return opened


def _check_depth(value: Any) -> None:
    """Refuse lists and objects in too many others; each of them is looked at once."""
    level = [value] if type(value) in _NESTED else []
    for _ in range(MAX_DEPTH):
        if not level:
            return
        cells = (part.values() if type(part) is dict else part for part in level)
        level = [cell for row in cells for cell in row if type(cell) in _NESTED]
    if level:
        raise HTTPError(400, "json-nested", limit=MAX_DEPTH)


def nan_to_null(body: bytes) -> bytes:
    r"""Return JSON with null for the word NaN, but where it stands in a string.

    >>> nan_to_null(b'{"NaN": [NaN, "a \\" NaN", NaN]}')
    b'{"NaN": [null, "a \\" NaN", null]}'
    """
    if b"\0" in body:  # no JSON, whatever else it holds
        return body
    return _hide_words(body).replace(b"NaN", b"null").replace(b"\0", b"N")


def _hide_words(body: bytes) -> bytes:
    """Return text with a zero for each N in a string."""
    parts: list[bytes] = []
    inside = escaped = False
    for begin in range(0, len(body), _SLICE):
        text = np.frombuffer(body, np.uint8, min(_SLICE, len(body) - begin), begin)
        quotes, slashes = text == _QUOTE, np.flatnonzero(text == _BACKSLASH)
        if escaped:  # by the last byte of the slice before
            quotes[0], slashes = False, slashes[slashes > 0]
        # In a row of backslashes each second one is escaped, and escapes nothing.
        first = np.maximum.accumulate(np.where(np.diff(slashes, prepend=-2) != 1, slashes, 0))
        after = slashes[(slashes - first) % 2 == 0] + 1
        escaped = len(after) > 0 and bool(after[-1] == len(text))
        quotes[after[after < len(text)]] = False
        within = np.logical_xor.accumulate(quotes) ^ inside
        inside = bool(within[-1])
        parts.append(np.where(within & (text == _N), np.uint8(0), text).tobytes())
    return b"".join(parts)


def _check_keys(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise HTTPError(400, "json-duplicate-key", name=key[:100])
        seen.add(key)
