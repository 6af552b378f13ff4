"""A window counts the same whatever the form, the order and the division of its rows."""

import itertools
import time

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.verbs.watch.made import table

import mulle
from mulle.errors import DataError
from mulle.graph import arrays
from mulle.metrics import decided
from mulle.verbs.watch import Window, compare, reference_of

FEATURES = table(600).drop("sold", "price")
TABLE = mulle.read(FEATURES, kinds={"note": "text"})
REFERENCE = reference_of(TABLE)
NEW = TABLE.schema.validate(table(400, 1, 0.3).drop("sold", "price"))


def of(*parts):
    window = Window(REFERENCE)
    for part in parts:
        window.update(part)
    return window


def counted(window):
    """All that does not depend on how floats are added up."""
    found = {}
    for name, counts in window.columns.items():
        for inner in (getattr(counts, "characters", counts), counts):
            held = getattr(inner, "counts", getattr(inner, "scripts", None))
            found[name, type(inner).__name__] = held, counts.rows, counts.missing
    return found


def test_a_window_without_values_is_read_again():
    for rows in (0, 3):
        window = Window(REFERENCE)
        if rows:
            empty = {n: np.full(rows, np.nan) for n in window.columns}
            empty |= {
                n: np.full(rows, "\ue000", object)
                for n, c in window.columns.items()
                if not hasattr(c, "edges")
            }
            window.update(empty)
        again = Window.from_bytes(window.to_bytes(), REFERENCE)
        assert again.rows == rows and again.to_bytes() == window.to_bytes()


def test_a_table_a_frame_and_arrays_are_counted_alike():
    assert counted(of(NEW)) == counted(of(NEW.frame)) == counted(of(arrays(NEW)))
    flat = {name: values[:, 0] for name, values in arrays(NEW).items()}
    assert counted(of(NEW)) == counted(of(flat))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=4), st.randoms())
def test_any_split_in_any_order_is_the_same_window(cuts, random):
    order = np.arange(400)
    random.shuffle(order)
    ends = [0, *sorted(cuts), 400]
    parts = [NEW.take(order[a:b]) for a, b in itertools.pairwise(ends)]
    whole = of(NEW)
    merged = of()
    for part in parts:
        merged.merge(of(part))
    assert counted(of(*parts)) == counted(merged) == counted(whole)
    for name, counts in whole.columns.items():
        if hasattr(counts, "moments"):
            assert merged.columns[name].moments.mean == pytest.approx(counts.moments.mean)
            assert merged.columns[name].moments.m2 == pytest.approx(counts.moments.m2)
    ours, theirs = (compare(REFERENCE, w).columns for w in (whole, merged))
    assert {n: (c.status, c.score) for n, c in ours.items()} == {
        n: (c.status, c.score) for n, c in theirs.items()
    }


def test_bytes_bring_a_window_back():
    window = of(NEW)
    again = Window.from_bytes(window.to_bytes(), REFERENCE)
    assert again.rows == window.rows and again.columns == window.columns
    with pytest.raises(DataError, match="cannot be read"):
        Window.from_bytes(window.to_bytes()[:-9], REFERENCE)
    with pytest.raises(DataError, match="counted between different edges"):
        Window.from_bytes(window.to_bytes(), reference_of(TABLE.drop(["city"])))


def test_memory_is_bounded_whatever_strings_come():
    window, size = of(), []
    for k in range(0, 30_000, 3_000):
        strange = [f"never {i}" for i in range(k, k + 3_000)]
        block = dict.fromkeys(("city", "note"), np.array(strange, object))
        block |= {"size": np.arange(3e3) * k, "rooms": np.arange(3e3), "day": np.arange(3000) + k}
        window.update(block)
        size.append(len(window.to_bytes()))
    assert window.columns["city"].unseen == 30_000
    assert size[-1] < 1.1 * size[1]


def test_rows_cost_microseconds():
    block = {n: values[np.arange(1000) % 400] for n, values in arrays(NEW).items() if n != "note"}
    window = Window(reference_of(TABLE.drop(["note"])))
    window.update(block)
    begin = time.perf_counter()
    for _ in range(20):
        window.update(block)
    assert (time.perf_counter() - begin) / 20_000 < 20e-6  # about 0.3 where nothing else runs


def test_columns_that_lack_or_do_not_fit_are_refused():
    lacking = NEW.drop(["size"])
    with pytest.raises(DataError, match="lack the column ‘size’"):
        of(lacking)
    short = arrays(NEW) | {"size": np.zeros(3)}
    with pytest.raises(DataError, match="differ in length"):
        of(short)
    with pytest.raises(DataError, match="differ in length"):
        of().update(NEW, predictions=decided(np.zeros((3, 2))))


def test_an_earlier_window_can_be_what_a_later_one_is_compared_with():
    earlier = of(NEW).as_reference(REFERENCE)
    same, moved = Window(earlier), Window(earlier)
    same.update(NEW)
    moved.update(TABLE.schema.validate(table(400, 2, 3.0).drop("sold", "price")))
    assert not compare(earlier, same).dataset_drift
    assert compare(earlier, moved).columns["size"].drift_detected


def test_an_empty_window_cannot_be_told():
    found = compare(REFERENCE, of())
    assert not found.dataset_drift and found.status == "not_judged"
    assert {c.reason.code for n, c in found.columns.items() if n != "day"} == {"few-rows"}
    assert found.to_html() and pl.DataFrame({"n": [found.n_cur]}).item() == 0
