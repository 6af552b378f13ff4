"""Every resource that is sent rows refuses every kind of excess, with one status and at once.

The resources come from the table of routes. A new one whose body has a new schema fails here until
it is said how rows are sent to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.attacks.conftest import GOLDEN
from tests.attacks.serving import HANG, ROW, Target, watched

from mulle.verbs.serve.app import Application
from mulle.verbs.serve.http.limits import MAX_DEPTH, MAX_KEYS, MAX_PARTS, MAX_ROW_BYTES
from mulle.verbs.serve.http.operation import CSV, JSON, NDJSON
from mulle.verbs.serve.settings import Settings

MAX_ROWS, MAX_BODY = 50, 2  # rows and megabytes of the server below
Rows = list[dict[str, Any]]


def tensors(rows: Rows) -> list[dict[str, Any]]:
    """Rows as tensors of the Open Inference Protocol."""
    found = []
    for name in rows[0]:
        data = [row[name] for row in rows]
        sort = "FP64" if isinstance(data[0], int | float) else "BYTES"
        found.append({"name": name, "datatype": sort, "shape": [len(rows)], "data": data})
    return found


def query(rows: Rows) -> dict[str, Any]:
    """Rows as a query of GraphQL, whose names of columns are others."""
    names = {"mileage": "mileage", "city": "city", "first day": "first_day"}
    renamed = [{names.get(k, k): v for k, v in row.items() if '"' not in k} for row in rows]
    text = "query($rows: [BinaryRow!]!) { predict(rows: $rows) { label } }"
    return {"query": text, "variables": {"rows": renamed}}


# How rows are sent, by the schema of a resource's body; None: it is sent no rows.
WRITERS: dict[str, Callable[[Rows], Any] | None] = {
    "rows": lambda rows: rows,
    "infer-request": lambda rows: {"inputs": tensors(rows)},
    "invocation": lambda rows: {"dataframe_records": rows},
    "graphql": query,
    "job-request": lambda rows: {"rows": rows},
    "feedback": lambda rows: [{"prediction_id": "x", "label": 1} for _ in rows],
    "lines": lambda rows: rows,
    "policy": None,
}
# What is not JSON, or not JSON that this server takes: refused before it is looked at.
BODIES: dict[str, tuple[Callable[[], bytes], int]] = {
    "no JSON": (lambda: b'{"a": ', 400),
    "a word": (lambda: b"nothing", 400),
    "two values": (lambda: b"{} {}", 400),
    "a key twice": (lambda: b'{"a":1,"a":2}', 400),
    "a key twice, inside": (lambda: b'{"a":[{"b":{"c":1,"c":2}}]}', 400),
    "a key twice, escaped": (lambda: b'{"a":1,"\\u0061":2}', 400),
    "half a surrogate pair": (lambda: b'{"a":"\\ud800"}', 400),
    "half a surrogate pair in UTF-8": (lambda: b'{"a":"\xed\xa0\x80"}', 400),
    "UTF-16": (lambda: '{"a":1}'.encode("utf-16"), 400),
    "beyond float64": (lambda: b'{"a":1e400}', 400),
    "a million digits": (lambda: b'{"a":' + b"9" * 1_000_000 + b"}", 400),
    "deep": (lambda: b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}", 400),
    "very deep": (lambda: b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", 400),
    "deep objects": (lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400),
    "many lists": (lambda: b"[" + b"[]," * MAX_PARTS + b"[]]", 413),
    "many objects": (lambda: b'{"rows":[' + b"{}," * MAX_PARTS + b"{}]}", 413),
    "many keys": (lambda: many_keys(), 413),
    "large": (lambda: b'{"a":"' + b"x" * (MAX_BODY << 20) + b'"}', 413),
}


def many_keys() -> bytes:
    """An object of more keys than one may have."""
    return b"{" + b",".join(b'"%x" :1' % n for n in range(MAX_KEYS + 1)) + b"}"


ROWS: dict[str, tuple[Callable[[], Rows], int]] = {
    "many rows": (lambda: [ROW] * (MAX_ROWS + 1), 413),
    "many columns": (lambda: [{**ROW, **{f"k{n}": 1 for n in range(1_100)}}] * 2, 422),
    "many columns in one row": (lambda: [{**ROW, **{f"k{n}": 1 for n in range(1_100)}}], 422),
}
FREE = {  # what a schema has no limit for: lines and jobs may go on, and GraphQL names its columns
    ("lines", "many rows"), ("job-request", "many rows"), ("job-request", "many columns"),
    ("job-request", "many columns in one row"), ("feedback", "many columns"),
    ("feedback", "many columns in one row"), ("graphql", "many columns"),
    ("graphql", "many columns in one row"),
}  # fmt: skip


def resources() -> Iterator[tuple[str, str, str, str]]:
    """Method, path, media type and schema of each body that needs a key and is read."""
    app = Application(Settings(models=(str(GOLDEN),), state_dir=Path("never-made")))
    for route in app.routes:
        path = route.path.replace("{model}", "binary").replace("{version}", "latest")
        for media, schema in route.operation.body.items():
            if route.scope and media in (JSON, NDJSON) and schema != "anything":
                yield route.method, path, media, schema


RESOURCES = [one for one in resources() if "{" not in one[1] and "/versions/" not in one[1]]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server whose limits are soon reached."""
    limits = {"max_rows": MAX_ROWS, "max_body": MAX_BODY}
    server = Target(tmp_path_factory.mktemp("gate"), limits=limits)
    yield server
    server.stop()


