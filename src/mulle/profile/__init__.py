"""What columns look like, in one pass and mergeable."""

from mulle.profile.columns import ColumnProfile, DateProfile, NumberProfile, StringProfile
from mulle.profile.histogram import Histogram
from mulle.profile.moments import Moments
from mulle.profile.profile import Profile
from mulle.profile.sketch import Quantiles
from mulle.profile.tally import Tally

__all__ = [
    "ColumnProfile",
    "DateProfile",
    "Histogram",
    "Moments",
    "NumberProfile",
    "Profile",
    "Quantiles",
    "StringProfile",
    "Tally",
]
