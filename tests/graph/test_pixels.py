"""Pixels out of strings: the same in NumPy and in a graph, also of strings that are no images."""

from __future__ import annotations

import numpy as np
import pytest

from mulle.graph import MISSING_STRING
from mulle.graph.pixels import pixel_values
from mulle.table.types.pixels import to_cell

VALUES = np.random.default_rng(0).integers(0, 256, (5, 12))
WHOLE = [to_cell(row) for row in VALUES]


def test_the_values_come_back(in_graph):
    texts = np.array(WHOLE, object)[:, None]
    for found in (pixel_values(texts, 12), in_graph(lambda x: pixel_values(x, 12), x=texts)[0]):
        np.testing.assert_array_equal(found, VALUES)


ODD = ["", MISSING_STRING, "text", "x" * 40, WHOLE[0][:5], WHOLE[1] + "abc", "\ue100\u2603\ue1ff"]


@pytest.mark.parametrize("cells", [[odd] for odd in ODD] + [ODD, [*ODD, *WHOLE]])
def test_what_is_short_is_black_and_what_is_long_is_cut(in_graph, cells):
    texts = np.array(cells, object)[:, None]
    found = pixel_values(texts, 12)
    np.testing.assert_array_equal(in_graph(lambda x: pixel_values(x, 12), x=texts)[0], found)
    assert found.shape == (len(cells), 12)
    expected = {"": 0, "text": 0, WHOLE[0][:5]: VALUES[0, :5].sum(), ODD[-1]: 255}
    for cell, total in expected.items():
        if cell in cells:
            assert found[cells.index(cell)].sum() == total


def test_no_rows(in_graph):
    texts = np.zeros((0, 1), object)
    for found in (pixel_values(texts, 12), in_graph(lambda x: pixel_values(x, 12), x=texts)[0]):
        assert found.shape == (0, 12)
