"""Each finding finds what was planted, and says nothing of a table without it."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from mulle import explore
from mulle.errors import UnknownName
from mulle.verbs.explore import FINDINGS, finding
from mulle.verbs.explore.findings.privacy import check_digit

N = 600
RNG = np.random.default_rng(0)
WORDS = ["wheel", "spin", "yarn", "wool", "loom", "thread", "weave", "cloth", "needle", "dye"]
DAY = np.timedelta64(1, "D")


def clean():
    """Unremarkable columns of every sort."""
    rng = np.random.default_rng(1)
    return pl.DataFrame({
        "height": rng.normal(170, 9, N).round(1), "count": rng.poisson(6, N),
        "colour": rng.choice(["red", "green", "blue"], N), "yes": rng.random(N) < 0.4,
        "when": pl.Series(np.datetime64("2021-01-01", "us") + rng.permutation(N) * DAY),
        "text": [" ".join(rng.choice(WORDS, 9)) for _ in range(N)],
        "target": rng.normal(size=N),
    })  # fmt: skip


def codes(report):
    return {f.code for f in report.findings}


def test_of_unremarkable_columns_nothing_is_said():
    report = explore(clean(), "target")
    assert report.findings == []
    assert {c.outcome for c in report.checks} == {"clean", "not-applicable"}


def some(value, other, share=0.1):
    return pl.Series(np.where(RNG.random(N) < share, value, other))


def lognormal():
    return RNG.lognormal(size=N)


DAYS = [dt.datetime(2020, 1, 1) + dt.timedelta(k) for k in range(N)]
RESIDENTS = ["800101-1234560", "920315-2345671", "010520-3456780"]
PLANTED = {
    "M002": {"x": [None] * N},
    "M003": {"x": ["same"] * N},
    "M004": {"customer_id": RNG.permutation(N) + 1000},
    "M005": {"x": [f"v{i % 150}" for i in range(N)]},
    "M006": {"x": ["often"] * (N - 3) + ["rare"] * 3},
    "M007": {"x": ["a"] * 300 + ["b"] * 297 + ["c"] * 3},
    "M010": {"x": [1.5, None, None] * 200},
    "M011": {"a": [1.5, None, 2.5] * 200, "b": ["x", None, "y"] * 200},
    "M012": {"x": lognormal()},
    "M013": {"x": [*RNG.normal(size=N - 1), 60.0]},
    "M014": {"x": np.where(np.arange(N) % 100 == 0, 0, RNG.normal(50, 4, N))},
    "M015": {"x": [1.0, 2.5, float("inf"), 3.0] * 150},
    "M016": {"x": [*map(str, range(N - 6)), *["broken"] * 6]},
    "M017": {"x": [f"{1000 + i * 37:,}원" for i in range(N)]},
    "M018": {"x": [f"{d:%Y-%m-%d}" for d in DAYS]},
    "M019": {"x": ["a", "b", "n/a", "c"] * 150},
    "M020": {"x": np.where(np.arange(N) % 20 == 0, 999.0, RNG.normal(30, 5, N))},
    "M021": {"x": ["Seoul", "seoul", "Busan"] * 200},
    "M033": {"x": np.where(np.arange(N * 2) < N, 0, 1) + RNG.normal(size=N * 2)},
    "M034": {"x": DAYS[:300] + DAYS[340:]},
    "M035": {"x": [*DAYS[:-1], dt.datetime(2999, 1, 1)]},
    "M032": {"x": DAYS},
    "M040": {"a": ["p", "q", "r"] * 200, "b": ["x", "y", "z"] * 200},
    "M041": {"a": np.arange(N) % 97 * 1.5, "b": np.arange(N) % 97 * 3.0 + 1},
    "M060": {"x": [f"person{i}@example.org" for i in range(N)]},
    "M061": {"x": [f"010-{1000 + i}-{9999 - i}" for i in range(N)]},
    "M062": {"x": [RESIDENTS[i % 3] for i in range(N)]},
}


@pytest.mark.parametrize("code", PLANTED)
def test_what_was_planted_is_found(code):
    report = explore(pl.DataFrame(PLANTED[code]))
    found = [f for f in report.findings if f.code == code]
    assert found, codes(report)
    assert set(found[0].columns) == set(PLANTED[code])
    summary = report.column(next(iter(PLANTED[code])))
    assert code in summary.findings
    assert found[0].key == finding(code).key


def test_an_empty_table():
    assert codes(explore(pl.DataFrame({"a": []}))) == {"M001"}


def test_rows():
    copied = pl.concat([clean(), clean().head(5)])
    found = next(f for f in explore(copied).findings if f.code == "M030")
    assert (found.values["rows"], found.values["groups"]) == (5, 5)
    assert codes(explore(clean().head(40))) >= {"M031"}


def test_text_that_is_blank():
    report = explore(pl.DataFrame({"x": ["a", "b", "c", "d"] * 20}), reading={"repair": False})
    assert "M022" not in codes(report)
    report = explore(pl.DataFrame({"x": ["a", "b", " ", "c"] * 20}), reading={"repair": False})
    assert "M022" in codes(report)


def test_what_cannot_be_read_is_said_too():
    mixed = [str(i % 97) if i % 3 else f"n{i % 31}" for i in range(N)]
    dates = [f"2024-0{1 + i % 9}-{10 + i % 18}" if i % 3 else f"week {i % 5}" for i in range(N)]
    found = {f.code: f for f in explore({"m": mixed, "d": dates}).findings}
    assert found["M016"].values["lost"] is False and found["M016"].columns == ["m"]
    assert found["M018"].values["read"] is False and found["M018"].columns == ["d"]


def test_a_finding_always_has_the_same_blanks():
    tables = [*PLANTED.values(), {"m": ["1", "2", "x", "y", "3"] * 9 + [str(i) for i in range(9)]}]
    blanks = {}
    for table in tables:
        for f in explore(pl.DataFrame(table)).findings:
            assert blanks.setdefault(f.code, set(f.values)) == set(f.values)


def test_target():
    y = np.where(np.arange(N) % 50 == 0, "ill", "well")
    frame = clean().with_columns(y=pl.Series(y), copy=(y == "ill") * 2 + RNG.random(N))
    found = {f.code: f for f in explore(frame, "y").findings}
    assert found["M050"].columns == ["copy"] and found["M050"].severity == "error"
    assert found["M051"].values["label"] == "ill"
    lacking = frame.with_columns(y=pl.when(pl.int_range(N) > 3).then("y"))
    assert "M052" in codes(explore(lacking, "y"))
    tiny = clean().with_columns(y=pl.Series(["a", "b"] * 297 + ["c"] * 6))
    assert {"M051", "M053"} <= codes(explore(tiny, "y"))


def test_the_transform_that_mends():
    report = explore({"x": RNG.lognormal(2, 1, 2000), "left": 10 - RNG.lognormal(0, 0.8, 2000)})
    found = {f.columns[0]: f.values for f in report.findings if f.code == "M012"}
    assert found["x"]["transform"] == "log1p" and abs(found["x"]["after"]) < 0.6
    assert found["left"]["skew"] < 0 and found["left"]["transform"] == "log1p-reflected"


def test_a_long_tail_is_no_outlier():
    assert "M013" not in codes(explore({"x": RNG.lognormal(0, 1, 5000)}))
    assert "M013" not in codes(explore({"x": RNG.normal(size=5000)}))


def test_zeros_that_are_answers():
    frame = {"count": RNG.poisson(2, N), "tips": np.maximum(RNG.normal(3, 2, N), 0)}
    assert "M014" not in codes(explore(frame))


def test_personal_data_is_masked():
    report = explore({"x": [f"kim{i}@example.org" for i in range(50)]})
    found = next(f for f in report.findings if f.code == "M060")
    assert found.evidence["masked"][0].startswith("k") and "im" not in found.evidence["masked"][0]


def test_numbers_of_thirteen_digits_are_no_persons():
    rng = np.random.default_rng(5)
    report = explore({"x": [str(v) for v in rng.integers(10**12, 10**13, 400)]})
    assert "M062" not in codes(report)


def test_check_digit():
    """The published rule, digit by digit."""
    digits, weights = [8, 0, 0, 1, 0, 1, 1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]
    total = sum(d * w for d, w in zip(digits, weights, strict=True))
    last = (11 - total % 11) % 10
    good = [d for d in range(10) if check_digit(f"800101123456{d}")]
    assert good == [last]


def test_codes_are_settled():
    assert [r.code for r in FINDINGS] == sorted({r.code for r in FINDINGS})
    assert len({r.key for r in FINDINGS}) == len(FINDINGS)
    assert {r.severity for r in FINDINGS} <= {"error", "warning", "note"}
    report = explore(clean())
    assert [c.code for c in report.checks] == [r.code for r in FINDINGS]
    with pytest.raises(UnknownName, match="no finding named 'M999'"):
        finding("M999")


def test_a_check_that_fails_says_so(monkeypatch):
    from mulle.verbs.explore.findings import rows

    monkeypatch.setattr(rows, "MANY_COPIES", None)
    report = explore(pl.concat([clean(), clean().head(5)]))
    failed = [c for c in report.checks if c.outcome == "failed"]
    assert [c.code for c in failed] == ["M030"] and "TypeError" in failed[0].what
