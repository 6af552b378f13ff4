"""What may be read in two ways is refused in words, or read in the one way that it says."""

from __future__ import annotations

import io
import json
import os
import struct
import time
from pathlib import Path

import polars as pl
import pytest
from tests.verbs.serve.conftest import ROW, Server
from tests.verbs.serve.raw import raw, statuses, talks

CSV = pl.DataFrame([ROW]).write_csv()
PARQUET = "application/vnd.apache.parquet"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder with links in a circle."""
    folder = tmp_path_factory.mktemp("data")
    if os.name != "nt":
        (folder / "circle.csv").symlink_to("circle.csv")
    return folder


@pytest.fixture(scope="module")
def server(bundle, folder):
    """A server with a data folder, which the tests share."""
    shared = Server(Path(bundle), cwd=folder, jobs={"data_dir": folder})
    yield shared
    shared.stop()


def code(answer):
    return answer.status, answer.json()["error"]["code"]


def ended(server, answer):
    assert answer.status == 202, answer.body
    until = time.monotonic() + 30
    while not (job := server.get(f"/jobs/{answer.json()['id']}").json())["ended"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    return job


@pytest.mark.parametrize("path", ["/predict", "/invocations"])
def test_lines_that_end_with_returns_alone(server, path):
    expected = server.post(path, CSV.encode(), content_type="text/csv").json()["predictions"]
    found = server.post(path, CSV.replace("\n", "\r").encode(), content_type="text/csv")
    assert found.json()["predictions"] == expected
    assert len(expected) == 1


@pytest.mark.parametrize("charset", ["cp949", "UTF-16", '"latin-1"', "x-none"])
def test_csv_that_names_another_charset_is_not_read_as_utf8(server, charset):
    named = f"text/csv; header=present; charset={charset}"
    assert code(server.post("/predict", CSV.encode(), content_type=named)) == (415, "media-charset")
    assert server.post("/invocations", CSV.encode(), content_type=named).status == 415
    utf8 = 'text/csv; Charset="UTF-8"'
    assert server.post("/predict", CSV.encode(), content_type=utf8).status == 200


def infer(server, data=None, tail=b"", outputs=None, parameters=None):
    inputs = [
        {"name": name, "shape": [1], "datatype": "BYTES" if isinstance(cell, str) else "FP64",
         "data": [cell]}
        for name, cell in ROW.items()
    ]  # fmt: skip
    if tail:
        number = next(one for one in inputs if one["datatype"] == "FP64")
        number["data"], number["parameters"] = data, {"binary_data_size": len(tail)}
    asked = {"inputs": inputs, "outputs": outputs, "parameters": parameters}
    head = json.dumps(asked).encode()
    named = {"inference_header_content_length": str(len(head))}
    return server.post("/v2/models/stays/infer", head + tail, **named)


def test_a_tensor_has_its_values_in_one_place(server):
    assert infer(server, None, struct.pack("<d", 31)).status == 200
    refused = infer(server, [31], struct.pack("<d", 32))
    assert refused.status == 400
    assert "both data and binary_data_size" in refused.json()["error"]


@pytest.mark.parametrize("value", ["false", "true", 0, 1, [], None])
def test_whether_outputs_are_bytes_is_true_or_false(server, value):
    wanted = [{"name": "label", "parameters": {"binary_data": value}}]
    assert infer(server, outputs=wanted).status == 400
    assert infer(server, parameters={"binary_data_output": value}).status == 400
    assert infer(server, outputs=[{"name": "label", "parameters": {"binary_data": False}}]).json()


@pytest.mark.parametrize("name", ["hex", "rot13", "undefined", "none", "%00", "base64"])
def test_the_encoding_of_a_job_is_one_of_text(server, name):
    answer = server.post(f"/jobs?encoding={name}", CSV.encode(), content_type="text/csv")
    assert code(answer) == (422, "job-request")
    assert "utf-8" in answer.json()["error"]["message"]


@pytest.mark.parametrize("query", ["skip=99999999999999999999", "header=99999999999999999999"])
def test_no_file_has_so_many_rows_above_its_own(server, query):
    answer = server.post(f"/jobs?{query}", CSV.encode(), content_type="text/csv")
    assert code(answer) == (422, "job-request")


def test_a_file_beside_a_path_is_refused(server):
    answer = server.post("/jobs?path=rows.csv", CSV.encode(), content_type="text/csv")
    assert code(answer) == (422, "job-rows")


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_links_in_a_circle_are_no_file(server):
    assert code(server.post("/jobs", {"path": "circle.csv"})) == (422, "job-path")


def test_the_same_bytes_as_another_type_are_another_job(server):
    key = {"idempotency_key": "once"}
    first = server.post("/jobs", CSV.encode(), content_type="text/csv", **key)
    again = server.post("/jobs", CSV.encode(), content_type="text/csv", **key)
    assert first.json()["id"] == again.json()["id"]
    other = server.post("/jobs", CSV.encode(), content_type="application/x-ndjson", **key)
    assert code(other) == (422, "job-key")


def test_a_key_given_twice_in_a_line_of_a_job(server):
    twice = json.dumps(ROW, ensure_ascii=False)[:-1] + ', "city": "x"}\n'
    job = ended(server, server.post("/jobs", twice.encode(), content_type="application/x-ndjson"))
    assert (job["status"], job["error"]["code"]) == ("failed", "json-key-twice")


def test_a_small_parquet_file_of_a_large_text_in_many_rows(server):
    """A dictionary holds the text once; the model would be given it for each row."""
    rows = pl.DataFrame([ROW | {"city": "A" * 1_000_000}] * 400)
    file = io.BytesIO()
    rows.write_parquet(file, compression="zstd")
    assert len(file.getvalue()) < 100_000
    job = ended(server, server.post("/jobs", file.getvalue(), content_type=PARQUET))
    assert (job["status"], job["error"]["code"]) == ("failed", "job-text-large")


@pytest.mark.parametrize("target", ["/predict", "/", "http://evil.example/"])
def test_connect_is_refused_once(server, target):
    sent = f"CONNECT {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    assert statuses(raw(server, sent)) == [400]
    assert talks(server)
