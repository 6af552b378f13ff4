"""Pictures drawn straight: marks where they belong, any name and number, alone and in a page."""

import math
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulle.errors import MissingExtra, UsageError
from mulle.i18n import Messages
from mulle.report import charts
from mulle.report.charts import Drawing, Whiskers, times
from mulle.report.charts.canvas import INKS, Canvas, Scale, inks

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
BOX = Whiskers([0.1, 0.5, 1.0, 1.5, 1.9], [5.0, 1.95])
HALVES = ("이 표", "다른 표")
DRAWN = {
    "histogram": charts.histogram([0, 1, 2], [3, 4], ODD[0], outside=(2, 9), box=BOX, words=W),
    "histogram of two": charts.histogram([0, 1, 2], [0.3, 0.7], ODD[0], other=[0.5, 0.5],
                                         series=HALVES, shares=True, words=W),
    "histogram of dates": charts.histogram([0, 1e15, 2e15], [3, 4], "d", dates=True, words=W),
    "spark": charts.spark([3, 4, 0], ODD[4], outside=(1, 1), apart=7, gap=3),
    "cycle": charts.cycle([str(k) for k in range(24)], range(24), "hour", words=W),
    "category_bars": charts.category_bars(ODD, [9] * 7, "x", others=2, other_count=3, missing=1,
                                          words=W),
    "share_bars": charts.share_bars(ODD, [1 / 7] * 7, "x", words=W),
    "paired_bars": charts.paired_bars(ODD, [0.1] * 7, [0.2] * 7, "x", series=HALVES, words=W),
    "slice_bars": charts.slice_bars(ODD, [-0.5, 0, 1, 2, 3, 4, 5], [9] * 7, "x", about="", words=W),
    "stacked_bars": charts.stacked_bars(ODD, [[0.2, 0.8]] * 7, ["a", "b"], "x", about="share"),
    "scatter": charts.scatter([1, 2, math.nan], [1, math.inf, 3], ODD[4], ODD[1], words=W),
    "boxes": charts.boxes(ODD[:2], [[0, 1, 2, 3, 4], [1, 2, 2, 3, 9]], ODD[2], words=W),
    "counts": charts.counts(ODD, ODD, [[1, 2000, 0, 3, 0, 0, 0]] * 7, "x", words=W),
    "matrix": charts.matrix(ODD, [[0.5, None, -0.9, 1, 0, 0, 0]] * 7, ODD[3], "about"),
}  # fmt: skip
EMPTY = {
    "histogram": charts.histogram([], [], "x", words=W),
    "spark": charts.spark([], "x"),
    "cycle": charts.cycle([], [], "x", words=W),
    "category_bars": charts.category_bars([], [], "x", words=W),
    "boxes": charts.boxes([], [], "x", words=W),
    "scatter": charts.scatter([], [], "x", "y", words=W),
    "matrix": charts.matrix([], [], "x", ""),
}


def draw(drawing: Drawing) -> ET.Element:
    return ET.fromstring(drawing.svg())


def texts(drawing: Drawing) -> list[str]:
    return [e.text or "" for e in draw(drawing).iter("text")]


def boxes(drawing: Drawing, ink: str) -> list[list[float]]:
    """Rectangles (x, y, width, height) of one ink."""
    paths = re.findall(rf'<path class="{ink}" d="([^"]+)"', drawing.body)
    shape = r"M(\S+) (\S+?)h(-?[\d.]+)v(-?[\d.]+)h"
    return [[float(v) for v in box] for d in paths for box in re.findall(shape, d)]


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_is_whole_named_and_coloured_by_the_page(name: str) -> None:
    drawing = DRAWN[name]
    root = draw(drawing)
    assert root.get("role") == "img" and root.get("aria-label")
    assert "nan" not in drawing.body and "inf" not in drawing.body
    assert {e.get("class") for e in root if e.tag != "desc"} <= set(INKS)
    assert not re.search(r"style=|fill=|<script|id=", drawing.body)


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_is_drawn_outside_of_the_frame(name: str) -> None:
    drawing = DRAWN[name]
    for ink in INKS:
        for x, y, width, height in boxes(drawing, ink):
            assert x >= -0.2 and x + width <= drawing.width + 0.2, ink
            assert y >= -0.2 and y + height <= drawing.height + 0.2, ink
    assert all(0 <= float(t.get("x", 0)) <= drawing.width for t in draw(drawing).iter("text"))


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_to_show_is_no_error(name: str) -> None:
    assert draw(EMPTY[name]).tag == "svg"


def test_bars_are_as_tall_as_their_counts() -> None:
    bars = boxes(charts.histogram([0, 1, 2, 3], [10, 20, 0], "x", words=W), "bar")
    assert len(bars) == 2
    assert bars[1][3] == pytest.approx(2 * bars[0][3], abs=0.2)
    assert bars[0][0] < bars[1][0]


def test_a_box_stands_where_its_figures_say() -> None:
    drawing = charts.histogram([0, 2], [5], "x", box=BOX, words=W)
    (x, _, width, _) = boxes(drawing, "box")[0]
    axis = Scale(0, 2, 46, 330)
    assert x == pytest.approx(axis(0.5), abs=0.1)
    assert x + width == pytest.approx(axis(1.5), abs=0.2)
    assert drawing.body.count("h0") == 1  # 5.0 lies beyond the axis, where bars are


