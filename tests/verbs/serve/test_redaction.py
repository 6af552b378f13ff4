"""What is hidden is hidden everywhere: however its name is written, in both logs."""

import io
import logging
import os
import re
import sqlite3
import subprocess
import sys
import time
import unicodedata

import pytest
from tests.verbs.serve.conftest import ROW, Server, write_config

from mulle.verbs.serve import app
from mulle.verbs.serve.monitor import alerts, buckets, monitor, version
from mulle.verbs.serve.redaction import hide_messages
from mulle.verbs.serve.routing import router, shadowing
from mulle.verbs.serve.settings import Settings
from mulle.verbs.watch.log import Redaction, read_log

NFD = unicodedata.normalize("NFD", "나이")


def secrets_of(path):
    """Every secret in a file of the log, as it lies on the disk."""
    text = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))
    return sorted(set(re.findall(rb"SECRET\w+", text)))


def sent(server):
    rows = [
        {**ROW, "city": "SECRETCITY"},
        {**{k: v for k, v in ROW.items() if k != "나이"}, NFD: "7777771"},
        {**ROW, " 나이 ": "7777772", "ssn": "SECRETSSN"},
        {**ROW, "도시": "SECRETKO", "CITY": "SECRETUPPER"},
    ]
    for row in rows:
        assert server.post("/predict", row).status in (200, 422)
    server.post("/predict", rows)
    table = "city,joined,income,ssn,나이\nSECRETCSV,2024-01-01,3,SECRETSSN,4\n"
    server.post("/predict", table.encode(), content_type="text/csv")
    return len(rows)


@pytest.mark.parametrize("unknown", [False, True])
def test_nothing_hidden_reaches_either_log(bundle, tmp_path, monkeypatch, unknown):
    monkeypatch.setenv("MULLE_LOG_SALT", "a long secret")
    log = {"predictions": tmp_path / "log.db", "drop": ["나이"], "hash": ["city"],
           "format": "json", "rows": True, "unknown": unknown}  # fmt: skip
    server = Server(bundle, log=log)
    try:
        sent(server)
    finally:
        printed = server.stop()
    asked = {b"SECRETKO", b"SECRETSSN"} if unknown else set()
    assert set(secrets_of(tmp_path / "log.db")) == asked
    assert set(re.findall(r"SECRET\w+", printed)) == {text.decode() for text in asked}
    assert "777777" not in printed
    rows = read_log(tmp_path / "log.db").rows
    assert not {"나이", NFD, " 나이 "} & set(rows.columns) and "city" in rows.columns
    assert re.search(r'"city":"[0-9a-f]{24}"', printed), "the access log hashes what the log does"


def test_the_name_is_written_as_the_model_has_it(bundle, tmp_path):
    server = Server(bundle, log={"predictions": tmp_path / "log.db"})
    try:
        row = {unicodedata.normalize("NFD", name): value for name, value in ROW.items()}
        assert server.post("/predict", row).status == 200
        ready = server.get("/health/ready").json()
    finally:
        server.stop()
    assert ready["log"]["reasons"] == {} and ready["log"]["dropped"] == 0
    assert read_log(tmp_path / "log.db").rows.to_dicts() == [ROW]


@pytest.mark.parametrize(("drop", "near"), [("cty", "city"), ("incme", "income")])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_slip_is_refused_at_the_start(bundle, tmp_path, drop, near, workers):
    config = write_config(
        tmp_path / "serve.toml",
        {"models": [str(bundle)], "workers": workers},
        log={"predictions": str(tmp_path / "log.db"), "drop": [drop]},
    )
    run = [sys.executable, "-m", "mulle", "serve", *map(str, config)]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, env={**os.environ})
    assert done.returncode == 2 and f"‘{drop}’" in done.stderr and near in done.stderr
    assert not (tmp_path / "log.db").exists()


def test_a_name_that_one_of_several_models_has_is_enough(bundle, regression, tmp_path):
    server = Server(
        f"a={bundle}", f"b={regression}", log={"predictions": tmp_path / "log.db", "drop": ["city"]}
    )
    assert server.stop() is not None


def test_a_large_request_is_logged_by_the_server(bundle, tmp_path):
    server = Server(bundle, log={"predictions": tmp_path / "log.db"})
    try:
        assert server.post("/predict", [ROW] * 25_000).status == 200
        end = time.monotonic() + 60
        while server.get("/health/ready").json()["log"]["waiting"] and time.monotonic() < end:
            time.sleep(0.1)
        assert server.get("/health/ready").json()["log"]["written"] == 25_000
    finally:
        server.stop()
    connection = sqlite3.connect(tmp_path / "log.db")
    assert connection.execute("SELECT count(*) FROM predictions").fetchone() == (25_000,)
    connection.close()


def test_names_are_compared_as_tables_have_them():
    hidden = Redaction(drop=("나이", "Memo "))
    known = frozenset({"나이", "memo", "Memo", "x"})
    row = {NFD: 1, "Memo": 2, " memo": 3, "x": 4, "y": 5}
    assert hidden.apply(row, b"", known) == {"memo": 3, "x": 4}, "a known one of another case stays"
    assert hidden.apply(row, b"") == {"x": 4, "y": 5}, "without a model, likeness is enough"
    loose = Redaction(drop=("memo",), keep_unknown=True)
    assert loose.apply({"ＭＥＭＯ": 1, "z": 2}, b"", frozenset({"memo"})) == {"z": 2}


def test_of_two_spellings_the_one_that_the_model_reads_is_written():
    for row in ({"나이": 1, NFD: 2}, {NFD: 2, "나이": 1}):
        assert Redaction().apply(row, b"", frozenset({"나이"})) == {"나이": 1}


def test_a_job_keeps_no_hidden_value_in_its_error(bundle, tmp_path):
    state = tmp_path / "state"
    log = {"predictions": tmp_path / "log.db", "drop": ["income"]}
    server = Server(bundle, server={"state_dir": state}, log=log)
    try:
        table = "나이,city,joined,income\n3,a,2024-01-01,SECRETINCOME\n".encode()
        job = server.post("/jobs", table, content_type="text/csv").json()
        end = time.monotonic() + 60
        while server.get(f"/jobs/{job['id']}").json()["status"] not in ("failed", "done"):
            assert time.monotonic() < end
            time.sleep(0.1)
        told = server.get(f"/jobs/{job['id']}").body.decode()
    finally:
        server.stop()
    assert "SECRETINCOME" not in told and "income" in told
    for file in state.rglob("*.db*"):
        assert b"SECRETINCOME" not in file.read_bytes()


@pytest.mark.parametrize("room", [app, alerts, buckets, monitor, version, router, shadowing])
def test_a_fault_is_logged_without_what_the_exception_says(room):
    stream = io.StringIO()
    log, handler = room.log, logging.StreamHandler(stream)
    log.addHandler(handler)
    try:
        hide_messages(Settings(log_drop=("name",)))
        value = "".join(["SEC", "RET"])  # the line of code is logged
        try:
            raise ValueError(value)
        except ValueError:
            log.exception("POST /predict failed")
    finally:
        log.removeHandler(handler)
        log.filters.clear()
    told = stream.getvalue()
    assert "SECRET" not in told and "ValueError" in told and "test_redaction.py" in told
