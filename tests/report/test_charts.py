"""The charts of reports: marks where their numbers say, any names and numbers, wide and narrow."""

import itertools
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.i18n import Messages
from mulle.i18n.format import display_width
from mulle.report import charts
from mulle.report.charts import Drawing, theme
from mulle.report.charts.axes import Axis, plot, tick_labels
from mulle.report.charts.canvas import INKS
from mulle.report.charts.compare import best_so_far

W = Messages("ko")
ODD = [
    'it\'s "quoted"',
    "전용면적(제곱미터) 기준 평당 가격",
    "a.b[0]\\n",
    "😀",
    "<script>&",
    "",
    "a\nb",
]
NAN = math.nan
UNIT = [0.0, 0.5, 1.0]
CURVES = {name: (UNIT, UNIT) for name in ODD}
RECORDS = [dict(name=n, validation=0.9 - i / 50, low=0.7, high=0.95, test=0.8)
           for i, n in enumerate(ODD)]  # fmt: skip
DRAWN = {
    "leaderboard": charts.leaderboard(RECORDS, "roc_auc", words=W),
    "roc": charts.roc(CURVES, words=W),
    "precision_recall": charts.precision_recall({"a": (UNIT, UNIT)}, 0.3, words=W),
    "calibration": charts.calibration(UNIT, [0.1, 0.4, NAN], [5, 9, 0], low=UNIT, high=UNIT,
                                      words=W),
    "confusion": charts.confusion(ODD, [[1] * len(ODD)] * len(ODD), words=W),
    "confusion of two": charts.confusion(["malignant", "benign"], [[1200, 2], [0, 9]], words=W),
    "confusion of many": charts.confusion(list("abcdefghijklmnopqrstuvwxyz") * 2,
                                          [[1] * 52] * 52, words=W),
    "importance": charts.importance(ODD, [0.1] * len(ODD), [0.01] * len(ODD), words=W),
    "importance below zero": charts.importance(["a", "b"], [0.1, -0.1], [0.01, 0.3], words=W),
    "predicted_actual": charts.predicted_actual([1e7, 2e7], [1e7, math.inf], words=W),
    "search": charts.search([1, 2, 3], [0.5, NAN, 0.7], "rmse", greater_is_better=False, words=W),
    "line": charts.line({n: ([1, 2], [3, NAN]) for n in ODD}, ODD[1], ODD[4], dots=ODD[:1]),
    "line of one": charts.line({"a": ([5], [3])}, "x", "y", wide=False),
}  # fmt: skip
EMPTY = {
    "leaderboard": charts.leaderboard([], "roc_auc", words=W),
    "roc": charts.roc({}, words=W),
    "calibration": charts.calibration([], [], [], words=W),
    "confusion": charts.confusion([], [], words=W),
    "importance": charts.importance([], [], words=W),
    "predicted_actual": charts.predicted_actual([], [], words=W),
    "search": charts.search([], [], "rmse", words=W),
    "line": charts.line({}, "x", "y"),
}
PICTURES = [(name, d) for name, wide in DRAWN.items() for d in (wide, wide.narrow) if d]


def draw(drawing: Drawing) -> ET.Element:
    return ET.fromstring(drawing.svg())


def texts(drawing: Drawing) -> list[str]:
    return [e.text or "" for e in draw(drawing).iter("text")]


def paths(drawing: Drawing, ink: str) -> list[str]:
    return re.findall(rf'<path class="{ink}" d="([^"]+)"', drawing.body)


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


@pytest.mark.parametrize(("name", "drawing"), PICTURES)
def test_a_chart_is_whole_named_and_coloured_by_the_page(name: str, drawing: Drawing) -> None:
    root = draw(drawing)
    assert root.get("role") == "img" and root.get("aria-label")
    assert not re.search(r"[\" -M](nan|inf)\b", drawing.body)
    assert {e.get("class") for e in root if e.tag != "desc"} <= set(INKS)
    assert not re.search(r"style=|fill=|<script|id=|font-family", drawing.body)


