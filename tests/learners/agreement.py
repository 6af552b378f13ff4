"""How far the answers of a learner's graph may be from those of Python."""

import numpy as np

from mulle.learners import Learner

TOLERANCE = 1e-12  # of a probability, or of a value relative to the largest


def most_apart(learner: Learner, expected: np.ndarray) -> float:
    """Return what the learner promises: of a graph in float32, twice what training rows show."""
    if getattr(learner, "graph_type_", None) is np.float32:
        return float(2 * learner.most_off())
    return TOLERANCE * max(1.0, float(np.abs(expected).max()))
