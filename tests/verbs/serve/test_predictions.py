"""The prediction log of a server, labels by id, and disks that are full."""

import contextlib
import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys

import polars as pl
import pytest
from tests.verbs.serve.conftest import ROW, Server
from tests.verbs.serve.test_monitor import ask_many, drift, sent, until

from mulle.verbs.watch.log import read_log
from mulle.verbs.watch.logged import is_log, watch_log


@pytest.fixture
def logged(start, bundle, tmp_path):
    """A server with a log, and the log's place."""

    def made(place="log.db", **settings):
        where = tmp_path / place
        settings |= {"server": {"state_dir": tmp_path / "state"}, "monitor": {"every": 1}}
        return start(bundle, "--log-predictions", where, **settings), where

    return made


def test_rows_answers_and_ids_are_logged(logged, bundle):
    server, place = logged()
    one = server.post("/predict", ROW, x_request_id="order-17")
    other = server.post("/predict", ROW)
    many = server.post("/predict", [ROW, {**ROW, "city": "부산"}])
    csv = server.post(
        "/predict", pl.DataFrame([ROW] * 40).write_csv().encode(), content_type="text/csv"
    )
    assert one.headers["x-prediction-id"] == "order-17"
    server.stop()  # what waits is written before it ends
    found = read_log(place)
    assert len(found) == 44
    by_id = dict(zip(found.about["id"], range(44), strict=True))
    ids = [answer.headers["x-prediction-id"] for answer in (one, other, many, csv)]
    assert len(set(ids)) == 4
    assert {ids[0], ids[1], f"{ids[2]}/0", f"{ids[2]}/1", f"{ids[3]}/39"} <= set(by_id)
    place_of = by_id[f"{ids[2]}/1"]
    assert found.rows["city"][place_of] == "부산"
    said = many.json()["predictions"][1]
    assert found.answers["label"][place_of] == said["label"]
    assert found.answers["probabilities"][place_of] == said["probabilities"]
    assert set(found.about["model"]) == {"stays"}
    assert set(found.about["version"]) == {one.json()["version"]}


def test_a_stream_gives_each_row_its_id(logged):
    server, place = logged()
    lines = b"".join(json.dumps(ROW).encode() + b"\n" for _ in range(2500))
    answer = server.post("/stream", lines, content_type="application/x-ndjson", x_request_id="flow")
    assert answer.status == 200 and len(answer.body.splitlines()) == 2500
    server.stop()
    assert read_log(place).about["id"].n_unique() == 2500


def test_the_id_of_a_routing_rule_is_that_of_the_log(start, bundle, challenger, tmp_path):
    rule = '[stays]\npolicy = "thompson"\nversions = ["champion", "challenger"]\n'
    (tmp_path / "r.toml").write_text(rule, encoding="utf-8")
    models = [f"stays@champion={bundle}", f"stays@challenger={challenger}"]
    server = start(*models, "--routing", "r.toml", "--log-predictions", "log.db", cwd=tmp_path)
    answers = [server.post("/predict", ROW, x_request_id=f"mine-{n}") for n in range(5)]
    answers += [server.post("/predict", [ROW, ROW])]
    told = [answer.headers.get_all("x-prediction-id") for answer in answers]
    assert all(len(ids) == 1 for ids in told)
    assert [a.headers.get_all("x-request-id") for a in answers[:5]] == [
        [f"mine-{n}"] for n in range(5)
    ]
    assert server.post("/feedback", {"prediction_id": told[0][0], "reward": 1}).json()["accepted"]
    entries = [{"prediction_id": ids[0], "label": "yes"} for ids in told[:5]]
    said = server.post("/feedback", entries).json()
    assert (said["logged"], said["rewarded"], said["refused"]) == (5, 5, [])
    server.stop()
    about = read_log(tmp_path / "log.db").about
    many = told[5][0]
    assert set(about["id"]) == {ids[0] for ids in told[:5]} | {f"{many}/0", f"{many}/1"}
    versions = {answer.json()["version"] for answer in answers}
    assert set(about["version"]) == versions


def test_columns_can_be_left_out_or_hashed(logged, bundle, monkeypatch):
    monkeypatch.setenv("MULLE_LOG_SALT", "pepper" * 5)
    server, place = logged(place="parts", log={"drop": ["income"], "hash": ["city"]})
    ask_many(server, sent(60, 2))
    server.stop()
    found = read_log(place)
    assert found.rows.columns == ["나이", "city", "joined"] and len(found) == 60
    assert not {"서울", "부산", "Daegu"} & set(found.rows["city"])
    assert "서울" not in str([path.read_bytes() for path in place.rglob("*.parquet")])
    verdict = watch_log(bundle, place)
    assert set(verdict.columns) == {"나이", "joined"}
    assert (verdict.absent["income"], verdict.absent["city"]) == ("not-logged", "hashed")