def status(target: Target, method: str, path: str, media: str, body: bytes) -> int:
    """Status of an answer, which comes at once; in a stream that of the first row's error."""
    with target.timed() as spent:
        answer = target.ask(method, path, body, content_type=media)
    assert not spent.is_slow, spent
    if answer.status == 200 and path == "/graphql":
        error = answer.json().get("errors", [{"extensions": {}}])[0]["extensions"]
    elif answer.status == 200 and media == NDJSON:
        error = json.loads(answer.body.splitlines()[0]).get("error", {})
    else:
        return int(answer.status)
    return INSIDE.get(error.get("code", ""), 200)


INSIDE = {  # statuses of errors that stand inside an answer, as GraphQL and streams have it
    "rows-many": 413,
    "json-broken": 400, "json-duplicate-key": 400, "json-nested": 400, "json-parts": 413,
    "json-keys": 413, "line-large": 413, "row-wide": 422, "row-not-record": 400,
}  # fmt: skip


def test_every_schema_of_a_body_is_known_here() -> None:
    schemas = {schema for _, _, _, schema in RESOURCES}
    assert schemas == WRITERS.keys()
    assert len(RESOURCES) >= 10


@pytest.mark.parametrize("kind", BODIES)
def test_bodies(target: Target, kind: str) -> None:
    make, expected = BODIES[kind]
    body = make()
    assert len(body) < MAX_ROW_BYTES * 2 or kind == "large"
    found = {}
    with watched(target) as health:
        for method, path, media, schema in RESOURCES:
            is_line = schema == "lines" and len(body) > MAX_ROW_BYTES
            expected = 413 if is_line else BODIES[kind][1]
            got = status(target, method, path, media, body)
            if got != expected:
                found[path] = got
    assert found == {}
    assert max(health, default=0) < HANG
    assert target.faults() == []


@pytest.mark.parametrize("kind", ROWS)
def test_rows(target: Target, kind: str) -> None:
    make, expected = ROWS[kind]
    found = {}
    for method, path, media, schema in RESOURCES:
        write = WRITERS[schema]
        if write is None or (schema, kind) in FREE:
            continue
        value = write(make())
        body = json.dumps(value).encode()
        if media == NDJSON:
            body = b"".join(json.dumps(row).encode() + b"\n" for row in value)
        got = status(target, method, path, media, body)
        if got != expected:
            found[path] = got
    assert found == {}
    assert target.faults() == []


