"""The watch inside a server: counted as answered, judged, shared, kept over a restart."""

import json
import threading
import time

import numpy as np
import polars as pl
import pytest
from tests.verbs.serve.conftest import ROW, rows

import mulle
from mulle.verbs.serve.monitor.buckets import (
    BUCKETS,
    Bucket,
    BucketFolder,
    BucketTotal,
    TimeBuckets,
    prune,
)
from mulle.verbs.serve.monitor.buffer import BATCH_ROWS, MAX_ROWS, SampleBuffer
from mulle.verbs.serve.monitor.monitor import Lease
from mulle.verbs.serve.monitor.version import BURST, BUSY, VersionMonitor
from mulle.verbs.watch import Reference, Window, watch


def batch(count):
    return {"x": np.arange(count, dtype=float)[:, None]}, np.zeros(count)


def test_a_buffer_wakes_the_counter_and_is_bounded():
    wake = threading.Event()
    buffer = SampleBuffer(wake)
    buffer(*batch(BATCH_ROWS - 1))
    assert not wake.is_set()
    buffer(*batch(1))
    assert wake.is_set()
    buffer(*batch(10 * MAX_ROWS))
    buffer(*batch(7))
    batches, answered, _ = buffer.take()
    assert answered == BATCH_ROWS + 10 * MAX_ROWS + 7  # all are known of, though not all are kept
    kept = [len(scores) for _, scores in batches]
    assert kept == [BATCH_ROWS - 1, 1, MAX_ROWS]
    spread = batches[-1][0]["x"]
    assert spread[0, 0] == 0 and spread[-1, 0] >= 10 * MAX_ROWS - 10  # of a large one evenly spaced
    assert spread.base is None  # a copy, so that the large one can go
    assert buffer.take()[:2] == ([], 0)


def test_a_share_leaves_out_whole_batches_evenly():
    buffer = SampleBuffer(threading.Event())
    buffer.share = 0.25
    for _ in range(400):
        buffer(*batch(2))
    batches, answered, _ = buffer.take()
    assert answered == 800 and len(batches) == 100


def test_a_buffer_loses_nothing_between_threads():
    buffer, seen, stop = SampleBuffer(threading.Event()), [0, 0], threading.Event()

    def feed():
        for _ in range(2_000):
            buffer(*batch(1))

    def drain():
        while not stop.is_set():
            batches, answered, _ = buffer.take()
            seen[0] += len(batches)
            seen[1] += answered

    threads = [threading.Thread(target=feed) for _ in range(3)]
    drainer = threading.Thread(target=drain)
    for thread in [*threads, drainer]:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    drainer.join()
    batches, answered, _ = buffer.take()
    assert seen[1] + answered == 6_000
    assert seen[0] + len(batches) == 6_000


@pytest.fixture(scope="module")
def model(bundle):
    return mulle.load(bundle)


@pytest.fixture(scope="module")
def reference(model):
    return Reference.of(model)


class Made:
    """What `VersionMonitor` needs of a loaded version."""

    def __init__(self, model, name="stays", version="1"):
        self.model, self.name, self.version = model, name, version


def sent(count, seed, shift=0.0):
    return rows(count, seed).drop("stays").with_columns(pl.col("income") + shift)


def answer(monitor, frame, alone=False):
    """Answer rows as a server does, one by one or all together."""
    model, schema = monitor.loaded.model, monitor.loaded.model.manifest.schema
    if not alone:
        inputs = model.inputs(frame)
        monitor.buffer(inputs, model.predict_arrays(inputs).scores)
        return
    for row in frame.to_dicts():
        cells = schema.row({**row, "joined": str(row["joined"])})
        monitor.buffer(cells, model.predict_arrays(model.pack([cells])).scores)


def test_what_is_counted_is_what_a_file_gives(model, tmp_path):
    frame = sent(400, 3, 90.0)
    monitor = VersionMonitor(Made(model), tmp_path, 3600.0, "me", threading.Event())
    answer(monitor, frame[:150])
    answer(monitor, frame[150:170], alone=True)
    monitor.count()
    answer(monitor, frame[170:])
    monitor.count()
    counted = monitor.total()
    window = Window(monitor.reference)
    predictions = model.predict_arrays(model.inputs(frame))
    window.update(model.manifest.schema.validate(frame), predictions)
    assert counted.answered == counted.window.rows == 400
    for name, counts in window.columns.items():
        mine = counted.window.columns[name]
        assert (mine.counts, mine.missing) == (counts.counts, counts.missing)
    assert counted.window.answers.chosen == window.answers.chosen
    verdict = watch(model, counted.window)
    assert verdict.columns["income"].drift_detected


