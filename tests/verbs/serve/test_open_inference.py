"""Open Inference Protocol v2 over REST: every answer is the bundle's, every mistake a 4xx."""

import json
import struct
from datetime import datetime

import numpy as np
import pytest
from tests.verbs.serve.conftest import ROW
from tests.verbs.serve.odd import odd_rows, tensors

import mulle

INFER = "/v2/models/stays/infer"


def column(name, values, datatype="FP64", **more):
    return {"name": name, "datatype": datatype, "shape": [len(values)], "data": values, **more}


def one_row(**changed):
    usual = {
        "나이": column("나이", [31.0]),
        "city": column("city", ["서울"], "BYTES"),
        "joined": column("joined", ["2024-03-01"], "BYTES"),
        "income": column("income", [420.5]),
    }
    return list((usual | changed).values())


def output(said, name):
    return next(o for o in said["outputs"] if o["name"] == name)


def test_the_server_and_its_models(server, bundle):
    assert server.get("/v2").json()["name"] == "mulle"
    assert server.get("/v2/health/live").json() == {"live": True}
    assert server.get("/v2/health/ready").json()["ready"] is True
    said = server.get("/v2/models/stays").json()
    assert (said["platform"], len(said["versions"])) == ("onnx_onnxv1", 1)
    assert said["inputs"][0] == {"name": "나이", "datatype": "FP64", "shape": [-1, 1]}
    assert [o["shape"] for o in said["outputs"]] == [[-1], [-1, 2]]
    version = said["versions"][0]
    assert server.get(f"/v2/models/stays/versions/{version}").json() == said
    assert server.get(f"/v2/models/stays/versions/{version}/ready").json()["ready"] is True
    assert server.get("/v2/models/other/ready").status == 404
    index = server.post("/v2/repository/index", {}).json()
    assert index == [{"name": "stays", "version": version, "state": "READY", "reason": ""}]


@pytest.mark.parametrize("count", [1, 2, 40])
@pytest.mark.parametrize("shape", [lambda n: [n], lambda n: [n, 1]])
def test_odd_rows_are_answered_as_the_bundle_answers(server, bundle, count, shape):
    model, records = odd_rows(bundle, count, seed=count)
    said = server.post(INFER, {"id": "7", "inputs": tensors(model, records, shape)}).json()
    assert (said["id"], said["model_name"]) == ("7", "stays")
    assert output(said, "label")["data"] == model.predict(records).tolist()
    probabilities = output(said, "probabilities")
    assert probabilities["shape"] == [count, 2]
    assert np.array_equal(
        np.reshape(probabilities["data"], (count, 2)), model.predict_proba(records)
    )
    assert json.loads(probabilities["parameters"]["labels"]) == ["no", "yes"]


def test_a_regression(start, regression):
    model, records = odd_rows(regression, 5)
    server = start(regression)
    said = server.post("/v2/models/income/infer", {"inputs": tensors(model, records)}).json()
    assert output(said, "value")["shape"] == [5, 1]
    assert output(said, "value")["data"] == model.predict(records).tolist()
    assert server.get("/v2/models/income").json()["outputs"] == [
        {"name": "value", "datatype": "FP64", "shape": [-1, 1]}
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"나이": column("나이", [31], "INT64")},
        {"나이": column("나이", [31], "UINT8")},
        {"나이": column("나이", ["31"], "BYTES")},
        {"나이": column("나이", [[31.0]], shape=[1, 1])},
        {"joined": column("joined", ["2024-03-01"], "BYTES",
                          parameters={"content_type": "datetime"})},
        {"joined": column("joined", [int(datetime(2024, 3, 1).timestamp()) * 10**6], "INT64")},
        {"extra": column("extra", [True], "BOOL")},
    ],
)  # fmt: skip
def test_datatypes_that_mean_the_same(server, bundle, changed):
    asked = {"inputs": one_row(**changed), "parameters": {"content_type": "pd"}}
    said = server.post(INFER, asked).json()
    assert (
        output(said, "probabilities")["data"] == mulle.load(bundle).predict_proba(ROW)[0].tolist()
    )


