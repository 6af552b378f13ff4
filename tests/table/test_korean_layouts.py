"""Tables as Korean offices publish them come back exactly, or what differs is named."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.table.layouts import LAYOUTS, Published, columns_of, composed, of_published

from mulle.errors import MulleError
from mulle.table import read

SEEDS = st.integers(0, 2**32 - 1)
DRAWN = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def read_back(published: Published, folder: Path) -> Counter[str]:
    """What became of the cells of a published table; a refused one is told."""
    path = folder / f"published{published.suffix}"
    path.write_bytes(published.data)
    try:
        table = read(path)
    except MulleError:
        return Counter(told=published.clean.width * published.clean.height)
    return of_published(columns_of(table), table.reading, published)


@pytest.mark.parametrize("name", LAYOUTS)
@DRAWN
@given(seed=SEEDS)
def test_a_published_table_is_read_back(name: str, seed: int, tmp_path: Path) -> None:
    tally = read_back(LAYOUTS[name](Random(seed)), tmp_path)
    assert tally["wrong"] == tally["text"] == 0


@settings(DRAWN, max_examples=60)
@given(seed=SEEDS)
def test_a_composed_table_is_read_back(seed: int, tmp_path: Path) -> None:
    tally = read_back(composed(Random(seed)), tmp_path)
    assert tally["wrong"] == tally["text"] == 0


def test_hardly_a_cell_is_refused(tmp_path: Path) -> None:
    drawn = [LAYOUTS[name](Random(seed)) for name in LAYOUTS for seed in range(3)]
    drawn += [composed(Random(seed)) for seed in range(60)]
    total = sum((read_back(published, tmp_path) for published in drawn), Counter[str]())
    cells = sum(published.clean.width * published.clean.height for published in drawn)
    assert total["unread"] <= 0.02 * cells
    assert total["right"] >= 0.95 * cells