def test_what_lies_beyond_the_axis_stands_apart() -> None:
    drawing = charts.histogram([0, 1], [5], "x", outside=(0, 3), words=W)
    assert len(boxes(drawing, "mute")) == 1 and ">" in texts(drawing)


def test_bars_of_slices_begin_at_zero() -> None:
    low, high = boxes(charts.slice_bars("ab", [-2, 4], [1, 1], "x", about="", words=W), "bar")
    assert low[0] + low[2] == pytest.approx(high[0], abs=0.2)
    assert high[2] == pytest.approx(2 * low[2], abs=0.3)


def test_shades_follow_value_and_sign() -> None:
    drawing = charts.matrix(["a", "b"], [[None, 0.97], [-0.5, None]], "m", "")
    assert len(boxes(drawing, "p9")) == len(boxes(drawing, "n5")) == 1


def test_names_reach_the_picture_as_text() -> None:
    for name in ('it\'s "quoted"', "😀", "<script>&", "a b", "“”"):
        assert name in texts(DRAWN["category_bars"])


def test_large_numbers_are_short_in_the_language_of_the_page() -> None:
    edges, counts = [0, 2e8, 4e8], [50_000, 10_000]
    assert "2억" in texts(charts.histogram(edges, counts, "x", words=W))
    assert "200M" in texts(charts.histogram(edges, counts, "x", words=Messages("en")))


@pytest.mark.parametrize(
    ("span", "first"),
    [(30, "00:00:15"), (7200, "00:30"), (86_400, "01-01 06:00"), (20 * 86_400, "01-08"),
     (200 * 86_400, "1970-04"), (4e8, "1975"), (1e10, "2000")],
)  # fmt: skip
def test_times_are_written_as_their_span_asks(span: float, first: str) -> None:
    marks = times.ticks(1, span * 1e6)
    assert 1 <= len(marks) <= 9
    assert first in [label for _, label in marks]
    assert all(1 <= at <= span * 1e6 for at, _ in marks)


def test_boxes_of_dates_stand_over_dates() -> None:
    year = [k * 90 * 86_400e6 for k in range(5)]
    drawing = charts.boxes(["a"], [year], "when", dates=True, words=W)
    assert "1970-07" in texts(drawing) and not any("×" in text for text in texts(drawing))


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_a_scale_keeps_any_numbers_inside(a: float, b: float) -> None:
    scale = Scale(min(a, b), max(a, b), 10, 90)
    assert all(10 <= scale(v) <= 90 for v in (a, b, 0.0))
    marks = scale.ticks()
    assert len(marks) <= 20 and marks == sorted(marks)


@given(st.floats(-1e18, 1e18), st.floats(-1e18, 1e18))
def test_any_times_have_marks_or_none(a: float, b: float) -> None:
    assert len(times.ticks(min(a, b), max(a, b))) <= 17


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.integers(0, 10**12)), max_size=6))
def test_any_names_and_counts_draw(rows: list[tuple[str, int]]) -> None:
    names, numbers = [r[0] for r in rows], [r[1] for r in rows]
    draw(charts.category_bars(names, numbers, "x", words=W))
    draw(charts.spark(numbers, "x", gap=3))
    draw(charts.cycle(names, numbers, "x", words=W))


def test_arrays_do_as_well_as_lists() -> None:
    ones = np.array([1200, 2, 3])
    draw(charts.histogram(np.arange(4.0), ones, "x", other=ones, words=W))
    draw(charts.boxes(["a"], np.array([[0, 1, 2, 3, 4]]), "x", words=W))
    assert "1,200" in texts(charts.category_bars(["a"], ones[:1], "x", words=W))


def test_large_data_make_small_pictures() -> None:
    many = [i / 50_000 for i in range(50_000)]
    assert len(charts.scatter(many, many, "x", "y", words=W).svg()) < 20_000
    values = [[(i * j % 200) / 100 - 1 for j in range(100)] for i in range(100)]
    assert len(charts.matrix([str(k) for k in range(100)], values, "m", "").svg()) < 350_000


def test_a_page_colours_every_ink() -> None:
    rules = inks()
    assert all(f".chart .{name}{{" in rules for name in INKS)


def test_a_picture_alone_carries_its_colours(tmp_path: Path) -> None:
    drawing = DRAWN["category_bars"]
    drawing.save(tmp_path / "a.svg")
    alone = (tmp_path / "a.svg").read_text(encoding="utf-8")
    ET.fromstring(alone)
    assert "var(" not in alone and "class=" not in alone and "#0b63a5" in alone
    assert alone == drawing._repr_svg_() and ">x</text>" in alone


def test_a_picture_can_be_a_png(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    DRAWN["spark"].save(path)
    png = path.read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20]) == 2 * (DRAWN["spark"].width + 32)


def test_without_the_extra_a_png_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtra) as refused:
        DRAWN["spark"].save(tmp_path / "a.png")
    assert refused.value.fix == 'pip install "mulle[png]"'
    assert list(tmp_path.iterdir()) == []
    DRAWN["spark"].save(tmp_path / "a.svg")


def test_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Pictures cannot be saved as '\.pdf'") as refused:
        DRAWN["spark"].save(tmp_path / "a.pdf")
    assert "png" in refused.value.fix


def test_control_characters_cannot_break_the_file() -> None:
    plot = Canvas(10, 10)
    plot.text("ts", 0, 0, "a\x00b\ud83d")
    assert draw(plot.drawing("\x07", "")).tag == "svg"
