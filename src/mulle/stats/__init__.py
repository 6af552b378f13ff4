"""Pure statistics of arrays: distances, tests, sequences of looks, resampling, power, series."""

from mulle.stats.bayes import log_likelihood, posterior
from mulle.stats.distances import (
    chebyshev,
    cosine_distance,
    cosine_similarity,
    dot,
    euclidean,
    manhattan,
    minkowski,
    norm,
)
from mulle.stats.divergences import jensen_shannon, psi, wasserstein
from mulle.stats.markov import after, transitions
from mulle.stats.power import power, sample_size
from mulle.stats.resampling import Estimate, bootstrap, draw_rows, jackknife, permutation
from mulle.stats.rules import Association, association
from mulle.stats.series import ewma, moving_average
from mulle.stats.tests import bonferroni, chi_squared, ks, ks_distance, missing_rates

__all__ = [
    "Association",
    "Estimate",
    "after",
    "association",
    "bonferroni",
    "bootstrap",
    "chebyshev",
    "chi_squared",
    "cosine_distance",
    "cosine_similarity",
    "dot",
    "draw_rows",
    "euclidean",
    "ewma",
    "jackknife",
    "jensen_shannon",
    "ks",
    "ks_distance",
    "log_likelihood",
    "manhattan",
    "minkowski",
    "missing_rates",
    "moving_average",
    "norm",
    "permutation",
    "posterior",
    "power",
    "psi",
    "sample_size",
    "transitions",
    "wasserstein",
]