@pytest.mark.parametrize("kind", ["many rows", "many columns in one row"])
def test_rows_as_csv(target: Target, kind: str) -> None:
    make, expected = ROWS[kind]
    rows = make()
    lines = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    body = "\n".join(",".join(line).replace('"', "") for line in lines).encode()
    for path in ("/predict", "/invocations"):
        got = status(target, "POST", path, CSV, body)
        assert got == expected, path


def test_a_line_of_csv_has_the_size_of_a_row(target: Target) -> None:
    """It may begin like zlib too, and is not unpacked."""
    head = bytes.fromhex("7801eca3a10c00000004115ecdaeed97a6f0bdadbdca8bec87b16d777727")
    for cell in (head + bytes(1_500_000), b"a" * 1_900_000):
        body = ",".join(name.replace('"', "") for name in ROW).encode() + b"\n" + cell
        with watched(target):
            assert status(target, "POST", "/predict", CSV, body) in (413, 422)
    short = ",".join(name.replace('"', '""') for name in ROW) + "\n1,x^2,2020-01-01,x\x01\n"
    assert status(target, "POST", "/predict", CSV, short.encode()) in (200, 422)
    assert target.faults() == []


def test_nan_is_taken_where_mlflow_writes_it(target: Target) -> None:
    row = json.dumps(ROW | {"mileage": "@", "city": 'NaN \\" NaN'}).replace('"@"', "NaN").encode()
    answer = target.post("/invocations", b'{"dataframe_records":[%b]}' % row,
                         content_type=JSON)  # fmt: skip
    assert answer.status == 200
    for path in ("/predict", "/stream"):
        assert status(target, "POST", path, NDJSON if path == "/stream" else JSON, row) == 400
    for broken in (b'{"a":"NaN', b'{"NaN":"\\', b"NaN" * 300_000, b'"\\"' * 300_000 + b"NaN"):
        assert status(target, "POST", "/invocations", JSON, broken) == 400


@pytest.mark.parametrize("digits", [400, 4_000, 40_000])
def test_a_shape_beyond_every_float_is_refused_in_words(target: Target, digits: int) -> None:
    body = b'{"inputs":[{"name":"mileage","datatype":"FP64","data":[1],"shape":[%b]}]}'
    answer = target.post("/v2/models/binary/infer", body % (b"9" * digits), content_type=JSON)
    assert answer.status in {400, 413} and answer.json()["error"]


def test_a_long_shape_is_refused_at_once(target: Target) -> None:
    shape = b",".join([b"9223372036854775807"] * 30_000)
    body = b'{"inputs":[{"name":"mileage","datatype":"FP64","data":[],"shape":[%b]}]}' % shape
    with watched(target) as health:
        assert status(target, "POST", "/v2/models/binary/infer", JSON, body) == 422
    assert max(health, default=0) < HANG
    body = body.replace(shape, b"0,9223372036854775807")
    said = target.post("/v2/models/binary/infer", body, content_type=JSON).json()["error"]
    assert "[0, 9223372036854775807]" in said


def test_an_output_is_written_once(target: Target) -> None:
    asked = {"inputs": tensors([ROW]), "outputs": [{"name": "label"}] * 1_000}
    answer = target.post("/v2/models/binary/infer", asked)
    assert answer.status == 400 and len(answer.body) < 1_000


def test_a_key_twice_in_columns_of_mlflow(target: Target) -> None:
    split = {"columns": [*ROW, "mileage"], "data": [[*ROW.values(), 1]]}
    assert target.post("/invocations", {"dataframe_split": split}).status == 400


def test_explanations_have_one_limit(target: Target, tmp_path: Path) -> None:
    rows = [ROW] * 1_001
    server = Target(tmp_path)
    try:
        assert server.post("/predict?why", rows).status == 413
        asked = query(rows)
        asked["query"] = asked["query"].replace("label", "label why { column }")
        error = server.post("/graphql", asked).json()["errors"][0]
        assert error["extensions"]["code"] == "rows-many"
    finally:
        server.stop()
