"""Rows that are kept of many: evenly spaced, and the same however they come."""

import sys

import numpy as np
import pytest
from tests.verbs.watch.made import table

import mulle
from mulle.verbs.watch.sample import Sample


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_the_same_rows_are_kept_whatever_the_blocks(monkeypatch, block):
    monkeypatch.setattr(sys.modules["mulle.verbs.watch.sample"], "MAX_ROWS", 60)
    whole = mulle.read(table(300))
    sample = Sample()
    for begin in range(0, 300, block):
        part = whole.take(np.arange(begin, min(begin + block, 300)))
        sample.add(part, np.arange(begin, begin + part.height))
    assert sample.step == 8 and sample.seen == 300
    kept = np.concatenate([part.y for part in sample.parts])
    assert kept.tolist() == list(range(0, 300, 8))
    frames = [part.table.frame for part in sample.parts]
    assert sum(frame.height for frame in frames) == len(kept)
    assert frames[0].row(0) == whole.frame.row(0)


def test_few_rows_are_all_kept():
    sample, whole = Sample(), mulle.read(table(200))
    sample.add(whole, None)
    [part] = sample.parts
    assert part.y is None and part.table.frame.equals(whole.frame)
