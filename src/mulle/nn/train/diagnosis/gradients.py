"""Diagnoses of gradients that vanish, explode or all point one way.

catalogue  diag-vanish diag-explode diag-zigzag
"""

from __future__ import annotations

import math

import numpy as np

from mulle.nn.train.diagnosis.diagnosis import Diagnosis
from mulle.nn.train.diagnosis.evidence import Evidence, Weight

_RATIO = 1e3  # between the first and the last weight
_LARGE = 1e4  # root mean square of one gradient
_ONE_SIGN = 0.85


def vanishing(seen: Evidence) -> Diagnosis | None:
    """Find a first weight whose gradient is a thousand times smaller than the last one's."""
    found = [w for w in seen.weights if math.isfinite(w.strength)]
    if len(found) < 3 or not found[0].strength * _RATIO < found[-1].strength:
        return None
    first, last = found[0], found[-1]
    return Diagnosis(
        "diag-vanish",
        {
            "first": first.name,
            "first_gradient": first.strength,
            "last": last.name,
            "last_gradient": last.strength,
            "ratio": first.strength / last.strength,
        },
    )


def exploding(seen: Evidence) -> Diagnosis | None:
    """Find a first gradient a thousand times the last one, or one that is huge or not finite.

    Targets in the thousands also cause gradients in the thousands.
    """
    if not seen.weights:
        return None
    largest = max(seen.weights, key=lambda w: w.strength if w.strength < math.inf else math.inf)
    first, last = seen.weights[0], seen.weights[-1]
    grown = len(seen.weights) >= 3 and first.strength > _RATIO * last.strength > 0
    if math.isfinite(largest.strength) and largest.strength <= _LARGE and not grown:
        return None
    return Diagnosis("diag-explode", {"weight": largest.name, "gradient": largest.strength})


def zigzag(seen: Evidence) -> Diagnosis | None:
    """Find a layer with positive inputs only, which push all weights of a unit the same way.

    ReLU also gives non-negative numbers, but with many zeros, so rows of a batch still disagree.
    """
    for weight in seen.weights:
        if _one_signed(weight):
            return Diagnosis(
                "diag-zigzag", {"weight": weight.name, "agreement": _agreement(weight)}
            )
    return None


def _one_signed(weight: Weight) -> bool:
    fed = weight.fed
    if fed is None or weight.values.ndim != 2 or weight.values.shape[1] < 4 or fed.ndim < 2:
        return False
    everywhere_positive = float((fed > 0).mean()) > 0.99
    return everywhere_positive and _agreement(weight) > _ONE_SIGN


def _agreement(weight: Weight) -> float:
    """Return the share of entries that have the sign of most entries of their unit."""
    positive = (weight.gradient > 0).mean(axis=1)
    return float(np.maximum(positive, 1 - positive).mean())
