"""What later rows are compared with: counted when the model is made, carried in its bundle.

Columns and target are counted on the training rows. Answers, calibration and the score are those
of the shipped file on the held-out rows, which it never saw.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mulle.arrays import Array
from mulle.bundle import Recorded, Scored
from mulle.graph import MISSING_STRING
from mulle.metrics import Metric
from mulle.profile import Answers, CategoryCounts, NumberCounts, Profile, TextCounts, frame_of
from mulle.verbs.fit.data import Data
from mulle.verbs.fit.finish import Shipped


def recorded(shipped: Shipped, data: Data, metric: Metric) -> Recorded:
    """What the bundle carries for `watch`."""
    test = shipped.test
    score = Scored(
        metric.name, test.score, _known(test.low), _known(test.high), len(data.test.y),
        _known(shipped.board.score),
    )  # fmt: skip
    return Recorded(
        columns=columns(data.profile, data.train.columns),
        target=_target(data),
        answers=Answers.of(shipped.predictions, data.test.y),
        score=score if np.isfinite(test.score) else None,
        importances={i.column: (i.mean, i.std) for i in shipped.importances if np.isfinite(i.mean)},
    )


def columns(profile: Profile, arrays: dict[str, Array]) -> dict[str, NumberCounts | TextCounts]:
    """Counts of the columns of which the profile has none that are exact."""
    found: dict[str, NumberCounts | TextCounts] = {}
    for name, column in profile.columns.items():
        frame, values = frame_of(column), arrays[name][:, 0]
        if isinstance(frame, NumberCounts):
            frame.add(values)
            found[name] = frame
        elif isinstance(frame, TextCounts):
            texts = [t for t in values.tolist() if t != MISSING_STRING]
            frame.add(texts, len(values) - len(texts))
            found[name] = frame
    return found


def _target(data: Data) -> CategoryCounts | NumberCounts:
    y = data.train.y
    if data.target.is_regression:
        return Answers.of(y.astype(np.float64)).values
    counts = np.bincount(y, minlength=len(data.target.labels)).tolist()
    labels = [str(label) for label in data.target.labels]
    return CategoryCounts(dict(zip(labels, counts, strict=True)), len(y))


def _known(value: Any) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
