"""Diagnoses of both ends: unscaled input columns, and probabilities where logits belong.

catalogue  diag-scale diag-doublesoft
"""

from __future__ import annotations

import math

import numpy as np

from mulle.nn.train.diagnosis.diagnosis import Diagnosis
from mulle.nn.train.diagnosis.evidence import Evidence

_WIDE, _FAR, _APART = 10.0, 10.0, 1e3


def unscaled(seen: Evidence) -> Diagnosis | None:
    """Find a column far from 0, or much wider than 1 or than another column."""
    for i, x in enumerate(seen.inputs):
        if x.dtype.kind != "f" or not x.size or "norm" in seen.first:
            continue
        rows = x.reshape(-1, 1) if x.ndim != 2 else x
        means, widths = abs(rows.mean(axis=0)), rows.std(axis=0)
        some = widths[widths > 0]
        column = int(np.argmax(np.maximum(means, widths)))
        apart = float(some.max() / some.min()) if some.size else 1.0
        if max(means.max(), 0) <= _FAR and widths.max() <= _WIDE and apart <= _APART:
            continue
        return Diagnosis(
            "diag-scale",
            {
                "input": i,
                "column": column,
                "mean": float(rows.mean(axis=0)[column]),
                "deviation": float(widths[column]),
                "ratio": apart,
            },
        )
    return None


def double_softmax(seen: Evidence) -> Diagnosis | None:
    """Find a cross-entropy that receives probabilities, and applies its own softmax on top."""
    operation, loss, x = seen.fed_to_loss
    if loss != "cross_entropy" or x.ndim != 2 or x.shape[1] < 2:
        return None
    sums = abs(x.sum(axis=1) - 1).max() if len(x) else 1.0
    looks_so = x.min() >= 0 and sums < 1e-4 and float(np.ptp(x, axis=0).max()) > 0
    if operation != "softmax" and not looks_so:
        return None
    classes = x.shape[1]
    floor = math.log(math.e + classes - 1) - 1
    return Diagnosis("diag-doublesoft", {"classes": classes, "floor": floor})
