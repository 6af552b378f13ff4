"""Whether an object of a JSON body has a key twice, of which a decoder would silently keep one.

A body in which no key is lost has a colon for each key that was decoded, and those in its strings.
So one count tells for a flat row (0.1 us); where that is not enough, the value is written again and
its colons are counted, and only a body that differs there is read once more, slowly, to name the
key. Colons that are written as escapes go that way too.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from mulle.verbs.serve.http import HTTPError

_encode = msgspec.json.Encoder().encode


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
        json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return  # it was read already; what this reader minds more is no duplicate


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise HTTPError(400, "json-duplicate-key", name=key[:100])
        seen.add(key)