@pytest.mark.parametrize("count", [1, 3, 50])
def test_numbers_of_single_precision_mean_the_same_in_json_and_in_bytes(server, bundle, count):
    rows = [ROW | {"income": float(np.float32(420.1))}] * count
    expected = mulle.load(bundle).predict_proba(rows).ravel().tolist()
    inputs = [column(name, [ROW[name]] * count, "BYTES" if type(ROW[name]) is str else "FP64")
              for name in ROW if name != "income"]  # fmt: skip
    said = server.post(INFER, {"inputs": [*inputs, column("income", [420.1] * count, "FP32")]})
    assert output(said.json(), "probabilities")["data"] == expected
    raw = struct.pack(f"<{count}f", *[420.1] * count)
    sent = {"name": "income", "datatype": "FP32", "shape": [count],
            "parameters": {"binary_data_size": len(raw)}}  # fmt: skip
    said = binary(server, {"inputs": [*inputs, sent]}, raw)
    assert output(said.json(), "probabilities")["data"] == expected


def binary(server, asked, raw=b"", header=None):
    head = json.dumps(asked).encode()
    length = str(len(head)) if header is None else header
    return server.post(INFER, head + raw, inference_header_content_length=length)


def as_bytes(tensor):
    """A tensor's head and its bytes."""
    if tensor["datatype"] == "BYTES":
        texts = ["\ue000" if v is None else v for v in tensor["data"]]
        raw = b"".join(struct.pack("<I", len(t.encode())) + t.encode() for t in texts)
    else:
        raw = np.array([np.nan if v is None else v for v in tensor["data"]]).tobytes()
    head = {key: value for key, value in tensor.items() if key != "data"}
    return head | {"parameters": {"binary_data_size": len(raw)}}, raw


@pytest.mark.parametrize("count", [1, 40])
def test_tensors_as_bytes_both_ways(server, bundle, count):
    model, records = odd_rows(bundle, count, seed=9)
    heads, raws = zip(*map(as_bytes, tensors(model, records)), strict=True)
    asked = {"inputs": heads, "parameters": {"binary_data_output": True},
             "outputs": [{"name": "probabilities"},
                         {"name": "label", "parameters": {"binary_data": False}}]}  # fmt: skip
    answer = binary(server, asked, b"".join(raws))
    assert answer.headers["content-type"] == "application/octet-stream", answer.body
    length = int(answer.headers["inference-header-content-length"])
    said, raw = json.loads(answer.body[:length]), answer.body[length:]
    assert [o["name"] for o in said["outputs"]] == ["probabilities", "label"]
    assert said["outputs"][0]["parameters"]["binary_data_size"] == len(raw)
    assert np.array_equal(np.frombuffer(raw).reshape(count, 2), model.predict_proba(records))
    assert said["outputs"][1]["data"] == model.predict(records).tolist()
    both = {"inputs": heads, "parameters": {"binary_data_output": True}}
    answer = binary(server, both, b"".join(raws))
    length = int(answer.headers["inference-header-content-length"])
    label = json.loads(answer.body[:length])["outputs"][0]
    raw = answer.body[length:][: label["parameters"]["binary_data_size"]]
    assert raw[4 : 4 + raw[0]].decode() == model.predict(records)[0]


def test_only_what_is_asked_for(server):
    said = server.post(INFER, {"inputs": one_row(), "outputs": [{"name": "label"}]}).json()
    assert [o["name"] for o in said["outputs"]] == ["label"]
    assert "id" not in said


def test_no_rows(server):
    empty = [{**tensor, "shape": [0, 1], "data": []} for tensor in one_row()]
    said = server.post(INFER, {"inputs": empty}).json()
    assert [o["shape"] for o in said["outputs"]] == [[0], [0, 2]]


