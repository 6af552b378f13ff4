"""The loop closes over HTTP: data drift, alert, retrain, promotion, rollback, and it serves on."""

import contextlib
import json
import os
import subprocess
import sys

import polars as pl
import pytest
from tests.verbs.retrain.world import rows_of_the_shop
from tests.verbs.serve.hooks import Receiver
from tests.verbs.serve.test_monitor import drift, until

import mulle
from mulle.store import RunIndex
from mulle.verbs.watch.log import read_log

RULES = """
[[rule]]
name = "the world turns"
on = "drift"
column = "price"
channels = ["loop"]

[channel.loop]
type = "webhook"
url_env = "LOOP"
"""


@pytest.fixture
def receiver(monkeypatch):
    made = Receiver()
    monkeypatch.setenv("LOOP", made.url)
    yield made
    made.stop()


def mulle_does(*arguments, cwd):
    ended = subprocess.run(
        [sys.executable, "-m", "mulle", *map(str, arguments)], cwd=cwd, capture_output=True,
        timeout=120, check=False, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout.decode()


def answered(server, table):
    """Ask row by row in one request, and tell what was true by the ids of the answers."""
    rows = table.with_columns(pl.col("day").cast(pl.String))
    features = rows.drop("sold").to_dicts()
    entries = []
    for begin in range(0, len(features), 50):
        answer = server.post("/predict", features[begin : begin + 50])
        assert answer.status == 200
        name = answer.headers["x-prediction-id"]
        truth = rows["sold"][begin : begin + 50].to_list()
        entries += [
            {"prediction_id": name, "row": row, "label": label}
            for row, label in enumerate(truth, start=1)
        ]
    return entries


def version(server, row):
    return server.post("/predict", row).json()["version"]


@pytest.mark.long
def test_the_loop(start, tmp_path, receiver):
    old = rows_of_the_shop(300, 0)
    old.write_csv(tmp_path / "shop.csv")  # and the run beside it, for the challenger
    with contextlib.chdir(tmp_path):
        champion = (
            tmp_path
            / mulle.fit(
                "shop.csv", target="sold", trials=2, preset="quick", seed=0, output="."
            ).bundle
        )
    index = RunIndex(tmp_path / ".mulle", folder=tmp_path / ".mulle")
    index.register("shop", champion, "", {})
    index.alias("shop", "champion", 1)
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    server = start(
        "shop",
        "--log-predictions",
        "log.db",
        "--alerts",
        "rules.toml",
        cwd=tmp_path,
        monitor={"every": 1},
    )
    row = old.drop("sold").with_columns(pl.col("day").cast(pl.String)).row(0, named=True)
    assert version(server, row) == "1"

    # the world turns: prices rise, and what sold yesterday does not sell today
    new = rows_of_the_shop(400, 1, turned=True, day=60).with_columns(pl.col("price") + 0.7)
    entries = answered(server, new)
    until(lambda: receiver.posted)
    [alert] = receiver.posted[0]["alerts"]
    assert (alert["model"], alert["subject"], alert["change"]) == ("shop", "price", "opened")
    assert "log.db --logged-as shop --since 20" in alert["look"]

    # labels come in, and say how bad it is
    assert server.post("/feedback", entries).json()["logged"] == len(entries)
    until(lambda: len(read_log(tmp_path / "log.db", labelled=True)) == len(entries))
    worse = until(lambda: (d := drift(server, "/models/shop/drift"))["performance"] and d)
    assert worse["performance"][0]["status"] == "worse"
    looked = json.loads(mulle_does(*alert["look"].split()[1:], "--format", "json", cwd=tmp_path))
    assert looked["columns"]["price"]["drift_detected"]

    # a challenger learns from the labelled rows of the log, and takes over
    labelled = read_log(tmp_path / "log.db", labelled=True).labelled("sold")
    labelled.write_csv(tmp_path / "new.csv")
    mulle_does(
        "retrain", "shop", "new.csv", "--policy", "new", "--if-drift", "now",
        "--trigger", "alert",
        "--trials", 2, "--preset", "quick", "--latency-factor", 20, "--size-factor", 20,
        cwd=tmp_path,
    )  # fmt: skip
    assert index.aliases("shop")["champion"] == 2
    until(lambda: version(server, row) == "2")
    fresh = rows_of_the_shop(400, 2, turned=True, day=120).with_columns(pl.col("price") + 0.7)
    server.post("/feedback", answered(server, fresh))
    calm = until(lambda: (d := drift(server, "/models/shop/drift"))["performance"] and d)
    assert calm["monitor"]["version"] == "2"  # with windows of its own
    assert calm["n_cur"] <= 401 and not calm["columns"]["price"]["drift_detected"]
    assert calm["performance"][0]["score"] > worse["performance"][0]["score"] + 0.3

    # somebody does not like it
    mulle_does("rollback", "shop", "--reason", "a test", cwd=tmp_path)
    until(lambda: version(server, row) == "1")
    assert server.get("/health/ready").status == 200