@pytest.mark.parametrize(("name", "drawing"), PICTURES)
def test_marks_and_texts_lie_inside_the_frame(name: str, drawing: Drawing) -> None:
    for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", drawing.body):
        assert -0.2 <= float(x) <= drawing.width + 0.2 and -0.2 <= float(y) <= drawing.height + 0.2
    for text in draw(drawing).iter("text"):
        if text.get("transform"):
            continue
        x, wide = float(text.get("x", 0)), 6.9 * display_width(text.text or "")
        style = INKS[str(text.get("class"))]
        left = x - wide * ("anchor:end" in style) - wide / 2 * ("anchor:middle" in style)
        assert left >= -2 and left + wide <= drawing.width + 2, text.text
        assert 0 <= float(text.get("y", 0)) <= drawing.height


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_to_show_is_no_error(name: str) -> None:
    assert draw(EMPTY[name]).tag == "svg"


@pytest.mark.parametrize("name", DRAWN)
def test_no_chart_is_wider_than_the_page(name: str) -> None:
    drawing = DRAWN[name]
    assert drawing.width <= theme.WIDE
    if drawing.width > theme.PHONE:
        assert drawing.narrow is not None and drawing.narrow.width <= theme.PHONE


def test_names_reach_the_picture_as_text() -> None:
    shown = texts(DRAWN["importance"])
    for name in ('it\'s "quoted"', "😀", "<script>&", "a b", "“”"):
        assert name in shown
    assert any("전용면적" in text and "…" in text for text in shown)


def test_equal_names_stay_two_rows() -> None:
    assert {"same", "same ²"} <= set(
        texts(charts.importance(["same", "same"], [0.2, 0.1], words=W))
    )


def test_cells_hold_count_and_share_of_their_row() -> None:
    drawing = charts.confusion(["a", "b"], [[3, 1], [0, 1234]], words=W)
    assert {"3", "75%", "1", "25%", "1,234", "100%", "0", "0%"} <= set(texts(drawing))
    assert drawing.description == "1,237 / 1,238"
    assert len(paths(drawing, "p9")) == len(paths(drawing, "p7")) == 1


def test_a_baseline_far_off_does_not_squeeze_the_rest() -> None:
    rows = [dict(name=str(v), validation=v) for v in (0.9, 0.89, 0.88, 0.5)]
    drawing = charts.leaderboard(rows, "roc_auc", words=W)
    assert "← 0.5000" in texts(drawing)
    assert len(points(paths(drawing, "spot")[0])) == 3


def test_dots_of_a_leaderboard_lie_in_the_order_of_their_scores() -> None:
    (dots,) = (points(d) for d in paths(DRAWN["leaderboard"], "spot")[:1])
    assert [x for x, _ in dots] == sorted((x for x, _ in dots), reverse=True)
    assert [y for _, y in dots] == sorted(y for _, y in dots)
    assert len(dots) == len(RECORDS)


@pytest.mark.parametrize(("up", "best"), [(True, [0.5, 0.7, 0.7]), (False, [0.5, 0.5, 0.4])])
def test_the_best_so_far_goes_the_right_way(up: bool, best: list[float]) -> None:
    scores = [0.5, 0.7, 0.4]
    assert best_so_far(scores, greater_is_better=up) == best
    drawing = charts.search([1, 2, 3], scores, "x", greater_is_better=up, words=W)
    stair = points(paths(drawing, "l0")[-1])
    assert len(stair) == 5 and all(a[0] == b[0] or a[1] == b[1]
                                   for a, b in itertools.pairwise(stair))  # fmt: skip
    rises = stair[-1][1] < stair[0][1]
    assert rises is up


def test_curves_end_where_their_data_end() -> None:
    drawing = charts.roc({"a": (UNIT, [0.0, 0.9, 1.0])}, words=W)
    ends = points(paths(drawing, "l0")[0])
    (chance,) = (points(d) for d in paths(drawing, "dash"))
    assert (ends[0], ends[-1]) == (chance[0], chance[-1])
    assert ends[1][1] == pytest.approx(ends[0][1] + 0.9 * (ends[2][1] - ends[0][1]), abs=0.1)