def test_counts_are_shared_and_kept_and_forgotten_in_time(model, reference, tmp_path):
    def another(name):
        return VersionMonitor(Made(model), tmp_path, 3600.0, name, threading.Event())

    first, second = another("one"), another("two")
    answer(first, sent(30, 1))
    answer(second, sent(50, 2))
    first.count(), second.count(), first.share(), second.share()
    assert first.total().window.rows == second.total().window.rows == 80
    again = another("three")  # a server that is started again
    assert again.total().window.rows == 80
    answer(first, sent(20, 3))
    first.count(), first.share()
    assert again.total().window.rows == 100
    old = [again.total().window.rows]
    answer(again, sent(5, 4))
    again.buffer._since = time.time() - 3 * 3600  # long ago
    again.count()
    again.share()
    assert second.total().window.rows == old[0]
    assert len(list(tmp_path.glob("monitor/*/*.json"))) == 2  # the old file is gone


def test_other_versions_have_other_windows(model, tmp_path):
    one = VersionMonitor(Made(model, version="1"), tmp_path, 3600.0, "me", threading.Event())
    two = VersionMonitor(Made(model, version="2"), tmp_path, 3600.0, "me", threading.Event())
    answer(one, sent(30, 1))
    one.count(), one.share()
    assert (one.total().window.rows, two.total().window.rows) == (30, 0)


def test_damaged_files_of_others_are_left_out(model, reference, tmp_path, caplog):
    folder = BucketFolder(tmp_path / "monitor" / "x", "me", reference)
    (tmp_path / "monitor" / "x").mkdir(parents=True)
    start = time.time()
    good = Bucket(start, start, Window(reference), 7).to_bytes()
    for name, data in {"a": b"", "b": b"{}", "c": good[:-9], "d": b"\xff" * 99, "e": good}.items():
        (folder.path / f"{start:.3f}-{name}.json").write_bytes(data)
    (folder.path / "not-ours.json").write_text("{}", encoding="utf-8")
    assert [piece.answered for piece in folder.others(start - 1)] == [7]
    prune(tmp_path, start + 1)
    assert [path.name for path in folder.path.iterdir()] == ["not-ours.json"]


def test_where_nothing_can_be_written_counting_goes_on(model, tmp_path):
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    monitor = VersionMonitor(Made(model), tmp_path / "state", 3600.0, "me", threading.Event())
    answer(monitor, sent(30, 1))
    monitor.count()
    monitor.share()
    assert monitor.trouble and monitor.total().window.rows == 30


def test_buckets_are_few_and_dropped_in_time(reference):
    pieces = TimeBuckets(reference, 24.0)
    for moment in range(200):
        pieces.at(float(moment)).answered += 1
    assert len(pieces.all) == BUCKETS
    total = BucketTotal(reference, pieces.all.values())
    assert (total.answered, total.since) == (BUCKETS, 176.0)


def test_counting_takes_no_more_than_its_share(model, tmp_path):
    monitor = VersionMonitor(Made(model), tmp_path, 3600.0, "me", threading.Event())
    begun, spent = time.monotonic(), 0.0
    frame = sent(300, 1)
    inputs = model.inputs(frame)
    scores = model.predict_arrays(inputs).scores
    while time.monotonic() - begun < 1.5:
        time.sleep(0.004)
        for _ in range(20):
            monitor.buffer(inputs, scores)
        at = time.thread_time()
        monitor.count()
        spent += time.thread_time() - at
    total = monitor.total()
    assert total.window.rows < total.answered  # without an end it would take the whole core
    assert spent < 2 * (BURST + BUSY * (time.monotonic() - begun))


def test_one_of_several_holds_the_lease(tmp_path):
    path = tmp_path / "monitor" / "lease"
    one, two = Lease(path, "one", 0.3), Lease(path, "two", 0.3)
    for lease in (one, two, one, two):
        lease.tick()
    assert (one.held, two.held) == (True, False)
    time.sleep(0.4)  # the first is gone
    two.tick(), two.tick()
    assert two.held
    one.tick()
    assert not one.held
    two.release()
    one.tick(), one.tick()
    assert one.held


# --- servers


