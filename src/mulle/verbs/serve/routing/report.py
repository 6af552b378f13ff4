"""What a test between versions says so far, and whether it may stop; to be read at any time."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mulle.stats.sequential import Moments, Range, difference, student, verdict, wilson

if TYPE_CHECKING:
    from mulle.i18n import Messages
    from mulle.verbs.serve.routing.ledger import Known
    from mulle.verbs.serve.routing.running import Running
    from mulle.verbs.serve.routing.tallies import Tally

ALPHA = 0.05
_RELEVANT = 0.01  # of shares


def report(
    running: Running,
    known: Mapping[str, Known],
    compared: Mapping[tuple[str, str], Mapping[str, float]],
    words: Messages,
) -> dict[str, Any]:
    """All versions of this round, each later one compared with the first.

    The interval of each mean is one for a single look; those of differences hold at all looks.

    Args:
        running: the rule at work.
        known: the sums of all processes.
        compared: what shadows found, by tag and the version that answered.
        words: those of the reader.
    """
    tallies = _newest(running, known)
    named = [(name, arm) for name, arm in zip(running.rule.versions, running.arms, strict=True)]
    binary = all(_binary(tally.rewards) for tally in tallies)
    shadows = _shadows(running, compared, words) if running.rule.name == "shadow" else []
    comparisons = [] if shadows else _compared(running, binary, words)
    return {
        "model": running.model,
        "policy": running.rule.name,
        "since": running.kept.since,
        "seconds": time.time() - running.kept.since,
        "shares_changed": running.kept.changes,
        "rewards": "binary" if binary else "real",
        "versions": [
            {"version": tally.version, "names": [n for n, arm in named if arm is tally]}
            | _counts(tally, binary=binary)
            for tally in tallies
        ],
        "comparisons": comparisons,
        "shadows": shadows,
        "verdict": " ".join(entry["sentence"] for entry in (*comparisons, *shadows))
        or words("routing.nothing-to-compare"),
    }


def _newest(running: Running, known: Mapping[str, Known]) -> list[Tally]:
    """Those of this process, which it has learned from all, and further ones of the round."""
    tallies = {id(arm): arm for arm in running.arms if arm}
    tallies |= {id(tally): tally for tally in running.tallies.values()}
    others = [
        entry.tally
        for tag, entry in known.items()
        if tag not in running.tallies
        and (entry.model, entry.round) == (running.model, running.kept.round)
    ]
    return [*tallies.values(), *others]


def _counts(tally: Tally, *, binary: bool) -> dict[str, Any]:
    rewards = tally.rewards
    found = wilson(rewards.total, rewards.n) if binary else student(rewards)
    return {
        "requests": tally.requests,
        "feedback": int(rewards.n),
        "mean": _finite(found.value),
        "low": _finite(found.low),
        "high": _finite(found.high),
        "interval": "wilson" if binary else "student",
    }


def _compared(running: Running, binary: bool, words: Messages) -> list[dict[str, Any]]:  # noqa: FBT001
    """The first version with each of the others; the chance of any error is ALPHA in all."""
    names = running.rule.versions
    first, others = running.arms[0], running.arms[1:]
    if first is None:
        return []
    found = []
    for name, arm in zip(names[1:], others, strict=True):
        if arm is None or arm is first:
            continue
        bounds = (0.0, 1.0) if binary else running.rule.bounds
        alpha = ALPHA / max(1, len(others))
        gap = difference(first.rewards, arm.rewards, alpha=alpha, bounds=bounds)
        relevant = running.rule.relevant
        if relevant is None:
            relevant = _RELEVANT if binary else 0.0
        found.append(_said(words, names[0], name, gap, 1 - alpha, relevant))
    return found


def _said(
    words: Messages, first: str, name: str, gap: Range, level: float, relevant: float
) -> dict[str, Any]:
    code = verdict(gap, relevant)
    ends = (-gap.high, -gap.low) if code == "worse" else (gap.low, gap.high)
    return {
        "version": name,
        "against": first,
        "difference": _finite(gap.value),
        "low": _finite(gap.low),
        "high": _finite(gap.high),
        "level": level,
        "verdict": code,
        "sentence": words(
            f"routing.verdict-{code}",
            version=name, against=first, low=ends[0], high=ends[1], relevant=relevant,
        ),
    }  # fmt: skip


def _shadows(
    running: Running, compared: Mapping[tuple[str, str], Mapping[str, float]], words: Messages
) -> list[dict[str, Any]]:
    """How far each version in the shadow agrees with the one that answers."""
    first = running.arms[0]
    found = []
    for name, arm in zip(running.rule.versions[1:], running.arms[1:], strict=True):
        sums = compared.get((arm.tag.hex(), first.version)) if arm and first else None
        if sums is None:
            continue
        said = _agreement(sums)
        sentence = words("routing.shadow", version=name, against=running.rule.versions[0], **said)
        found.append({"version": name, "against": running.rule.versions[0], **said})
        found[-1]["sentence"] = sentence
    return found


def _agreement(sums: Mapping[str, float]) -> dict[str, Any]:
    """Shares and means of what was added up; latencies in milliseconds a row."""
    agreed, dropped, failed = (int(sums.get(name, 0)) for name in ("agreed", "dropped", "failed"))
    rows = agreed + int(sums.get("differed", 0))
    share = wilson(agreed, rows)
    return {
        "rows": rows,
        "dropped": dropped,
        "failed": failed,
        "agreed": _finite(share.value),
        "agreed_low": _finite(share.low),
        "agreed_high": _finite(share.high),
        "mean_gap": _ratio(sums, "gap", rows),
        "root_mean_squared_gap": math.sqrt(sums.get("gap_squares", 0.0) / rows) if rows else None,
        "milliseconds": _ratio(sums, "seconds", sums.get("timed", 0), 1000),
        "own_milliseconds": _ratio(sums, "own_seconds", sums.get("own_timed", 0), 1000),
    }


def _ratio(sums: Mapping[str, float], name: str, count: float, scale: float = 1.0) -> float | None:
    return scale * sums.get(name, 0.0) / count if count else None


def _binary(rewards: Moments) -> bool:
    return rewards.squares == rewards.total and 0 <= rewards.total <= rewards.n


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