def test_equal_values_lie_on_the_dashed_line() -> None:
    drawing = charts.predicted_actual([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], words=W)
    (a, b), (c, d) = points(paths(drawing, "dash")[0])
    for x, y in points(paths(drawing, "dot")[0]):
        assert y - b == pytest.approx((x - a) / (c - a) * (d - b), abs=0.2)


def test_bars_of_importance_begin_at_zero() -> None:
    drawing = charts.importance(["a", "b"], [0.2, -0.1], words=W)
    up, down = (
        (float(x), float(w))
        for x, w in re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", paths(drawing, "bar")[0] +
                               paths(drawing, "bar")[1])
    )  # fmt: skip
    assert down[0] + down[1] == pytest.approx(up[0], abs=0.2)
    assert up[1] == pytest.approx(2 * down[1], abs=0.3)


def test_series_differ_without_colours() -> None:
    styles = [re.sub(r"stroke:var\(--\w+\)", "", INKS[f"l{k}"]) for k in range(6)]
    colours = [re.findall(r"stroke:var\(--(\w+)\)", INKS[f"l{k}"])[0] for k in range(6)]
    assert len(set(zip(styles, colours, strict=True))) == 6
    assert len(set(styles)) >= 5


def test_ticks_have_equal_decimals_and_the_language_of_the_page() -> None:
    assert tick_labels([0.9, 0.95, 1.0], W) == ["0.90", "0.95", "1.00"]
    assert tick_labels([-20000, 0, 2e6], W) == ["−2만", "0", "200만"]
    assert tick_labels([1e-9, 2e-9], W) == ["1 × 10⁻⁹", "2 × 10⁻⁹"]
    axes = plot(Axis(0, 1), Axis(0, 5e6), words=Messages("en"))
    assert "4M" in texts(axes.drawing("t"))


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_titles_of_axes_are_whole(lang: str) -> None:
    words = Messages(lang)  # type: ignore[arg-type]
    for drawing in (
        charts.roc({"a": (UNIT, UNIT)}, words=words),
        charts.precision_recall({"a": (UNIT, UNIT)}, 0.3, words=words),
        charts.calibration(UNIT, UNIT, [1, 1, 1], words=words),
        charts.importance(["a"], [1.0], words=words).narrow,
        charts.leaderboard(RECORDS[:2], "roc_auc", words=words).narrow,
    ):
        assert drawing is not None
        assert not any("…" in text for text in texts(drawing) if text[0] in "↑" or text[-1] == "→")


@given(st.lists(st.text(max_size=60), max_size=6), st.integers(6, 30))
def test_labels_fit_and_stay_different(names: list[str], limit: int) -> None:
    shown = theme.labels(names, limit)
    assert len(set(shown)) == len(names)
    assert all(display_width(label) <= limit + 3 for label in shown)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.floats()), max_size=5))
def test_any_names_and_numbers_draw(rows: list[tuple[str, float]]) -> None:
    names, values = [r[0] for r in rows], [r[1] for r in rows]
    draw(charts.importance(names, values, words=W))
    draw(charts.predicted_actual(values, values[::-1], words=W))
    draw(charts.line({"a": (values, values)}, "x", "y", words=W))
    draw(charts.leaderboard([dict(name=n, validation=v) for n, v in rows], "r2", words=W))


def test_arrays_do_as_well_as_lists() -> None:
    half = np.array([0.1, 0.5, 0.9])
    ones = np.array([1200, 2, 3])
    for drawing in (
        charts.calibration(half, half, ones, low=half, high=half, words=W),
        charts.confusion(["a", "b"], np.array([[1200, 2], [0, 1]]), words=W),
        charts.importance(["a", "b", "c"], half, half, words=W),
        charts.search(half, half, "r2", words=W),
        charts.roc({"a": (half, half)}, words=W),
    ):
        draw(drawing)


def test_large_data_make_small_pictures() -> None:
    many = [i / 50_000 for i in range(50_000)]
    assert len(charts.roc({"a": (many, many)}, words=W).svg()) < 6_000
    ones = [[1] * 30 for _ in range(30)]
    assert len(charts.confusion([str(k) for k in range(30)], ones, words=W).svg()) < 40_000