def test_a_share_is_logged(logged):
    server, place = logged(log={"share": 0.3})
    ask_many(server, sent(1000, 2), 50)
    server.stop()
    assert 220 < len(read_log(place)) < 380


def test_a_wrong_place_is_told_before_serving(bundle, tmp_path):
    command = [sys.executable, "-m", "mulle", "serve", str(bundle), "--log-predictions"]
    for place in ("log.csv", "postgresql+psycopg://nobody@127.0.0.1:1/x"):
        ended = subprocess.run(
            [*command, place], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8",
            timeout=60, check=False,
        )  # fmt: skip
        assert ended.returncode in (1, 2) and "hint: " in ended.stderr, ended.stderr
        assert "Traceback" not in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_a_full_disk_stops_the_log_and_never_the_answers(bundle, tmp_path):
    """Every file of the server may grow to 800 kB: that is what a full disk does to it."""
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (800_000, 800_000))

    with monkey_popen(limit):
        server = Server(
            bundle,
            "--log-predictions",
            tmp_path / "log.db",
            server={"state_dir": tmp_path / "s"},
            monitor={"every": 1},
        )
    try:
        ask_many(server, sent(20, 1))
        until(lambda: 'became="written"} 20.0' in server.get("/metrics").body.decode())
        seen = 20
        for begin in range(0, 10_000, 500):
            table = sent(500, begin).with_columns(pl.col("joined").cast(pl.String)).to_dicts()
            assert server.post("/predict", table).status == 200
            seen += 500
        assert server.post("/predict", ROW).status == 200
        assert server.get("/health/ready").status == 200
        until(lambda: drift(server)["monitor"]["rows_answered"] >= seen)
        metrics = server.get("/metrics").body.decode()
        written = [
            x
            for x in metrics.splitlines()
            if x.startswith('prediction_log_rows_total{became="written')
        ]
        assert written and float(written[0].split()[-1]) < seen
        with contextlib.closing(sqlite3.connect(tmp_path / "log.db")) as kept:
            ids = [id for (id,) in kept.execute("select id from predictions")]
        labels = itertools.cycle(("yes", "no"))

        def refusal():  # what is left of the disk holds some labels
            label = next(labels)
            entries = [{"prediction_id": id, "label": label} for id in ids]
            return (found := server.post("/feedback", entries)).status != 200 and found

        refused = until(refusal)
        assert (refused.status, refused.json()["error"]["code"]) == (503, "feedback-log-closed")
    finally:
        server.stop(signal.SIGTERM)
    with contextlib.closing(sqlite3.connect(tmp_path / "log.db")) as kept:
        count = kept.execute("select count(*) from predictions").fetchone()[0]
    assert 0 < count < seen  # what was written before is whole


@contextlib.contextmanager
def monkey_popen(before):
    """Children of the next `subprocess.Popen` call something first."""
    plain = subprocess.Popen

    def popen(*args, **named):
        return plain(*args, preexec_fn=before, **named)

    subprocess.Popen = popen
    try:
        yield
    finally:
        subprocess.Popen = plain


def test_the_command_line_watches_a_log(logged, bundle, tmp_path):
    server, place = logged()
    ask_many(server, sent(400, 2, 120.0))
    server.stop()
    command = [sys.executable, "-m", "mulle", "watch", str(bundle), str(place), "--format", "json"]

    def asked(*more):
        return subprocess.run(
            [*command, *more], capture_output=True, timeout=60, check=False,
            env={**os.environ, "PYTHONUTF8": "1"},
        )  # fmt: skip

    found = json.loads(asked("--since", "24h").stdout)
    assert found["n_cur"] == 400 and found["columns"]["income"]["drift_detected"]
    assert json.loads(asked("--logged-as", "stays").stdout)["n_cur"] == 400
    late = asked("--since", "2999-01-01")
    assert late.returncode != 0 and b"holds no rows" in late.stderr.lower()
    assert asked("--since", "soon").returncode != 0
    assert asked("--logged-as", "other").returncode != 0


def test_several_models_in_a_log_must_be_told_apart(bundle, tmp_path):
    from mulle.errors import UsageError
    from mulle.verbs.watch.log import PredictionLog

    with PredictionLog(tmp_path / "log.db") as log:
        for name in ("one", "two"):
            log.write(ROW, {"label": "yes"}, model=name, version="1")
    with pytest.raises(UsageError, match="one, two"):
        watch_log(bundle, tmp_path / "log.db")
    verdict = watch_log(bundle, tmp_path / "log.db", logged_as="two@1")
    assert verdict.n_cur == 1 and is_log(str(tmp_path))
