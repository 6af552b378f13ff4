"""The memory of a fit: what it may take, what is left out for it, and what it took."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from mulle.doctor.memory import memory_sizes, peak_bytes, resident_bytes
from mulle.errors import DataError, UsageError
from mulle.verbs.fit import Plan, fit
from mulle.verbs.fit.features import FoldFeatures
from mulle.verbs.fit.memory import Memory, bytes_of
from mulle.verbs.fit.plan import Features

ROWS = 20_000


@pytest.fixture(scope="module")
def numbers() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({f"x{i}": rng.normal(size=ROWS) for i in range(20)})
    return frame.with_columns(y=(pl.col("x0") > 0).replace_strict({True: "yes", False: "no"}))


def quick(table, **options):
    return fit(table, "y", trials=2, preset="quick", n_jobs=1, **options)


@pytest.mark.parametrize("size", ["", "lots", "0GB", "-1GB", "2PB", "2 G B", "1e400", "nan", 0, -5])
def test_what_is_no_size_is_refused(size):
    with pytest.raises(UsageError) as refused:
        bytes_of(size)
    assert refused.value.code == "memory-size"


@pytest.mark.parametrize(
    ("size", "found"), [("2GB", 2e9), ("1.5 gb", 1.5e9), ("512M", 512e6), ("700", 700), (7.5, 7)]
)
def test_sizes_are_read(size, found):
    assert bytes_of(size) == found


def test_the_machine_is_asked_where_no_limit_is_given():
    total, available = memory_sizes()
    assert 0 < resident_bytes() <= peak_bytes() < total
    assert resident_bytes() < Memory.of(None).limit < resident_bytes() + available


def test_rows_beyond_the_memory_are_drawn_and_named(numbers):
    result = quick(numbers, memory="365MB")
    (out,) = [o for o in result.reading.left_out if o.code == "rows-beyond-memory"]
    learned = result.model.manifest.lineage["rows"]
    assert 1_000 < learned < ROWS * 0.8
    assert out.count == round(ROWS * 0.8) - learned
    assert out.values["option"].endswith("MB")
    assert [d.code for d in result.decisions if d.code.startswith("left-out.rows")]
    again = quick(numbers, memory=out.values["option"])
    assert again.model.manifest.lineage["rows"] == round(ROWS * 0.8)


def test_shares_of_the_classes_stay(numbers):
    is_rare = pl.when(pl.col("x0") > 2).then(pl.lit("yes")).otherwise(pl.lit("no"))
    rare = numbers.with_columns(y=is_rare)
    result = quick(rare, memory="365MB")
    (share,) = [d.values["share"] for d in result.decisions if d.code == "positive-class"]
    assert share == pytest.approx(0.023, abs=0.005)
    assert result.packaged.test.score > 0.9


def test_a_table_that_cannot_fit_is_refused_before_it_is_read(numbers, folder):
    numbers.write_csv("numbers.csv")
    with pytest.raises(DataError) as refused:
        quick("numbers.csv", memory="200MB", output=".")
    assert refused.value.code == "memory-small"
    assert "200 MB may be held" in refused.value.what


def test_the_peak_is_noted_and_a_broken_promise_is_warned_of(folder):
    code = """
import numpy as np, polars as pl, json
from mulle.verbs.fit import fit, Progress
from mulle.verbs.fit.memory import Memory
class Hearing(Progress):
    def warn(self, code, **values):
        if code.startswith("memory"): print("warned", code)
if __name__ == "__main__":
    rng = np.random.default_rng(0)
    table = pl.DataFrame({"x": rng.normal(size=300), "y": rng.integers(0, 2, 300)})
    how = {"trials": 1, "n_jobs": 1, "preset": "quick", "progress": Hearing()}
    print(fit(table, "y", **how).summary()["memory"])
    import mulle.verbs.fit.memory as memory
    memory.PROGRAM_BYTES = 0
    print(fit(table, "y", memory="50MB", **how).summary()["memory"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    assert "'peak_bytes': " in first
    assert not first.startswith("warned")
    if rest[0] != "None":  # the second run held no more than the first
        assert rest[0] == "warned memory-exceeded"


def test_features_are_kept_only_while_there_is_room():
    rng = np.random.default_rng(0)
    columns = {f"x{i}": rng.normal(size=(1_000, 1)) for i in range(5)}
    folds = [(np.arange(800), np.arange(800, 1_000))]
    plan = Plan("a", "linear", [Features([*columns], [{"step": "Impute"}])])
    y = rng.integers(0, 2, 1_000)
    roomy, short = FoldFeatures(columns, y, folds), FoldFeatures(columns, y, folds, Memory(1))
    assert roomy.of(plan, 0)[1] is roomy.of(plan, 0)[1]
    first, second = short.of(plan, 0), short.of(plan, 0)
    assert first[1] is not second[1]
    assert np.array_equal(first[1], second[1])
    assert np.array_equal(first[2], roomy.of(plan, 0)[2])


def test_a_fold_is_cut_column_by_column():
    asked = []

    class Watched(dict):
        def __getitem__(self, name):
            asked.append(name)
            return super().__getitem__(name)

    rng = np.random.default_rng(0)
    columns = Watched({name: rng.normal(size=(100, 1)) for name in "abc"})
    features = FoldFeatures(columns, rng.integers(0, 2, 100), [(np.arange(80), np.arange(80, 100))])
    features.of(Plan("a", "linear", [Features(["b"], [{"step": "Impute"}])]), 0)
    assert set(asked) == {"b"}


LIMITED = """
import resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sys.argv = ["mulle", *sys.argv[2:]]
from mulle.cli import main
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_fit_under_two_gigabytes_of_addresses_ends_with_its_report(folder, table):
    table.write_csv("homes.csv")
    command = ["fit", "homes.csv", "-t", "dear", "--time", "20", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "2000000000", *command], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "homes.mulle").is_file()
    assert (folder / "homes.html").is_file()


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
@pytest.mark.parametrize("limit", [800, 1_000, 1_200])
def test_too_few_addresses_end_in_a_sentence(folder, table, limit):
    table.write_csv("homes.csv")
    command = ["fit", "homes.csv", "-t", "dear", "--trials", "2", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, f"{limit}000000", *command], capture_output=True, text=True
    )
    assert done.returncode in {0, 1}, done.stderr
    assert "Traceback" not in done.stderr
    if done.returncode:
        assert "(memory-s" in done.stderr, done.stderr
