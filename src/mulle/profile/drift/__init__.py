"""The comparison of two profiles: which columns drifted, by the size of the effect."""

from mulle.profile.drift.chart import draw_picture
from mulle.profile.drift.columns import (
    ONLY_MISSING,
    Limits,
    Pair,
    compare_column,
    compare_columns,
    count_checks,
)
from mulle.profile.drift.result import Check, ColumnDrift, Picture, Reason, Status
from mulle.profile.drift.sentences import render_reason, render_status

__all__ = [
    "ONLY_MISSING",
    "Check",
    "ColumnDrift",
    "Limits",
    "Pair",
    "Picture",
    "Reason",
    "Status",
    "compare_column",
    "compare_columns",
    "count_checks",
    "draw_picture",
    "render_reason",
    "render_status",
]
