"""Every chart draws, whatever the names and numbers, in colours of the page and without fonts."""

import json
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.i18n import Messages
from mulle.report import charts
from mulle.report.charts import theme

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
RECORDS = [dict(name=n, validation=0.9 - i / 50, low=0.7, high=0.95) for i, n in enumerate(ODD)]
SPECS = {
    "leaderboard": charts.leaderboard(RECORDS, "roc_auc", words=W),
    "roc": charts.roc(CURVES, words=W),
    "precision_recall": charts.precision_recall({"a": (UNIT, UNIT)}, 0.3, words=W),
    "calibration": charts.calibration(UNIT, [0.1, 0.4, NAN], [5, 9, 0], words=W),
    "confusion": charts.confusion(ODD, [[1] * len(ODD)] * len(ODD), words=W),
    "confusion of many": charts.confusion(list("abcdefghijklmnopqrstuvwxyz") * 2,
                                          [[1] * 52] * 52, words=W),
    "importance": charts.importance(ODD, [0.1] * len(ODD), [0.01] * len(ODD), words=W),
    "predicted_actual": charts.predicted_actual([1e7, 2e7], [1e7, math.inf], words=W),
    "search": charts.search([1, 2, 3], [0.5, NAN, 0.7], "rmse", greater_is_better=False, words=W),
}  # fmt: skip
EMPTY = {
    "leaderboard": charts.leaderboard([], "roc_auc", words=W),
    "roc": charts.roc({}, words=W),
    "calibration": charts.calibration([], [], [], words=W),
    "confusion": charts.confusion([], [], words=W),
    "importance": charts.importance([], [], words=W),
    "predicted_actual": charts.predicted_actual([], [], words=W),
    "search": charts.search([], [], "rmse", words=W),
}


def draw(spec: theme.Spec) -> ET.Element:
    return ET.fromstring(charts.svg(spec))


def texts(root: ET.Element) -> list[str]:
    return [e.text or "" for e in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("name", SPECS)
def test_a_chart_draws_as_one_picture_for_light_and_dark(name: str) -> None:
    json.dumps(SPECS[name], allow_nan=False)  # a specification is plain, valid JSON
    picture = charts.svg(SPECS[name])
    root = ET.fromstring(picture)
    assert root.get("role") == "img" and root.get("aria-label")
    assert not re.search(r' id="|font-family|<script|clip-path|NaN', picture)
    painted = set(re.findall(r'(?:fill|stroke)="([^"]+)"', picture))
    allowed = (
        r"none|transparent|currentColor|var\(--(accent|second|quiet|rule|paper),#[0-9a-f]{6}\)"
    )
    assert {p for p in painted if not re.fullmatch(allowed, p)} == set()


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_to_show_is_no_error(name: str) -> None:
    assert draw(EMPTY[name]).tag.endswith("svg")


@pytest.mark.parametrize("name", SPECS)
def test_no_chart_is_wider_than_the_page(name: str) -> None:
    wide = theme.outer_width(SPECS[name])
    assert wide <= theme.WIDE
    if wide > theme.PHONE + 1:
        assert theme.outer_width(theme.narrowed(SPECS[name])) <= theme.PHONE + 1


def test_names_reach_the_picture_as_text() -> None:
    shown = texts(draw(SPECS["importance"]))
    for name in ('it\'s "quoted"', "😀", "<script>&", "a b", "“”"):
        assert name in shown
    assert any("전용면적" in text and "…" in text for text in shown)


def test_equal_names_stay_two_rows() -> None:
    spec = charts.importance(["same", "same"], [0.2, 0.1], words=W)
    assert {"same", "same ²"} <= set(texts(draw(spec)))


def test_cells_tell_count_and_share_of_their_row() -> None:
    spec = charts.confusion(["a", "b"], [[3, 1], [0, 1234]], words=W)
    assert {"3", "75%", "1", "25%", "1,234", "100%", "0", "0%"} <= set(texts(draw(spec)))


def test_a_baseline_far_off_does_not_squeeze_the_rest() -> None:
    rows = [dict(name=str(v), validation=v) for v in (0.9, 0.89, 0.88, 0.5)]
    assert "← 0.5000" in texts(draw(charts.leaderboard(rows, "roc_auc", words=W)))


def test_the_best_so_far_goes_the_right_way() -> None:
    for up, best in ((True, [0.5, 0.7, 0.7]), (False, [0.5, 0.5, 0.4])):
        spec = charts.search([1, 2, 3], [0.5, 0.7, 0.4], "x", greater_is_better=up, words=W)
        assert [row["y"] for row in spec["layer"][1]["data"]["values"]] == best


@given(st.lists(st.text(max_size=60), max_size=6), st.integers(6, 30))
def test_labels_fit_and_stay_different(names: list[str], limit: int) -> None:
    shown = theme.labels(names, limit)
    assert len(set(shown)) == len(names)
    assert all(theme.columns(label) <= limit + 3 for label in shown)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.floats()), max_size=5))
def test_any_names_and_numbers_draw(rows: list[tuple[str, float]]) -> None:
    draw(charts.importance([r[0] for r in rows], [r[1] for r in rows], words=W))


def test_arrays_do_as_well_as_lists() -> None:
    half = np.array([0.1, 0.5, 0.9])
    ones = np.array([1200, 2, 3])
    for spec in (
        charts.calibration(half, half, ones, low=half, high=half, words=W),
        charts.confusion(["a", "b"], np.array([[1200, 2], [0, 1]]), words=W),
        charts.importance(["a", "b", "c"], half, half, words=W),
        charts.search(half, half, "r2", words=W),
        charts.roc({"a": (half, half)}, words=W),
    ):
        draw(spec)


def test_large_data_make_small_pictures() -> None:
    many = [i / 50_000 for i in range(50_000)]
    assert len(charts.svg(charts.roc({"a": (many, many)}, words=W))) < 20_000
