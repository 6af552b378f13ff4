"""Posterior probabilities, and the log-likelihood of a normal distribution.

posterior       P(A given B) = P(B given A) P(A) / sum over A of the same
log_likelihood  log p(x; mean, std) as a function of mean and std: it need not sum to 1 over them

source  Gelman et al. 2013, "Bayesian Data Analysis", section 1.3
catalogue  stat-bayes stat-likelihood
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mulle.arrays import Array


def posterior(prior: ArrayLike, likelihood: ArrayLike) -> Array:
    """Return the posterior (k,) of k hypotheses, from their prior (k,) and likelihoods (k,).

    A test that finds 99 % of the ill and 5 % of the well, of whom 1 % are ill:

    >>> posterior([0.01, 0.99], [0.99, 0.05]).round(3).tolist()
    [0.167, 0.833]
    """
    joint = np.asarray(prior, np.float64) * np.asarray(likelihood, np.float64)
    found: Array = joint / joint.sum()
    return found


def log_likelihood(x: ArrayLike, mean: float, std: float) -> float:
    """Return the log-likelihood of (n,) independent values under a normal distribution.

    >>> round(log_likelihood([0.0], 0.0, 1.0), 4)
    -0.9189
    """
    z = (np.asarray(x, np.float64) - mean) / std
    return float(-(z * z).sum() / 2 - len(z) * np.log(std * np.sqrt(2 * np.pi)))
