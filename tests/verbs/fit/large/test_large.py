"""A table larger than the memory: plans are compared on a sample, and all rows are boosted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from mulle.errors import DataError
from mulle.i18n import Messages
from mulle.table.sentences import describe
from mulle.verbs.fit import fit, resume
from mulle.verbs.fit.large import learn, matrix
from mulle.verbs.fit.large.folder import NAME
from mulle.verbs.fit.memory import Memory, RowsThatFit

ROWS = 12_000
SAMPLE = 2_100


def wide_table(rows: int = ROWS, seed: int = 0) -> pl.DataFrame:
    """Numbers, categories and dates with missing cells, and targets of each sort."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 3)).round(4)
    city = np.array(["oslo", "bern", "rome", "bonn"])[rng.integers(0, 4, rows)]
    value = 2 * x[:, 0] + np.sin(3 * x[:, 1]) + (city == "oslo") + rng.normal(0, 0.7, rows)
    return pl.DataFrame(
        {
            "a": [None if rng.random() < 0.05 else v for v in x[:, 0].tolist()],
            "b": x[:, 1],
            "c": x[:, 2],
            "city": [None if rng.random() < 0.05 else str(c) for c in city],
            "day": np.datetime64("2022-01-01") + rng.integers(0, 900, rows),
            "weigh": rng.integers(1, 4, rows),
            "value": value,
            "label": np.where(value > 1, "yes", "no"),
            "band": np.array(["low", "mid", "high"])[np.digitize(value, [-1, 1.5])],
        }
    )


@pytest.fixture(autouse=True)
def little_memory(monkeypatch):
    """Let any file be larger than the memory."""
    fitting = RowsThatFit(6_000, 100.0, 10**9)
    monkeypatch.setattr(Memory, "rows_that_fit", lambda self, files, head: fitting)


@pytest.fixture
def frame() -> pl.DataFrame:
    return wide_table()


def small_fit(source, target="label", **options):
    others = {"value", "label", "band"} - {target}
    given = {"trials": 3, "preset": "quick", "n_jobs": 1, "drop": sorted(others)} | options
    return fit(source, target, **given)


def found(result, code):
    return [d.values for d in result.decisions if d.code == code]


def matrices(folder: Path) -> list[Path]:
    return [*folder.rglob(NAME)]


@pytest.mark.parametrize("target", ["label", "value", "band"])
@pytest.mark.parametrize("form", ["csv", "parquet", "parts"])
def test_all_rows_are_boosted_but_those_that_are_held_out(folder, frame, target, form):
    source = f"table.{form}"
    if form == "parts":
        for i in range(3):
            frame[i * 4_000 : (i + 1) * 4_000].write_csv(f"part-{i}.csv")
        source = "part-*.csv"
    else:
        getattr(frame, f"write_{form}")(source)
    result = small_fit(source, target, output=".")
    (said,) = found(result, "large-learned")
    tested = result.model.manifest.lineage["test_rows"]
    held = SAMPLE - tested - said["sample"]
    assert said["rows"] == ROWS - tested - held
    assert said["all"] == ROWS
    rows = {row["name"]: row["rows"] for row in result.leaderboard.to_dicts()}
    assert rows["lightgbm_all"] == said["rows"]
    scores = {row["name"]: row["score"] for row in result.leaderboard.to_dicts()}
    assert result.packaged.proof.holds
    assert "lightgbm_all" in result.model.manifest.lineage["plans"]
    if target == "label":
        assert scores["lightgbm_all"] > scores["lightgbm"]
    assert not matrices(folder)
    assert "lightgbm_all learned from" in result.html


