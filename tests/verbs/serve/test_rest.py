"""Plain REST: what is answered is what the bundle predicts."""

import json

import numpy as np
import pytest
from tests.verbs.serve.conftest import ROW, rows

import mulle


def test_one_row(server, bundle):
    answer = server.post("/predict", ROW)
    assert answer.status == 200
    said, model = answer.json(), mulle.load(bundle)
    assert said["label"] == model.predict(ROW)[0]
    assert list(said["probabilities"].values()) == model.predict_proba(ROW)[0].tolist()
    assert (said["model"], len(said["version"])) == ("stays", 8)


def test_many_rows_in_each_form(server, bundle):
    frame = rows(50, seed=1).drop("stays")
    expected = mulle.load(bundle).predict(frame).tolist()
    records = json.loads(frame.write_json())
    forms = {
        "records": json.dumps(records).encode(),
        "rows": json.dumps({"rows": records}).encode(),
    }
    for body in forms.values():
        answers = server.post("/predict", body, content_type="application/json").json()
        assert [a["label"] for a in answers["predictions"]] == expected
    answers = server.post("/predict", frame.write_csv().encode(), content_type="text/csv").json()
    assert [a["label"] for a in answers["predictions"]] == expected


def test_a_value(start, regression):
    server = start(regression)
    row = {k: v for k, v in ROW.items() if k != "income"}
    said = server.post("/predict", row).json()
    assert said["value"] == mulle.load(regression).predict(row)[0]


def test_why(server, bundle):
    said = server.post("/predict?why", ROW).json()
    expected = mulle.load(bundle).explain(ROW)[0]
    assert [part["column"] for part in said["why"]] == [
        part.column for part in expected.contributions
    ]
    assert np.allclose(
        [p["change"] for p in said["why"]], [p.change for p in expected.contributions]
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [("/models/stays/predict", 200), ("/models/other/predict", 404),
     ("/models/stays/versions/9/predict", 404), ("/nowhere", 404)],
)  # fmt: skip
def test_names(server, path, status):
    assert server.post(path, ROW).status == status


def test_what_is_served(server):
    assert server.get("/models").json()["models"][0]["columns"][0]["name"] == "나이"
    assert server.post("/models", {}).status == 405
    assert server.post("/models", {}).headers["allow"] == "GET"


MISTAKES = {
    "broken": (b'{"a": ', 400, "json-broken"),
    "empty": (b"", 400, "json-broken"),
    "not UTF-8": (b'{"city": "\xff"}', 400, "json-broken"),
    "NaN": (b'{"income": NaN}', 400, "json-broken"),
    "deep": (b"[" * 100_000, 400, "json-nested"),
    "a number": (b"3", 422, "rows-none"),
    "rows that are none": (b"[1, 2]", 422, "row-not-record"),
    "a missing column": (b'{"city": "a"}', 422, "column-missing"),
    "text for a number": (json.dumps(ROW | {"income": "viel"}).encode(), 422, "value-unreadable"),
    "a list for a number": (json.dumps(ROW | {"income": [1]}).encode(), 422, "value-unreadable"),
}


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_mistakes_of_the_caller(server, name, lang):
    body, status, code = MISTAKES[name]
    answer = server.post(
        "/predict", body, content_type="application/json", accept_language=f"{lang};q=1"
    )
    error = answer.json()["error"]
    assert (answer.status, error["code"]) == (status, code)
    assert (error["fix"][-2] in "요다세") == (lang == "ko")  # 하세요.
    if code == "value-unreadable":
        assert (error["row"], error["column"]) == (1, "income")
    assert server.post("/predict", ROW).status == 200


def test_unknown_bodies(server):
    assert server.post("/predict", b"x", content_type="image/png").status == 415


@pytest.mark.parametrize("path", ["/etc/hostname", "pyproject.toml", "../x.csv"])
def test_a_body_is_never_the_name_of_a_file(server, path):
    answer = server.post("/predict", path.encode(), content_type="text/csv")
    assert (answer.status, answer.json()["error"]["code"]) == (422, "column-missing")


@pytest.mark.parametrize("path", ["/predict", "/predict?why"])
@pytest.mark.parametrize("rows", [{}, [{}], [{}, {}], {"rows": [{}]}])
def test_rows_that_name_no_column_are_refused(server, path, rows):
    answer = server.post(path, rows)
    assert (answer.status, answer.json()["error"]["code"]) == (422, "rows-empty")
