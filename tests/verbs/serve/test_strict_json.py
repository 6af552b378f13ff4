"""NaN for null, as some clients write it: in one pass, and never inside a string."""

import json
import random
import re
import time

import pytest

from mulle.verbs.serve.http import HTTPError, strict_json
from mulle.verbs.serve.http.strict_json import decode_json, nan_to_null

_WORD = re.compile(rb'"(?:[^"\\]|\\.?)*+(?:"|\Z)|NaN', re.DOTALL)  # a string, or the word
PIECES = [b'"', b"\\", b"NaN", b"N", b"a", b",", b'\\"', b"\\\\", "가".encode(), b"{", b"NaNaN"]


def by_regex(body):
    """The same, by a pattern that looks at one string after the other."""
    return _WORD.sub(lambda found: b"null" if found[0] == b"NaN" else found[0], body)


def is_json(body):
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1 << 20])
def test_the_word_is_found_where_a_pattern_finds_it(monkeypatch, size):
    monkeypatch.setattr(strict_json, "_SLICE", size)
    chance = random.Random(size)
    for _ in range(2_000):
        body = b"".join(chance.choices(PIECES, k=chance.randint(1, 12)))
        expected, found = by_regex(body), nan_to_null(body)
        if found != expected:  # backslashes outside strings: no JSON, either way
            assert not is_json(found) and not is_json(expected)


def test_a_large_body_of_it_is_read_at_once():
    count = 2_000_000
    begun = time.process_time()
    value = decode_json(b'{"instances":[' + b"NaN," * count + b"NaN]}", nan=True)
    assert value == {"instances": [None] * (count + 1)}
    assert time.process_time() - begun < 1.0
    with pytest.raises(HTTPError):
        decode_json(b'{"a":"\0NaN"}', nan=True)
