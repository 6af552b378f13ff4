"""Rows that are not what they seem: refused, or answered and told of."""

import json

import pytest
from tests.verbs.serve.conftest import ROW

from mulle.verbs.serve.http import HTTPError
from mulle.verbs.serve.http.strict_json import decode_json


def written(column, value):
    """A row in JSON with one value as it stands."""
    return json.dumps(ROW | {column: "@"}).replace('"@"', value).encode()


@pytest.mark.parametrize(
    "body",
    [b'{"a":1,"a":1}', b'{"a" :1,"b":{"c":1,"c":2}}', b'[{"a":1},{"a":1,"\\u0061":2}]',
     b'{"a":"\\u003a","a":":"}', b'{"a":"\\u003A:","b":1,"b":2}', '{"나이":1,"나이":2}'.encode(),
     b'{"rows":[{"a":1,"b":2,"a":3}]}', b'{"":1,"":2}'],
)  # fmt: skip
def test_keys_that_come_twice(body):
    with pytest.raises(HTTPError) as caught:
        decode_json(body)
    assert caught.value.code == "json-duplicate-key"


@pytest.mark.parametrize(
    "value",
    [{}, [], 3, {"a": "x:y::"}, {"a": ["b:", {"c": ":"}]}, [{"a": 1}, {"a": 1}], {":": ":"},
     {"a": 'q"": :', "t": "12:30:00"}],
)  # fmt: skip
@pytest.mark.parametrize("ascii", [True, False])
def test_keys_that_come_once(value, ascii):
    assert decode_json(json.dumps(value, ensure_ascii=ascii, indent=1).encode()) == value
    escaped = json.dumps(value).replace(":y", "\\u003ay").encode()
    assert decode_json(escaped) == value


DEEP = "[" * 900 + "]" * 900
REFUSED = {
    "beyond float64": (written("income", "1e400"), 400),
    "an integer of 5,000 digits": (written("income", "1" * 5_000), 400),
    "NaN": (written("income", "NaN"), 400),
    "-Infinity": (written("income", "-Infinity"), 400),
    "half a surrogate pair": (written("city", '"\\ud800"'), 400),
    "a surrogate in UTF-8": (written("city", '"@"').replace(b"@", b"\xed\xa0\x80"), 400),
    "NUL in a number": (written("income", '"1\\u0000"'), 422),
    "deep, for a number": (written("income", DEEP), 400),
    "deep, for text, in a list": (b"[" + written("city", DEEP) + b"]", 400),
    "not so deep, for a number": (written("income", "[" * 9 + "]" * 9), 422),
    "100,000 deep": (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    "100,000 objects deep": (b'{"a":' * 100_000, 400),
    "100,000 columns": (json.dumps({f"k{i}": 1 for i in range(100_000)}).encode(), 422),
    "a thousand spellings": (
        json.dumps(
            {f"{i:b}a".replace("0", " ").replace("1", "\t"): 1 for i in range(999)}
        ).encode(),
        422,
    ),
    "a gap in a list": (json.dumps([ROW, {}]).encode(), 422),
    "a byte order mark": (b"\xef\xbb\xbf" + json.dumps(ROW).encode(), 400),
    "UTF-16": (json.dumps(ROW).encode("utf-16"), 400),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(server, name):
    body, status = REFUSED[name]
    assert server.post("/predict", body, content_type="application/json").status == status
    assert server.post("/predict", ROW).status == 200


@pytest.mark.parametrize(
    "value", ['"a\\u0000b"', '"\\u0000"', f'"{"x" * 100_000}"', "5", "[" * 9 + "]" * 9]
)
def test_odd_text_is_a_value_never_seen(server, value):
    answer = server.post("/predict", written("city", value), content_type="application/json")
    assert answer.status == 200
    (warning,) = answer.json()["warnings"]
    assert (warning["code"], warning["column"], warning["row"]) == ("value-unseen", "city", 1)


def test_a_body_is_never_a_path(server, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(",".join(ROW) + "\n" + ",".join(map(str, ROW.values())), encoding="utf-8")
    for body in (str(secret), "/etc/passwd", str(tmp_path / "none.csv")):
        answer = server.post("/predict", body.encode(), content_type="text/csv")
        assert answer.status == 422
        assert "root:" not in answer.body.decode()
        assert answer.json()["error"]["code"] == "column-missing"


def test_warnings(server):
    assert "warnings" not in server.post("/predict", ROW | {"city": " 서울 "}).json()
    assert "warnings" not in server.post("/predict", ROW | {"city": None}).json()
    said = server.post("/predict", ROW | {"city": "Paris", "extra": 1}).json()
    assert said["warnings"] == [
        {"code": "column-ignored", "column": "extra"},
        {"code": "value-unseen", "column": "city", "row": 1, "received": "Paris"},
    ]
    rows = [ROW, ROW | {"city": "Paris"}, ROW, ROW | {"city": "Paris"}, ROW | {"a": 1}]
    said = server.post("/predict", rows).json()
    assert len(said["predictions"]) == 5
    assert [(w["code"], w.get("row")) for w in said["warnings"]] == [
        ("value-unseen", 2), ("column-ignored", None)
    ]  # fmt: skip
    many = [ROW | {f"k{i}": 1} for i in range(500)]
    assert len(server.post("/predict", many).json()["warnings"]) == 100


def test_no_warnings(start, bundle):
    server = start(bundle, server={"warnings": False})
    assert "warnings" not in server.post("/predict", ROW | {"city": "Paris"}).json()
