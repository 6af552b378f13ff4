"""Sentences of a drift report in a language, and the few lines that a terminal shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mulle.i18n import Messages
from mulle.i18n.format import hundredths, percent
from mulle.language import messages
from mulle.profile.drift import ColumnDrift, Reason, Status, render_reason, render_status
from mulle.verbs.watch.performance import Performance, ScoreStatus
from mulle.verbs.watch.result import DriftResult
from mulle.verbs.watch.verdict import VerdictStatus, judge_drift

MONTH_NAMES = ("january", "february", "march", "april", "may", "june", "july", "august",
               "september", "october", "november", "december")  # fmt: skip
SCORES = "score-reason"  # sentences on scores
MAX_COLUMNS = 12  # columns that the terminal shows


def to_dict(result: DriftResult, lang: str | None = None) -> dict[str, Any]:
    """Return a result as plain values, with a sentence `reason` beside each `reason_code`."""
    words = messages(lang)
    plain: dict[str, Any] = _with_sentences(msgspec.to_builtins(result), words)
    plain["reason"] = headline(result, words)
    if result.season is not None:
        plain["season"]["reason"] = render_season(result, words)
    version = plain.pop("version")
    return {"version": version, **plain}


def headline(result: DriftResult, words: Messages) -> str:
    """Return the verdict in one sentence."""
    group = SCORES if result.status is VerdictStatus.worse else "drift-report"
    return _render(group, result.reason, words)


def drift_headline(result: DriftResult, words: Messages) -> str:
    """Return what became of the rows themselves, apart from scores, in one sentence."""
    _, reason = judge_drift(result.columns, result.prediction, result.target, result.n_cur)
    return _render("drift-report", reason, words)


def render_season(result: DriftResult, words: Messages) -> str:
    """Return the sentence on the months whose rows were compared with; "" where all rows were."""
    season = result.season
    if season is None:
        return ""
    said = words("watch.season", rows=season.rows, months=_name_months(season.months, words))
    return said if season.answers else f"{said} {words('watch.season-answers')}"


def _name_months(months: Sequence[int], words: Messages) -> list[str]:
    return [words(f"month.{MONTH_NAMES[month - 1]}") for month in months]


def render_performance(performance: Performance, words: Messages) -> str:
    """Return the sentence on a score."""
    return _render(SCORES, performance.reason, words)


def summarize(result: DriftResult, lang: str | None = None, *, verbose: bool = False) -> str:
    """Return the result in a few lines: the verdict, what moved, and scores where known.

    Args:
        result: the comparison.
        lang: `en` or `ko`; the person's own language if None.
        verbose: whether each column has its line, and everything else too, moved or not.
    """
    words = messages(lang)
    first = [headline(result, words)]
    if result.status is VerdictStatus.worse:
        first.append(drift_headline(result, words))
    if result.season is not None:
        first.append(render_season(result, words))
    return "\n\n".join(
        part
        for lines in (
            first,
            _column_lines(result, words, verbose=verbose),
            _other_lines(result, words, verbose=verbose),
        )
        if (part := "\n".join(lines))
    )


def _other_lines(result: DriftResult, words: Messages, *, verbose: bool) -> list[str]:
    """Return a line for predictions and labels that moved, and for what else is known."""
    lines = []
    for part, key in ((result.prediction, "answers"), (result.target, "target")):
        if part is not None and (verbose or part.drift_detected):
            lines.append(f"{words(f'watch.{key}')}: {_render_verdict(part, words)}")
    guessed = result.estimated_performance
    if verbose:
        shown = [*result.performance, *guessed]
    else:
        shown = result.performance or [p for p in guessed if p.status is ScoreStatus.worse]
    first = headline(result, words)
    lines += [s for p in shown if (s := render_performance(p, words)) != first]
    if result.n_labels_unknown:
        lines.append(render_unknown_labels(result, words))
    if result.absent:
        lines.append(render_absent(result, words))
    return lines


def scores(result: DriftResult) -> list[Performance]:
    """Return the real scores where there are any, else the estimates."""
    return result.performance or result.estimated_performance


def interval_of(column: ColumnDrift) -> str:
    """Return the interval of the true effect as text."""
    if column.low is None or column.high is None:
        return "–"
    return f"{percent(max(column.low, 0.0))} – {percent(max(column.high, 0.0))}"


def render_absent(result: DriftResult, words: Messages) -> str:
    """Return the sentence on what could not be compared, and what to do about it."""
    names = {f"<{k}>": words(f"watch.{k}") for k in ("answers", "target")}
    names["<score>"] = words("watch.performance")
    return words("watch.absent-about", columns=[names.get(n, n) for n in result.absent])


def render_unknown_labels(result: DriftResult, words: Messages) -> str:
    """Return the sentence on rows whose label the model does not know."""
    return words(
        "watch.labels-unknown", count=result.n_labels_unknown, labels=[*result.labels_unknown][:5]
    )


def _column_lines(result: DriftResult, words: Messages, *, verbose: bool) -> list[str]:
    """Return a line for each column that drifted, and one for all that have too few values."""
    if verbose:
        return [_line(n, c, words) for n, c in result.columns.items()]
    drifted = [n for n, c in result.columns.items() if c.status is Status.drifted]
    lines = [_line(n, result.columns[n], words) for n in drifted[:MAX_COLUMNS]]
    if len(drifted) > MAX_COLUMNS:
        lines.append(f"… {words('page.more-of', count=len(drifted) - MAX_COLUMNS)}")
    undecided = [n for n, c in result.columns.items() if c.status is Status.cannot_tell]
    if undecided and result.status is not VerdictStatus.cannot_tell:
        lines.append(render_undecided(result, words))
    return lines


def render_undecided(result: DriftResult, words: Messages) -> str:
    """Return the sentence on columns that have too few values to tell."""
    names = [n for n, c in result.columns.items() if c.status is Status.cannot_tell]
    return words("watch.undecided-about", undecided=len(names), columns=names)


def _render_verdict(column: ColumnDrift, words: Messages) -> str:
    """Return status and reason, without the status where the reason begins with it."""
    reason = render_reason(column.reason, words)
    if column.status in {Status.no_drift_seen, Status.not_judged}:
        return reason
    return f"{render_status(column.status, words)}. {reason}"


def _line(name: str, column: ColumnDrift, words: Messages) -> str:
    status = render_status(column.status, words)
    known = column.importance is not None and column.importance >= 0.005
    weight = f" ({words('watch.importance')} {hundredths(column.importance)})" if known else ""
    return f"- {name}: {status}{weight}. {render_reason(column.reason, words)}"


def _render(group: str, reason: Reason, words: Messages) -> str:
    said = words(f"{group}.{reason.code}", **reason.values)
    if group != SCORES or not reason.values.get("months"):
        return said
    months = _name_months(reason.values["months"], words)
    return f"{said} {words('watch.season-score', months=months)}"


def _with_sentences(value: Any, words: Messages) -> Any:
    """The same values, with the sentence of each reason of a column or a score beside its code."""
    if isinstance(value, Mapping):
        plain = {key: _with_sentences(inner, words) for key, inner in value.items()}
        if "reason_code" in plain and "columns" not in plain:
            group = SCORES if "metric" in plain else "drift-reason"
            reason = Reason(plain["reason_code"], plain["reason_values"])
            plain["reason"] = _render(group, reason, words)
        return plain
    return [_with_sentences(inner, words) for inner in value] if isinstance(value, list) else value
