"""Profiles of columns, made in one pass and mergeable."""

from mulle.profile.answers import Answers
from mulle.profile.columns import ColumnProfile, DateProfile, NumberProfile, StringProfile
from mulle.profile.counts import (
    AnyCounts,
    CategoryCounts,
    NumberCounts,
    TextCounts,
    counts_of,
    frame_of,
)
from mulle.profile.histogram import Histogram
from mulle.profile.moments import Moments
from mulle.profile.profile import Profile
from mulle.profile.seasons import Bins, Month, Seasons, months_of, without_frame
from mulle.profile.sketch import Quantiles
from mulle.profile.tally import Tally

__all__ = [
    "Answers",
    "AnyCounts",
    "Bins",
    "CategoryCounts",
    "ColumnProfile",
    "DateProfile",
    "Histogram",
    "Moments",
    "Month",
    "NumberCounts",
    "NumberProfile",
    "Profile",
    "Quantiles",
    "Seasons",
    "StringProfile",
    "Tally",
    "TextCounts",
    "counts_of",
    "frame_of",
    "months_of",
    "without_frame",
]