def ask_many(server, frame, size=20):
    table = frame.with_columns(pl.col("joined").cast(pl.String)).to_dicts()
    for begin in range(0, len(table), size):
        assert server.post("/predict", table[begin : begin + size]).status == 200


def drift(server, path="/models/stays/drift", **headers):
    return server.get(path, **headers).json()


def until(check, seconds=60.0):
    """What `check` gives once it is true."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


def test_the_verdict_of_a_server_is_that_of_a_file(start, bundle, state, tmp_path):
    server = start(bundle, server={"state_dir": state}, monitor={"every": 1})
    frame = sent(600, 11, 120.0)
    nothing = drift(server)
    assert (nothing["n_cur"], nothing["dataset_drift"]) == (0, False)
    ask_many(server, frame)
    found = until(lambda: (d := drift(server))["n_cur"] == 600 and d)
    frame.write_csv(tmp_path / "new.csv")
    known = watch(bundle, tmp_path / "new.csv").to_dict()
    for name, column in known["columns"].items():
        for key in ("status", "measure", "n_cur", "reason"):
            assert found["columns"][name][key] == column[key]
        assert found["columns"][name]["score"] == pytest.approx(column["score"])
    assert found["dataset_drift"] and found["columns"]["income"]["drift_detected"]
    about = found["monitor"]
    assert about["rows_answered"] == about["rows_counted"] == 600
    assert (about["model"], about["share_counted"]) == ("stays", 1.0)
    korean = drift(server, accept_language="ko")
    assert korean["reason"] != found["reason"]
    page = server.get("/models/stays/drift?format=html&lang=ko")
    assert page.headers["content-type"].startswith("text/html")
    assert "income" in page.body.decode() and 'lang="ko"' in page.body.decode()
    assert drift(server, f"/models/stays/versions/{about['version']}/drift")["n_cur"] == 600
    metrics = until(
        lambda: "model_drift_detected{" in (m := server.get("/metrics").body.decode()) and m
    )
    assert f'feature="income",model="stays",version="{about["version"]}"' in metrics
    assert "서울" not in metrics and "420.5" not in metrics
    until(lambda: 'model_monitored_rows{model="stays"' in server.get("/metrics").body.decode())
    [shown] = server.get("/dashboard/state").json()["drift"]
    assert shown["columns"][0]["name"] == "income"
    assert shown["columns"][0]["status"] == "drifted"


def test_a_restart_and_other_processes_add_up(start, bundle, state):
    server = start(bundle, "--workers", 2, server={"state_dir": state}, monitor={"every": 1})
    assert drift(server)["n_cur"] == 600  # from the test before
    ask_many(server, sent(400, 12), size=1)  # a connection each, so both processes answer some
    until(lambda: {drift(server)["n_cur"] for _ in range(6)} == {1000})  # whoever is asked
    until(lambda: 'model_monitored_rows{model="stays"' in server.get("/metrics").body.decode())
    lines = server.get("/metrics").body.decode().splitlines()
    row_lines = [line for line in lines if line.startswith("model_monitored_rows{")]
    assert len(row_lines) == 1  # one process tells, not each


def test_watching_can_be_left_out_and_is_not_open_to_all(start, bundle, tmp_path):
    server = start(bundle, monitor={"enabled": False}, server={"state_dir": tmp_path / "s"})
    ask_many(server, sent(40, 1))
    answer = server.get("/models/stays/drift")
    assert (answer.status, answer.json()["error"]["code"]) == (404, "drift-none")
    assert server.get("/dashboard/state").json()["drift"] == []
    assert not (tmp_path / "s").exists()
    assert server.get("/models/nope/drift").json()["error"]["code"] == "model-not-served"
    assert "model_drift" not in "".join(
        line for line in server.get("/metrics").body.decode().splitlines() if line[:1] != "#"
        and "drift" in line and "path=" not in line
    )  # fmt: skip


def test_a_large_request_is_counted_too(start, bundle, tmp_path):
    server = start(bundle, server={"state_dir": tmp_path})
    table = sent(20_000, 5).with_columns(pl.col("joined").cast(pl.String))
    body = table.write_csv().encode()
    assert server.post("/predict", body, content_type="text/csv").status == 200
    found = until(lambda: (d := drift(server))["n_cur"] and d)
    assert found["monitor"]["rows_answered"] == 20_000
    assert found["n_cur"] <= MAX_ROWS and found["monitor"]["share_counted"] < 1
    assert not found["columns"]["income"]["drift_detected"]
    assert server.post("/predict", ROW).status == 200
    assert json.dumps(found)
