"""What a fit gave, on half a screen: the same facts as `--format json`, set to be read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mulle.cli.text_table import render_next
from mulle.i18n.format import display_width, interval, score
from mulle.language import messages

MAX_MEMBERS = 4  # of a blend that are named


def summarize(summary: Mapping[str, Any], *, target: str, source: str = "ROWS.csv") -> str:
    """Return the summary of a `Result` as text, in the person's language.

    Args:
        summary: of the `Result`.
        target: the column that is predicted.
        source: the table, for the commands that come next.
    """
    words = messages()
    bundle, report = summary["bundle"], summary["report"]
    facts = [
        (words("fit-summary.validation"), _validation(summary)),
        (words("fit-summary.threshold"), _threshold(summary)),
        (words("fit-summary.proof"), _proof(summary)),
        (words("fit-summary.time"), _time(summary["budget"])),
        (words("fit-summary.latency"), words("fit-summary.latency-of", **summary["latency_us"])),
        (words("fit-summary.members"), _members(summary["leaderboard"])),
    ]
    files = [
        (bundle, words("fit-summary.model-file", size=summary["size_bytes"])),
        (report, words("fit-summary.report-file", size=_bytes(report))),
        (_run_folder(summary), words("fit-summary.run-folder", **summary["decisions"])),
    ]
    if summary["kept"]:
        files.append((summary["kept"], words("fit-summary.kept-file", bundle=quote(bundle))))
    commands = [
        f"mulle predict {quote(bundle)} {quote(source)} -o predictions.csv",
        f"mulle explain {quote(bundle)}",
    ]
    return "\n".join(
        [
            _headline(summary, target),
            "",
            *_columns([fact for fact in facts if fact[1]]),
            "",
            *_columns(files),
            "",
            render_next(*commands),
        ]
    )


def quote(word: str) -> str:
    """Return a path as the shell reads it back."""
    import shlex

    return f'"{word}"' if os.name == "nt" and " " in word else shlex.quote(word)


def name_metric(metric: str, positive: Any) -> str:
    """Return a metric's name, with the positive class where it is about that.

    >>> name_metric("f1", "yes"), name_metric("roc_auc", "yes")
    ('f1 (yes)', 'roc_auc')
    """
    from mulle.metrics import name_positive

    return f"{metric}{name_positive(metric, positive)}"


def _headline(summary: Mapping[str, Any], target: str) -> str:
    low, high = summary["score"].get("test_interval") or (None, None)
    test = summary["score"]["test"]
    said = interval(test, low, high) if low is not None and low == low else score(test)
    metric = name_metric(summary["metric"], summary["positive"])
    return messages()("fit-summary.headline", target=target, metric=metric, score=said)


def _validation(summary: Mapping[str, Any]) -> str:
    baseline = [row["score"] for row in summary["leaderboard"] if row["learner"] == "dummy"]
    key = "fit-summary.against" if baseline else "fit-summary.alone"
    if not summary["beats_baseline"]:
        key = "fit-summary.unbeaten" if summary["learners"] else "fit-summary.baseline-alone"
        baseline = []
    values = {"baseline": baseline[0]} if baseline else {}
    return messages()(key, score=summary["score"]["validation"], **values)


def _threshold(summary: Mapping[str, Any]) -> str:
    """Return from which probability the positive class is predicted; "" for other tasks."""
    if summary["threshold"] is None:
        return ""
    label, threshold = str(summary["positive"]), summary["threshold"]
    return messages()("fit-summary.threshold-of", label=label, threshold=threshold)


def _proof(summary: Mapping[str, Any]) -> str:
    proof, regression = summary["parity"], summary["task"] == "regression"
    largest = proof["max_diff_in_std" if regression else "max_abs_diff"]
    key = "fit-summary.proof-values" if regression else "fit-summary.proof-labels"
    return messages()(key, rows=proof["rows"], largest=largest, flips=proof["label_flips"])


def _time(budget: Mapping[str, Any]) -> str:
    key = "fit-summary.took" if budget["promised_s"] is None else "fit-summary.promised"
    return messages()(
        key,
        promised=budget["promised_s"],
        actual=budget["actual_s"],
        reason=budget["stopped"],
    )


def _members(rows: list[dict[str, Any]]) -> str:
    members = [r for r in rows if r["weight"] > 0 and r["learner"] != "blend"]
    members.sort(key=lambda r: -r["weight"])
    named = {row["name"]: row["weight"] for row in members[:MAX_MEMBERS]}
    left = len(members) - len(named)
    key = "fit-summary.members-more" if left else "fit-summary.members-all"
    return messages()(key, members=named, more=left)


def _run_folder(summary: Mapping[str, Any]) -> str:
    return str(Path(summary["decisions"]["file"]).parent)


def _bytes(path: str) -> int | None:
    return Path(path).stat().st_size if Path(path).exists() else None


def _columns(rows: list[tuple[str, str]]) -> list[str]:
    widest = max(display_width(name) for name, _ in rows)
    return [f"  {name}{' ' * (widest - display_width(name))}  {value}" for name, value in rows]