MISTAKES = {
    "broken": (b'{"inputs": [', 400),
    "empty": (b"", 400),
    "no inputs": ({}, 400),
    "no tensors": ({"inputs": []}, 422),
    "an input that is none": ({"inputs": [1]}, 400),
    "inputs of rows": ({"inputs": [ROW]}, 400),
    "deep": (b'{"inputs": ' + b"[" * 100_000, 400),
    "not UTF-8": (b'{"id": "\xff"}', 400),
    "half a character": (b'{"inputs": [], "id": "\\ud800"}', 400),
    "NaN": (b'{"inputs": [{"name": "income", "data": [NaN]}]}', 400),
    "a missing column": ({"inputs": one_row()[:2]}, 422),
    "a column twice": ({"inputs": one_row() + one_row()[:1]}, 422),
    "an unknown datatype": ({"inputs": one_row(income=column("income", [1], "FP128"))}, 422),
    "text in numbers": ({"inputs": one_row(income=column("income", ["a"]))}, 422),
    "text that is no number": ({"inputs": one_row(income=column("income", ["a"], "BYTES"))}, 422),
    "a fraction in whole numbers": ({"inputs": one_row(income=column("income", [1.5], "INT64"))},
                                    422),
    "too large for the datatype": ({"inputs": one_row(income=column("income", [300], "UINT8"))},
                                   422),
    "too large for single precision": ({"inputs": one_row(income=column("income", [1e39], "FP32"))},
                                       422),
    "an endless number": (b'{"inputs": [{"name": "income", "datatype": "FP64", "shape": [1],'
                          b' "data": [1e999]}]}', 400),
    "a whole number without end": ({"inputs": one_row(income=column("income", [10**400]))}, 422),
    "a date beyond time": ({"inputs": one_row(joined=column("joined", [2**62], "INT64"))}, 422),
    "no date": ({"inputs": one_row(joined=column("joined", ["2024-02-30"], "BYTES"))}, 422),
    "another length": ({"inputs": one_row(income=column("income", [1.0, 2.0]))}, 422),
    "a matrix": ({"inputs": one_row(income=column("income", [1.0], shape=[1, 1, 1]))}, 422),
    "a negative shape": ({"inputs": one_row(income=column("income", [1.0], shape=[-1]))}, 422),
    "a shape that is not": ({"inputs": one_row(income=column("income", [1.0], shape=[2]))}, 422),
    "a vast shape": ({"inputs": one_row(income=column("income", [1.0], shape=[2**62]))}, 422),
    "data of mixed depth": ({"inputs": one_row(income=column("income", [[1.0], 2.0]))}, 422),
    "an unknown output": ({"inputs": one_row(), "outputs": [{"name": "x"}]}, 400),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_mistakes_of_the_caller(server, name, lang):
    body, status = MISTAKES[name]
    answer = server.post(INFER, body, accept_language=lang)
    error = answer.json()["error"]
    assert (answer.status, type(error)) == (status, str), answer.body
    assert any("가" <= letter <= "힣" for letter in error.replace("나이", "")) == (lang == "ko")
    assert server.post(INFER, {"inputs": one_row()}).status == 200


BYTES_MISTAKES = {
    "too few": (dict(raw=b"1234"), 422),
    "too many": (dict(raw=struct.pack("<dd", 1, 2)), 422),
    "less than said": (dict(raw=b"1", size=8), 400),
    "more than said": (dict(raw=struct.pack("<dd", 1, 2), size=8), 400),
    "a negative size": (dict(raw=b"", size=-1), 400),
    "a size that is none": (dict(raw=b"", size="8"), 400),
    "a header that is none": (dict(header="x"), 400),
    "a header beyond the body": (dict(header="999999"), 400),
    "a header inside the JSON": (dict(header="10"), 400),
    "a negative header": (dict(header="-1"), 400),
    "text cut off": (dict(raw=b"\x05\x00\x00\x00ab", datatype="BYTES"), 422),
    "text that is none": (dict(raw=b"\x02\x00\x00\x00\xff\xfe", datatype="BYTES"), 422),
    "an unknown datatype": (dict(raw=b"12345678", datatype="FP9"), 422),
}


@pytest.mark.parametrize("name", BYTES_MISTAKES)
def test_mistakes_in_bytes(server, name):
    about, status = BYTES_MISTAKES[name]
    raw = about.get("raw", struct.pack("<d", 1.0))
    tensor = {"name": "income", "datatype": about.get("datatype", "FP64"), "shape": [1],
              "parameters": {"binary_data_size": about.get("size", len(raw))}}  # fmt: skip
    answer = binary(server, {"inputs": one_row(income=tensor)}, raw, about.get("header"))
    assert answer.status == status, answer.body
    assert list(answer.json()) == ["error"]


def test_infinity_and_not_a_number_in_bytes_are_missing(server, bundle):
    expected = mulle.load(bundle).predict_proba([ROW | {"income": None}]).ravel().tolist()
    for value in (np.nan, np.inf, -np.inf):
        raw = struct.pack("<d", value)
        tensor = {"name": "income", "datatype": "FP64", "shape": [1],
                  "parameters": {"binary_data_size": 8}}  # fmt: skip
        said = binary(server, {"inputs": one_row(income=tensor)}, raw).json()
        assert output(said, "probabilities")["data"] == expected
