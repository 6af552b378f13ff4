"""The summary of a category counts as Python does, and its entropy is SciPy's."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mulle.verbs.explore.columns.category import Counted, category_summary, entropy_of
from mulle.verbs.explore.columns.lengths import lengths_of

COMMON = {"name": "c", "kind": "nominal", "storage": "string"}
WORDS = st.lists(st.none() | st.text("abc가 ", max_size=3), max_size=80)


@settings(deadline=None)
@given(WORDS)
def test_counts(values):
    series = pl.Series(values, dtype=pl.String)
    found = category_summary(COMMON, Counted.of(series))
    counts = Counter(v for v in values if v is not None)
    assert {t.value: t.count for t in found.top} == dict(
        sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:20]
    )
    rest = len(counts) - len(found.top) - len(found.rare)
    assert found.others == rest
    assert found.singles == sum(c == 1 for c in counts.values())
    assert found.blank == sum(c for v, c in counts.items() if not v.strip())
    shown = sum(t.count for t in (*found.top, *found.rare))
    assert shown + found.other_rows == sum(counts.values())
    if counts:
        assert found.entropy == pytest.approx(stats.entropy(list(counts.values()), base=2))
        assert found.lengths.max == max(len(v) for v in counts)


def test_evenness():
    even = category_summary(COMMON, Counted.of(pl.Series(["a", "b", "c"] * 5)))
    assert even.evenness == pytest.approx(1)
    assert entropy_of(np.array([])) == 0


def test_rare_ones_come_last():
    values = [f"c{i:02}" for i in range(30) for _ in range(i + 1)]
    found = category_summary(COMMON, Counted.of(pl.Series(values)))
    assert [r.value for r in found.rare] == ["c00", "c01", "c02", "c03", "c04"]
    assert found.rare_levels == sum(c < 0.01 * len(values) for c in range(1, 31))


@settings(deadline=None)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=100))
def test_lengths(values):
    found = lengths_of("words", np.array(values))
    assert found.mean == pytest.approx(np.mean(values))
    for cover in found.covers:
        assert cover.value == np.quantile(values, cover.q, method="inverted_cdf")
    counted = found.histogram
    assert counted.below + sum(counted.counts) + counted.above == len(values)
