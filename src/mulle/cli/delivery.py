"""What a fit gave, on half a screen: the same facts as `--format json`, set to be read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mulle.cli.options import Language, words_of
from mulle.i18n.format import count, duration, interval, micros, number, score, size


def in_words(summary: Mapping[str, Any], *, target: str, source: str = "ROWS.csv") -> str:
    """The summary of a `Result` as text.

    Args:
        summary: of the `Result`.
        target: the column that is predicted.
        source: the table, for the commands that come next.
    """
    bundle, report = summary["bundle"], summary["report"]
    facts = [
        ("validation", _validation(summary)),
        ("proof", _proof(summary)),
        ("time", _time(summary["budget"])),
        ("one row", _latency(summary["latency_us"])),
        ("made of", _members(summary["leaderboard"])),
    ]
    files = [
        (bundle, f"the model, {size(summary['size_bytes'])}"),
        (report, f"the report, {size(_bytes(report))}"),
        (_run_folder(summary), f"the run: {count(summary['decisions']['count'])} decisions"),
    ]
    lines = [_headline(summary, target), "", *_columns(facts), "", *_columns(files), ""]
    return "\n".join(
        [
            *lines,
            f"next: mulle predict {quoted(bundle)} {quoted(source)} -o answers.csv",
            f"      mulle explain {quoted(bundle)}",
        ]
    )


def quoted(word: str) -> str:
    """A path as the shell reads it back."""
    import shlex

    return f'"{word}"' if os.name == "nt" and " " in word else shlex.quote(word)


def stopped(reason: str) -> str:
    """Why a search ended, in words.

    >>> stopped("no-gain")
    'nothing improved any more'
    """
    return words_of(Language.en).name("stop", reason)


def _headline(summary: Mapping[str, Any], target: str) -> str:
    low, high = summary["score"].get("test_interval") or (None, None)
    told = interval(summary["score"]["test"], low, high) if _said(low) else None
    told = told or score(summary["score"]["test"])
    return f"{target}: {summary['metric']} {told} on test rows that it never saw"


def _said(value: Any) -> bool:
    return value is not None and value == value


def _validation(summary: Mapping[str, Any]) -> str:
    baseline = [row["score"] for row in summary["leaderboard"] if row["learner"] == "dummy"]
    against = f", against {score(baseline[0])} of the baseline" if baseline else ""
    return f"{score(summary['score']['validation'])}{against}"


def _proof(summary: Mapping[str, Any]) -> str:
    proof = summary["parity"]
    if summary["task"] == "regression":
        largest = number(proof["max_diff_in_std"], digits=2)
        difference = f"off by {largest} standard deviations at most"
    else:
        largest = number(proof["max_abs_diff"], digits=2)
        difference = f"off by {largest} at most, {count(proof['label_flips'])} labels differ"
    return f"{count(proof['rows'])} rows, file against pipeline: {difference}"


def _time(budget: Mapping[str, Any]) -> str:
    promised, actual = budget["promised_s"], duration(budget["actual_s"])
    said = f"took {actual}" if promised is None else f"promised {duration(promised)}, took {actual}"
    return f"{said}: {stopped(budget['stopped'])}"


def _latency(latency: Mapping[str, float]) -> str:
    return f"{micros(latency['p50'])} median, {micros(latency['p99'])} for 99 of 100"


def _members(rows: list[dict[str, Any]]) -> str:
    members = [r for r in rows if r["weight"] > 0 and r["learner"] != "blend"]
    members.sort(key=lambda r: -r["weight"])
    told = [f"{r['name']} {r['weight']:.0%}" for r in members[:4]]
    return ", ".join(told) + (f" and {len(members) - 4} more" if len(members) > 4 else "")


def _run_folder(summary: Mapping[str, Any]) -> str:
    return str(Path(summary["decisions"]["file"]).parent)


def _bytes(path: str) -> int | None:
    return Path(path).stat().st_size if Path(path).exists() else None


def _columns(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"  {name:<{width}}  {value}" for name, value in rows]
