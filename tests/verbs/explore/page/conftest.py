"""A report made by hand: every kind of summary, finding, relation and gap that a page must show."""

from __future__ import annotations

import numpy as np
import pytest

from mulle.profile.drift import Picture, Status
from mulle.table import Repair
from mulle.verbs.explore import Report
from mulle.verbs.explore import relation_data as links
from mulle.verbs.explore import report as r
from mulle.verbs.explore import summaries as c

ROWS = 21_480
NAME = "분당 아파트.csv"
RNG = np.random.default_rng(4)


def number(name: str, x: np.ndarray, kind: str = "continuous", **more: object) -> c.NumberSummary:
    finite = np.sort(x)
    first, middle, third = np.quantile(finite, [0.25, 0.5, 0.75])
    low, high = first - 1.5 * (third - first), third + 1.5 * (third - first)
    inside = finite[(finite >= low) & (finite <= high)]
    counts, edges = np.histogram(finite[finite <= np.quantile(finite, 0.99)], 24)
    shares = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
    spread = c.Spread(
        mean=float(x.mean()), std=float(x.std()), min=float(finite[0]), max=float(finite[-1]),
        skew=float(((x - x.mean()) ** 3).mean() / x.std() ** 3), kurtosis=1.25,
        quantiles=[c.Quantile(q, float(np.quantile(finite, q))) for q in shares],
    )  # fmt: skip
    box = c.Box(
        float(inside[0]), float(first), float(middle), float(third), float(inside[-1]),
        float(low), float(high), 0, int((finite > high).sum()), finite[-3:].tolist(),
    )  # fmt: skip
    return c.NumberSummary(
        name=name, kind=kind, storage="number", reason="decimals", count=ROWS, missing=320,
        distinct=len(set(x.tolist())), spread=spread, box=box, zeros=12,
        histogram=c.Bins(edges.tolist(), counts.tolist(), 0, int(len(x) - counts.sum())), **more,
    )  # fmt: skip


def levels(values: dict[str, int]) -> list[c.Level]:
    return [c.Level(k, n, n / ROWS) for k, n in values.items()]


AREA = RNG.gamma(9, 9, 3000)
PRICE = AREA * 1100 * RNG.lognormal(0, 0.4, 3000)
TOWNS = {"분당동": 6012, "서현동": 5210, "정자동": 4790, "야탑동": 3020, "수내동": 1500,
         "구미동": 610, "이매동": 338}  # fmt: skip
LENGTHS = c.Lengths(
    "words", mean=9.1, min=1, max=64,
    covers=[c.Quantile(0.5, 8), c.Quantile(0.95, 21), c.Quantile(0.99, 34), c.Quantile(1.0, 64)],
    histogram=c.Bins([0, 5, 10, 15, 20, 25], [5000, 9000, 4000, 2000, 900], 0, 260),
)  # fmt: skip


