"""MLflow's scoring endpoints: what they answer is what the bundle's MLflow flavor answers."""

import json

import pytest
from tests.verbs.serve.conftest import ROW, rows
from tests.verbs.serve.odd import odd_rows

import mulle
from mulle.bundle.exports.mlflow import PyFunc

NAMES, CELLS = list(ROW), list(ROW.values())


def forms(records):
    names = list(records[0])
    return {
        "dataframe_split": {"columns": names, "data": [list(r.values()) for r in records]},
        "dataframe_records": records,
        "instances": records,
        "inputs": {name: [record[name] for record in records] for name in names},
    }


@pytest.mark.parametrize("count", [1, 2, 40])
@pytest.mark.parametrize("form", ["dataframe_split", "dataframe_records", "instances", "inputs"])
def test_odd_rows_are_answered_as_the_flavor_answers(server, bundle, count, form):
    model, records = odd_rows(bundle, count, seed=count)
    flavor, sent = PyFunc(model), {form: forms(records)[form]}
    said = server.post("/invocations", sent).json()
    assert said == {"predictions": flavor.predict(records).tolist()}
    said = server.post("/models/stays/invocations", sent | {"params": {"proba": True}}).json()
    assert said == {"predictions": flavor.predict(records, {"proba": True}).tolist()}


def test_values(start, regression):
    server = start(regression)
    model, records = odd_rows(regression, 3)
    for sent in ({"dataframe_records": records}, {"inputs": records, "params": {"proba": True}}):
        said = server.post("/invocations", sent).json()
        assert said == {"predictions": model.predict(records).tolist()}


def test_nan_as_the_client_of_mlflow_writes_it_is_missing(server, bundle):
    body = json.dumps({"inputs": [ROW | {"income": float("nan")}] * 2}).encode()
    said = server.post("/invocations", body, content_type="application/json").json()
    expected = mulle.load(bundle).predict([ROW | {"income": None}] * 2).tolist()
    assert said == {"predictions": expected}


def test_csv(server, bundle):
    frame = rows(40, seed=3).drop("stays")
    said = server.post("/invocations", frame.write_csv().encode(), content_type="text/csv")
    assert said.json() == {"predictions": mulle.load(bundle).predict(frame).tolist()}


def test_one_row_of_bare_values_and_no_rows(server, bundle):
    assert server.post("/invocations", {"inputs": ROW}).json() == {
        "predictions": mulle.load(bundle).predict(ROW).tolist()
    }
    assert server.post("/invocations", {"dataframe_records": []}).json() == {"predictions": []}


def test_ping_and_version(server):
    assert (server.get("/ping").status, server.get("/ping").body) == (200, b"\n")
    assert server.get("/version").body.decode() == mulle.__version__


def test_what_mlflow_ignores_is_ignored(server):
    split = {"columns": NAMES, "data": [CELLS], "index": [7]}
    sent = {"dataframe_split": split, "params": {"other": 1}, "note": "x"}
    assert server.post("/invocations", sent).status == 200


MISTAKES = {
    "broken": (b'{"inputs": [', 400),
    "empty": (b"", 400),
    "a list": ([ROW], 400),
    "no form": ({}, 400),
    "two forms": ({"inputs": [ROW], "instances": [ROW]}, 400),
    "NaN for a row": (b'{"inputs": [NaN]}', 422),
    "infinity": (b'{"inputs": [Infinity]}', 400),
    "broken after NaN": (b'{"inputs": [NaN}', 400),
    "deep after NaN": (b'{"params": NaN, "inputs": ' + b"[" * 100_000, 400),
    "deep": (b'{"inputs": ' + b"[" * 100_000, 400),
    "not UTF-8": (b'{"inputs": "\xff"}', 400),
    "split without columns": ({"dataframe_split": {"data": [CELLS]}}, 400),
    "split with more": ({"dataframe_split": {"columns": NAMES, "data": [], "x": 1}}, 400),
    "split of other things": ({"dataframe_split": {"columns": 3, "data": 4}}, 400),
    "split of single cells": ({"dataframe_split": {"columns": NAMES, "data": CELLS}}, 400),
    "ragged rows": ({"dataframe_split": {"columns": NAMES, "data": [CELLS, [1]]}}, 422),
    "ragged columns": ({"inputs": {"나이": [1, 2], "city": ["a"]}}, 422),
    "columns and values": ({"inputs": {"나이": [1], "city": "a"}}, 422),
    "rows without names": ({"instances": [CELLS]}, 422),
    "a number": ({"inputs": 3}, 422),
    "nothing": ({"inputs": None}, 422),
    "empty columns": ({"inputs": {}}, 422),
    "rows without columns": ({"dataframe_split": {"columns": [], "data": [[], []]}}, 422),
    "empty records": ({"dataframe_records": [{}, {}]}, 422),
    "records that are none": ({"dataframe_records": [1]}, 400),
    "a missing column": ({"dataframe_records": [{"city": "a"}]}, 422),
    "text for a number": ({"dataframe_records": [ROW | {"income": "viel"}]}, 422),
    "probabilities, perhaps": ({"inputs": [ROW], "params": {"proba": "yes"}}, 400),
    "params that are none": ({"inputs": [ROW], "params": 3}, 400),
}


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_mistakes_of_the_caller(server, name, lang):
    body, status = MISTAKES[name]
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = server.post(
        "/invocations", body, content_type="application/json", accept_language=lang
    )
    assert answer.status == status, answer.body
    said = answer.json()
    assert set(said) == {"error_code", "message"}
    assert (said["message"][-2] in "요다") == (lang == "ko")


def test_other_mistakes(server):
    assert server.post("/invocations", b"x", content_type="image/png").status == 415
    assert server.post("/invocations", b"\xff\xfe", content_type="text/csv").status == 422
    said = server.post("/models/other/invocations", {"inputs": [ROW]})
    assert (said.status, said.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    answer = server.post("/invocations", b"a,b\n1", content_type="text/csv")
    assert (answer.status, answer.json()["error_code"]) == (422, "INVALID_PARAMETER_VALUE")
