"""Drift as the dashboard shows it: for each model a sentence and the columns that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mulle.language import messages
from mulle.profile.drift import render_reason
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.watch import (
    VerdictStatus,
    drift_headline,
    headline,
    render_performance,
    render_season,
    scores,
)

if TYPE_CHECKING:
    from mulle.profile.drift import ColumnDrift
    from mulle.verbs.serve.monitor import MonitorResult
    from mulle.verbs.serve.service import Service

MAX_COLUMNS = 12  # of one model


async def drift_of(service: Service, lang: str) -> list[dict[str, Any]]:
    """Describe the default version of each model; versions that are not monitored are left out."""
    found = []
    for name in service.repository.names:
        try:
            result = await service.monitor.result(service.repository.get_model(name))
        except HTTPError:
            continue
        found.append(_describe(result, lang))
    return found


def _describe(result: MonitorResult, lang: str) -> dict[str, Any]:
    report, words = result.report, messages(lang)
    first, about = headline(report, words), [render_season(report, words)]
    if report.status is VerdictStatus.worse:
        about = [drift_headline(report, words), *about]

    def line(name: str, column: ColumnDrift, part: str = "") -> dict[str, Any]:
        return {
            "name": name,
            "part": part,
            "status": column.status,
            "score": column.score,
            "threshold": column.threshold,
            "reason": render_reason(column.reason, words),
        }

    parts = {"answers": report.prediction, "target": report.target}
    return {
        **result.describe_rows(),
        "status": report.status,
        "headline": first,
        "alarm": report.alarm,
        "about": " ".join(filter(None, about)),
        "scores": [s for p in scores(report) if (s := render_performance(p, words)) != first],
        "columns": [
            line(name, column) for name, column in list(report.columns.items())[:MAX_COLUMNS]
        ] + [line(name, column, name) for name, column in parts.items() if column],
        "left": max(0, len(report.columns) - MAX_COLUMNS),
    }  # fmt: skip