def test_what_is_boosted_is_what_a_fit_in_memory_gives(folder, frame, monkeypatch):
    frame.head(10_000).write_csv("table.csv")
    frame.tail(2_000).write_csv("test.csv")
    Path("plan.toml").write_text(
        """
        [[plan]]
        name = "trees"
        learner = "lightgbm"
        params = { n_estimators = 40, num_leaves = 15 }
        [[plan.features]]
        columns = ["a", "b", "c"]
        [[plan.features]]
        columns = ["city"]
        steps = [{ step = "CategoryCodes" }]
        """,
        encoding="utf-8",
    )
    options = {"plan": "plan.toml", "test": "test.csv"}
    large = small_fit("table.csv", **options)
    assert found(large, "large-learned")[0]["rows"] == 10_000
    monkeypatch.setattr(Memory, "rows_that_fit", lambda self, files, head: None)
    plain = small_fit("table.csv", **options)
    assert not found(plain, "large-learned")
    ours, theirs = (r.model.predict_proba(frame.tail(2_000)) for r in (large, plain))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def test_a_run_with_counted_trials_repeats_to_the_bit(folder, frame):
    frame.write_parquet("table.parquet")
    one, two = (small_fit("table.parquet") for _ in range(2))
    assert one.model.graph == two.model.graph


def test_what_the_sample_did_not_show_is_named(folder, frame):
    late = frame.with_row_index().with_columns(
        pl.when(pl.col("index") >= ROWS - 3)
        .then(pl.lit("atlantis"))
        .otherwise(pl.col("city"))
        .alias("city"),
        pl.when(pl.col("index").is_in([5, 7, 11_998]))
        .then(None)
        .when(pl.col("index") == 9_001)
        .then(pl.lit("perhaps"))
        .otherwise(pl.col("label"))
        .alias("label"),
        pl.when(pl.col("index") == 9_500)
        .then(pl.lit("much"))
        .otherwise(pl.col("b").cast(pl.String))
        .alias("b"),
    )
    late.drop("index").write_csv("table.csv")
    result = small_fit("table.csv", seed=1)
    (said,) = found(result, "large-learned")
    out = {one.code: one for one in result.reading.left_out}
    doubts = {one.code: one for one in result.reading.doubts}
    assert (out["target-missing-in-all"].count, out["target-missing-in-all"].rows) == (
        3,
        (6, 8, 11_999),
    )
    assert out["labels-late"].values["labels"] == ["perhaps"]
    assert out["cells-late"].values["examples"] == ["much"]
    assert doubts["categories-late"].values["examples"] == ["atlantis"]
    assert said["rows"] < ROWS - 4
    for one in (*out.values(), *doubts.values()):
        for lang in ("en", "ko"):
            assert "{" not in " ".join(describe(one, Messages(lang)))


def test_weights_and_balance_hold_for_all_rows(folder, frame):
    frame.write_parquet("table.parquet")
    plain = small_fit("table.parquet", drop=["value", "band", "weigh"])
    weighed = small_fit("table.parquet", weight="weigh", class_weight="balanced")
    assert found(weighed, "large-learned")[0]["rows"] == found(plain, "large-learned")[0]["rows"]
    rows = frame.head(500)
    shares = [float(r.model.predict_proba(rows)[:, 1].mean()) for r in (plain, weighed)]
    assert shares[1] > shares[0] + 0.02  # the rarer class counts for more


def test_a_file_that_is_written_to_while_the_sample_is_drawn_is_refused(folder, frame, monkeypatch):
    frame.write_csv("table.csv")
    import mulle.verbs.fit.source as source

    draw = source.draw_rows

    def drawn(*args, **options):
        result = draw(*args, **options)
        with Path("table.csv").open("a", encoding="utf-8") as file:
            file.write("1,1,1,oslo,2022-01-01,1,1.0,yes,mid\n")
        return result

    monkeypatch.setattr(source, "draw_rows", drawn)
    with pytest.raises(DataError) as refused:
        small_fit("table.csv")
    assert refused.value.code == "file-changing"
    assert "table.csv" in str(refused.value.where)


def test_a_file_that_changes_later_leaves_what_the_sample_gave(folder, frame, monkeypatch):
    frame.write_csv("table.csv")
    conform = matrix._conformed

    def conformed(*args):
        os.utime("table.csv", ns=(1, 1))
        return conform(*args)

    monkeypatch.setattr(matrix, "_conformed", conformed)
    result = small_fit("table.csv")
    (said,) = found(result, "large-skipped")
    assert "written to" in said["reason"]
    assert result.packaged.proof.holds
    assert "lightgbm_all" not in result.model.manifest.lineage["plans"]
    assert "Not all rows are boosted" in result.html