def all_cards() -> list[c.AnySummary]:
    return [
        number("거래금액(만원)", PRICE, findings=["M012"]),
        number("전용면적", AREA),
        number("층", RNG.integers(1, 30, 3000).astype(float), "discrete", whole=True),
        c.CategorySummary(
            name="법정동", kind="nominal", storage="string", reason="strings", count=ROWS,
            missing=0, distinct=31, top=levels(TOWNS), others=24, rare=levels({"석운동": 1}),
            entropy=2.4, evenness=0.52, singles=1, rare_levels=24, rare_rows=40,
        ),
        c.BooleanSummary(name="신축", kind="boolean", storage="number", count=ROWS, true=4000,
                      false=ROWS - 4000, distinct=2),
        c.DateSummary(
            name="계약일", kind="datetime", storage="date", reason="dates", count=ROWS,
            distinct=2190, first="2018-01-02", last="2023-12-31", frequency="day", regular=0.98,
            histogram=c.Bins(np.linspace(1.515e15, 1.704e15, 25).tolist(),
                             RNG.integers(200, 1500, 24).tolist()),
            seasons=[c.Season("weekday", list("1234567"), [9, 8, 9, 7, 9, 5, 1]),
                     c.Season("month", [str(k) for k in range(1, 13)], list(range(5, 17)))],
        ),
        c.TextSummary(
            name="설명 <b>&", kind="text", storage="string", reason="long-text", count=ROWS,
            missing=5000, distinct=15_000, words=LENGTHS, characters=LENGTHS, tokens=LENGTHS,
            scripts={"hangul": 0.81, "latin": 0.12, "digit": 0.07},
            languages={"hangul": 0.97, "latin": 0.02, "mixed": 0.01},
            ngrams=[c.Ngrams(1, levels({"역세권": 900, "급매": 300})),
                    c.Ngrams(2, levels({"남향 로열층": 120}))],
            vocabulary=5210, words_once=2600, urls=12,
            sampled=15_000, duplicates=40, top=levels({"급매": 12}), findings=["M998"],
        ),
        c.ImageSummary(name="사진", kind="image", storage="string", count=ROWS, opened=200,
                    distinct=ROWS, sizes=levels({"640x480": 150, "800x600": 50}), bytes=1_500_000,
                    modes=levels({"RGB": 200}), formats=levels({"JPEG": 200}),
                    width=c.Spread(mean=690.0)),
        c.CategorySummary(name="시", kind="constant", storage="string", reason="one-value",
                       count=ROWS, distinct=1, top=levels({"성남시": ROWS}), findings=["M003"]),
        c.CategorySummary(name="번호", kind="id", storage="string", reason="all-unique", count=ROWS,
                       distinct=ROWS, top=levels({"A-1": 1, "A-2": 1}), findings=["M998"]),
        c.FailedSummary(name="😀", kind="text", storage="string", count=ROWS, code="column-binary",
                     what="The column holds bytes.", fix="Leave it out."),
    ]  # fmt: skip


FINDINGS = [
    r.Finding(
        "M003",
        "constant",
        "columns",
        "warning",
        ["시"],
        {"value": "성남시", "rows": ROWS, "missing": 0},
    ),
    r.Finding(
        "M012",
        "skewed",
        "values",
        "note",
        ["거래금액(만원)"],
        {"skew": 2.31, "transform": "log1p", "after": 0.12},
    ),
    r.Finding("M998", "without-words", "privacy", "error", ["설명 <b>&"], {"rows": 31}),
    r.Finding("M998", "without-words", "privacy", "note", ["번호"], {"rows": 1}),
]
NAMES = ["거래금액(만원)", "전용면적", "층", "법정동", "신축"]
VALUES = [[None, 0.94, 0.21, 0.51, 0.3], [0.94, None, 0.1, 0.33, 0.1], [0.21, 0.1, None, 0.2, -0.4],
          [0.51, 0.33, 0.2, None, 0.11], [0.3, 0.1, -0.4, 0.11, None]]  # fmt: skip
MEASURES = [["spearman"] * 3 + ["correlation_ratio"] * 2] * 3 + [
    ["correlation_ratio"] * 3 + ["cramers_v"] * 2
] * 2


def relations() -> links.Relations:
    some = RNG.choice(3000, 400)
    return links.Relations(
        NAMES,
        links.Matrix("mixed", NAMES, NAMES, VALUES, MEASURES),
        [links.Matrix("pearson", NAMES[:3], NAMES[:3], [row[:3] for row in VALUES[:3]])],
        [links.Pair(NAMES[0], NAMES[1], "spearman", 0.94, {"pearson": 0.91, "kendall": None}, 9)],
        [
            links.PairPlot(NAMES[0], NAMES[1], "scatter", "spearman", 0.94,
                           x=PRICE[some].tolist(), y=AREA[some].tolist()),
            links.PairPlot("법정동", "전용면적", "boxes", "correlation_ratio", 0.33,
                           groups=list(TOWNS), boxes=[[20, 50, 70 + k, 90, 150] for k in range(7)]),
            links.PairPlot("법정동", "신축", "counts", "cramers_v", 0.11,
                           groups=list(TOWNS), others=["예", "아니요"], counts=[[3, 90]] * 7),
        ],
        [links.Twins("층", "층수", "equal", 1.0)],
        links.Missing(ROWS - 5200, [links.Pattern(["설명 <b>&"], 4900)], 3, [16_280, 5000, 200],
                      links.Matrix("pearson", NAMES[:2], NAMES[:2], [[None, 0.5], [0.5, None]])),
        links.DuplicateRows(37, 30, 41, ["번호"], [12, 90]),
        [links.Component(0.61, {"거래금액(만원)": 0.7, "전용면적": -0.69})],
    )  # fmt: skip


