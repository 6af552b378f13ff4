"""The chart of a picture: both distributions over each other."""

from __future__ import annotations

from mulle.i18n import Messages
from mulle.profile.drift.result import Picture
from mulle.report import charts
from mulle.report.charts import Drawing


def draw_picture(
    picture: Picture | None, name: str, series: tuple[str, str], words: Messages
) -> Drawing | None:
    """Draw the two distributions of a column; None where there is nothing to draw.

    Args:
        picture: shares of both sides.
        name: title of the chart.
        series: names of the reference and of the current rows.
        words: messages of the language.
    """
    if picture is None:
        return None
    if picture.edges:
        return charts.histogram(
            picture.edges, picture.reference, name, other=picture.current, series=series,
            shares=True, outside=picture.outside, words=words,
        )  # fmt: skip
    special = {"<unseen>": words("drift.unseen-label"), "<other>": words("drift.other-label")}
    labels = [special.get(label, label or "“”") for label in picture.labels]
    return charts.paired_bars(
        labels, picture.reference, picture.current, name, series=series, words=words
    )