def test_a_broken_file_among_several_is_named(folder, frame):
    for i in range(5):
        frame[i * 2_000 : (i + 1) * 2_000].write_parquet(f"part-{i}.parquet")
    data = Path("part-3.parquet").read_bytes()
    Path("part-3.parquet").write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError) as refused:
        small_fit("part-*.parquet")
    assert "part-3.parquet" in str(refused.value.where)


def test_without_room_on_the_disk_the_sample_is_all_that_is_learned_from(
    folder, frame, monkeypatch
):
    frame.write_parquet("table.parquet")
    full = SimpleNamespace(disk_usage=lambda folder: SimpleNamespace(free=10_000))
    monkeypatch.setattr(learn, "shutil", full)
    result = small_fit("table.parquet")
    (said,) = found(result, "large-skipped")
    assert said["reason"] == "large-disk"
    assert (said["rows"], said["all"]) == (result.model.manifest.lineage["rows"], ROWS)


def test_without_memory_for_more_all_learn_from_as_many_rows_as_fit(folder, frame, monkeypatch):
    frame.write_parquet("table.parquet")
    monkeypatch.setattr(Memory, "rows_to_boost", lambda self, features, held: 5_000.0)
    result = small_fit("table.parquet")
    (out,) = [one for one in result.reading.left_out if one.code == "rows-beyond-memory"]
    assert out.count == ROWS - 6_000
    assert not [d for d in result.decisions if d.code.startswith("large")]


def test_a_part_of_the_rows_is_drawn_where_more_do_not_fit(folder, frame, monkeypatch):
    frame.write_parquet("table.parquet")
    monkeypatch.setattr(Memory, "rows_to_boost", lambda self, features, held: 6_500.0)
    result = small_fit("table.parquet")
    (said,) = found(result, "large-learned")
    assert 6_200 < said["rows"] < 6_800
    (begun,) = found(result, "large-begins")
    assert begun["limit"] == "large-memory"


def test_a_promise_is_kept_and_the_forecast_comes_first(folder, frame):
    frame.write_parquet("table.parquet")
    result = small_fit("table.parquet", trials=None, time=25)
    codes = [d.code for d in result.decisions]
    assert codes.index("large-forecast") < codes.index("large-learned")
    (forecast,) = found(result, "large-forecast")
    assert 0 < forecast["seconds"] < 25


def test_an_interrupt_delivers_what_the_sample_gave(folder, frame, monkeypatch):
    frame.write_parquet("table.parquet")

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(matrix, "_conformed", interrupted)
    result = small_fit("table.parquet", output=".")
    assert result.stopped == "interrupted"
    assert result.packaged.proof.holds
    assert not matrices(folder)


KILLED = """
import sys, time
from mulle.learners import boosting
from mulle.verbs.fit import fit
from mulle.verbs.fit.memory import Memory, RowsThatFit
Memory.rows_that_fit = lambda self, files, head: RowsThatFit(6_000, 100.0, 10**9)
class Slow(boosting.Watch):
    def __call__(self, env):
        print("boosting", flush=True)
        time.sleep(60)
if __name__ == "__main__":
    fitted = boosting.LightGBMClassifier.fit_mapped
    def slow(self, *args, **options):
        boosting.Watch = Slow
        return fitted(self, *args, **options)
    boosting.LightGBMClassifier.fit_mapped = slow
    fit("table.parquet", "label", trials=3, preset="quick", n_jobs=1, output="a.mulle",
        drop=["value", "band"])
"""


@pytest.mark.long
def test_a_kill_while_boosting_leaves_nothing_after_the_next_run(folder, frame):
    frame.write_parquet("table.parquet")
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, cwd=folder
    )
    assert killed.stdout.readline().strip() == "boosting"
    assert matrices(folder)
    killed.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    killed.wait()
    killed.stdout.close()
    (run,) = (folder / ".mulle" / "runs").iterdir()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:  # the lock is the system's to release
        other = small_fit("table.parquet", output="b.mulle")
        if not matrices(folder):
            break
    assert not matrices(folder)
    again = resume(str(run))
    assert found(again, "large-learned")
    assert again.model.graph == other.model.graph
    assert not matrices(folder)
