"""Columns line up, Hangul and numbers included."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mulle.cli.text_table import render_table
from mulle.i18n.format import display_width

_CELLS = st.text(st.sampled_from("ab 한글１%\u0301"), min_size=1, max_size=8).map(str.strip)


@given(st.lists(st.tuples(_CELLS, _CELLS, st.just("|")), min_size=1, max_size=5))
def test_every_line_reaches_the_last_column_together(rows):
    lines = render_table((), rows).splitlines()
    assert len({display_width(line) for line in lines}) == 1
    assert all(line.endswith("|") for line in lines)


def test_numbers_stand_to_the_right():
    assert render_table(("n",), [("1,000",), ("9",)]) == "    n\n1,000\n    9"


def test_nothing():
    assert render_table((), []) == ""
