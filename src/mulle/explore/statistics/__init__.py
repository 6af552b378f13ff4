"""Statistics of a first course, one small function each: series, resampling, power, chains, ...."""

from mulle.explore.statistics.bayes import log_likelihood, posterior
from mulle.explore.statistics.markov import after, transitions
from mulle.explore.statistics.power import power, sample_size
from mulle.explore.statistics.resampling import Spread, bootstrap, jackknife, permutation
from mulle.explore.statistics.rules import Association, association
from mulle.explore.statistics.series import ewma, moving_average

__all__ = [
    "Association",
    "Spread",
    "after",
    "association",
    "bootstrap",
    "ewma",
    "jackknife",
    "log_likelihood",
    "moving_average",
    "permutation",
    "posterior",
    "power",
    "sample_size",
    "transitions",
]
