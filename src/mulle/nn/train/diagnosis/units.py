"""Diagnoses of units that no longer learn: dead and saturated ones.

catalogue  diag-dying diag-saturate
"""

from __future__ import annotations

import numpy as np

from mulle.nn.train.diagnosis.diagnosis import Diagnosis
from mulle.nn.train.diagnosis.evidence import Evidence

_DEAD, _SATURATED = 0.5, 0.5  # shares of a layer
_NEAR = {"sigmoid": (0.01, 0.99), "tanh": (-0.99, 0.99)}  # derivatives below 0.01 and 0.02


def dead_relus(seen: Evidence) -> Diagnosis | None:
    """Find units of a ReLU that are 0 for every row, so that no gradient reaches them again."""
    for units in seen.units:
        if units.operation != "relu" or units.output.ndim < 2:
            continue
        kept = 1 if units.output.ndim == 4 else units.output.ndim - 1  # channels, or the last axis
        others = tuple(i for i in range(units.output.ndim) if i != kept)
        share = float((units.output.max(axis=others) <= 0).mean())
        if share > _DEAD:
            return Diagnosis("diag-dying", {"after": units.after, "share": share})
    return None


def saturated(seen: Evidence) -> Diagnosis | None:
    """Find hidden sigmoids or tanhs near their limits, where the slope is nearly 0."""
    for units in seen.units:
        if units.operation not in _NEAR or not units.hidden:
            continue
        low, high = _NEAR[units.operation]
        inside = (units.output > low) & (units.output < high)
        share = float(1 - np.mean(inside))
        if share > _SATURATED:
            return Diagnosis(
                "diag-saturate",
                {"after": units.after, "operation": units.operation, "share": share},
            )
    return None
