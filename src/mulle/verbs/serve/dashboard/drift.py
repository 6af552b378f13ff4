"""What moved, as the dashboard shows it: of each model a sentence and the columns that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mulle.language import messages
from mulle.profile.drift import render_reason
from mulle.verbs.serve.http import HTTPError
from mulle.verbs.watch.sentences import headline, render_performance

if TYPE_CHECKING:
    from mulle.profile.drift import ColumnDrift
    from mulle.verbs.serve.service import Service
    from mulle.verbs.serve.watching import Judged

SHOWN = 12  # columns of one model


async def drift_of(service: Service, lang: str) -> list[dict[str, Any]]:
    """Of each model the version that answers by default; what is not watched is left out."""
    found = []
    for name in service.repository.names:
        try:
            judged = await service.watching.judged(service.repository.get_model(name))
        except HTTPError:
            continue
        found.append(_shown(judged, lang))
    return found


def _shown(judged: Judged, lang: str) -> dict[str, Any]:
    verdict, words = judged.verdict, messages(lang)

    def line(name: str, column: ColumnDrift, part: str = "") -> dict[str, Any]:
        return {
            "name": name,
            "part": part,
            "status": column.status,
            "score": column.score,
            "threshold": column.threshold,
            "reason": render_reason(column.reason, words),
        }

    parts = {"answers": verdict.prediction, "target": verdict.target}
    return {
        **judged.about(),
        "status": verdict.status,
        "said": headline(verdict, words),
        "scores": [render_performance(p, words) for p in verdict.performance],
        "columns": [
            line(name, column) for name, column in list(verdict.columns.items())[:SHOWN]
        ] + [line(name, column, name) for name, column in parts.items() if column],
        "left": max(0, len(verdict.columns) - SHOWN),
    }  # fmt: skip
