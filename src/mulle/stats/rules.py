"""Association rules: items that occur together in baskets.

support     P(A and B): the share of baskets with both
confidence  P(B given A) = support(A and B) / support(A)
lift        confidence / P(B): 1 where they are independent

source  Agrawal, Imielinski & Swami 1993, "Mining association rules"
catalogue  assoc-support assoc-confidence assoc-lift stat-conditional
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Association(NamedTuple):
    """The strength of the rule "A implies B"; nan where A, or B, never occurs."""

    support: float
    confidence: float
    lift: float


def association(a: ArrayLike, b: ArrayLike) -> Association:
    """Return the strength of the rule from A to B, each a column (n,) of booleans.

    >>> association([True, True, False, False], [True, False, False, False])
    Association(support=0.25, confidence=0.5, lift=2.0)
    """
    first, second = np.asarray(a, bool), np.asarray(b, bool)
    n = len(first)
    both, has_a, has_b = (float(x.sum()) for x in (first & second, first, second))
    support = both / n if n else float("nan")
    confidence = both / has_a if has_a else float("nan")
    return Association(support, confidence, confidence / (has_b / n) if has_b else float("nan"))