def target() -> r.Target:
    slices = [r.Slice("range", 800, low=10.0, high=60.0, mean=0.11),
              r.Slice("range", 900, low=60.0, high=None, mean=0.42),
              r.Slice("missing", 3, mean=None)]  # fmt: skip
    return r.Target("신축", "binary", 0, "예", levels({"아니요": ROWS - 4000, "예": 4000}), 0.69,
                    [r.Tells("전용면적", "correlation_ratio", 0.4, 0.11, 0.16, slices)],
                    [r.Leak("준공연도", 0.99, 0.81, 0.97, "alone-predicts")])  # fmt: skip


def comparison() -> r.Comparison:
    test = r.DriftTest("ks", 0.2, 1e-9, 2e-8)
    return r.Comparison(
        source="2024.csv", rows=4000, columns=11, only_in_reference=["사진"],
        only_in_current=["동호수"], kinds_changed={"층": ["discrete", "nominal"]}, tests=14,
        drifts=[
            r.Drift(
                column="전용면적", kind="continuous", status=Status.drifted, drift_detected=True,
                measure="ks", score=0.31, threshold=0.02, low=0.28, high=0.35, could_hide=0.35,
                n_ref=20_000, n_cur=4000, reason_code="shape", reason_values={"score": 0.31},
                picture=Picture([0.2, 0.6, 0.2], [0.1, 0.4, 0.5], [0, 50, 100, 150]),
                tests=[test], missing=[0.0, 0.1],
                distances={"psi": 0.31, "jensen_shannon": 0.2, "wasserstein_std": 0.4},
            ),
            r.Drift(
                column="법정동", kind="nominal", status=Status.no_drift_seen, drift_detected=False,
                measure="total_variation", score=0.01, threshold=0.02, low=0.0, high=0.04,
                could_hide=0.04, n_ref=20_000, n_cur=4000, reason_code="no-drift-seen",
                reason_values={"hidden": 0.04, "rows": 4000}, tests=[test], distances={"psi": 0.01},
                picture=Picture([0.6, 0.4], [0.5, 0.5], labels=["분당동", "서현동"]),
                missing=[0.0, 0.0], unseen=levels({"판교동": 3}),
            ),
        ],
        summaries=[],
        shared_rows=12,
    )  # fmt: skip


@pytest.fixture(scope="session")
def whole() -> Report:
    """Everything at once."""
    summaries = all_cards()
    header = r.Header(
        r.VERSION, "0.1.0", f"data/{NAME}", ROWS, len(summaries),
        {"continuous": 2, "nominal": 1, "text": 2}, 5320, 20_000, 0, True,
        {"read": 0.2, "columns": 0.4, "total": 0.71},
        [r.NotComputed("pairs", "too-many-columns", {"columns": ["x"], "limit": 100}),
         r.NotComputed("moon", "phase", {"full": True})],
    )  # fmt: skip
    sample = r.Sample(["법정동", "층"], [["분당동", 3.0], ["서현동", None]], [["정자동", 9.0]])
    checks = [r.Check("M003", "constant", "found", 1), r.Check("M999", "unheard-of", "clean")]
    repairs = [Repair("thousands", "거래금액(만원)", ROWS)]
    return Report(header, repairs, FINDINGS, checks, summaries, relations(), target(), comparison(),
                    sample)  # fmt: skip


@pytest.fixture(scope="session")
def empty() -> Report:
    """A table without rows or columns."""
    return Report(r.Header(r.VERSION, "0", "frame", 0, 0, {}, 0, 0, 0, False, {}, []))


@pytest.fixture(scope="session")
def broken() -> Report:
    """A summary whose figures cannot be drawn."""
    bad = c.NumberSummary(name="bad", kind="continuous", storage="number", count=3, distinct=3,
                       histogram=c.Bins(None, [1, 2]))  # fmt: skip
    header = r.Header(r.VERSION, "0", "frame", 3, 1, {"continuous": 1}, 0, 3, 0, False, {}, [])
    return Report(header, summaries=[bad])
