"""The result of a test between versions so far, and whether it may stop; valid at any time."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mulle.stats.sequential import Range, Sums, difference, student, verdict, wilson

if TYPE_CHECKING:
    from mulle.i18n import Messages
    from mulle.verbs.serve.routing.active import ActivePolicy
    from mulle.verbs.serve.routing.arms import ArmStats, StoredArm

ALPHA = 0.05  # probability of any wrong verdict among all comparisons
RELEVANT_SHARE = 0.01  # smaller differences of rewards of 0 and 1 do not matter


def build_report(
    active: ActivePolicy,
    known: Mapping[str, StoredArm],
    compared: Mapping[tuple[str, str], Mapping[str, float]],
    words: Messages,
) -> dict[str, Any]:
    """Compare the versions of this round, each later one with the first.

    The interval of each mean holds for a single look; those of differences hold at all looks.

    Args:
        active: the policy in force.
        known: sums of all processes, by tag.
        compared: sums of shadows, by tag and by the version that answered.
        words: messages in the reader's language.
    """
    arms = _latest_arms(active, known)
    named = [(name, arm) for name, arm in zip(active.policy.versions, active.arms, strict=True)]
    binary = all(_is_binary(arm.rewards) for arm in arms)
    shadows = _compare_shadows(active, compared, words) if active.policy.name == "shadow" else []
    comparisons = [] if shadows else _compare_means(active, words, binary=binary)
    return {
        "model": active.model,
        "policy": active.policy.name,
        "since": active.stored.since,
        "seconds": time.time() - active.stored.since,
        "shares_changed": active.stored.changes,
        "rewards": "binary" if binary else "real",
        "versions": [
            {"version": arm.version, "names": [name for name, other in named if other is arm]}
            | _describe_arm(arm, binary=binary)
            for arm in arms
        ],
        "comparisons": comparisons,
        "shadows": shadows,
        "verdict": " ".join(entry["sentence"] for entry in (*comparisons, *shadows))
        or words("routing.nothing-to-compare"),
    }


def _latest_arms(active: ActivePolicy, known: Mapping[str, StoredArm]) -> list[ArmStats]:
    """Return the arms of this process, updated from all, and further ones of the round."""
    arms = {id(arm): arm for arm in active.arms if arm}
    arms |= {id(arm): arm for arm in active.by_tag.values()}
    others = [
        entry.stats
        for tag, entry in known.items()
        if tag not in active.by_tag
        and (entry.model, entry.round) == (active.model, active.stored.round)
    ]
    return [*arms.values(), *others]


def _describe_arm(arm: ArmStats, *, binary: bool) -> dict[str, Any]:
    rewards = arm.rewards
    found = wilson(rewards.total, rewards.n) if binary else student(rewards)
    return {
        "requests": arm.requests,
        "feedback": int(rewards.n),
        "mean": _finite(found.value),
        "low": _finite(found.low),
        "high": _finite(found.high),
        "interval": "wilson" if binary else "student",
    }


def _compare_means(active: ActivePolicy, words: Messages, *, binary: bool) -> list[dict[str, Any]]:
    """Compare the first version with each of the others; any error has the probability ALPHA."""
    names = active.policy.versions
    first, others = active.arms[0], active.arms[1:]
    if first is None:
        return []
    found = []
    for name, arm in zip(names[1:], others, strict=True):
        if arm is None or arm is first:
            continue
        bounds = (0.0, 1.0) if binary else active.policy.bounds
        alpha = ALPHA / max(1, len(others))
        gap = difference(first.rewards, arm.rewards, alpha=alpha, bounds=bounds)
        relevant = active.policy.relevant
        if relevant is None:
            relevant = RELEVANT_SHARE if binary else 0.0
        found.append(_describe_gap(words, names[0], name, gap, 1 - alpha, relevant))
    return found


def _describe_gap(
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


def _compare_shadows(
    active: ActivePolicy, compared: Mapping[tuple[str, str], Mapping[str, float]], words: Messages
) -> list[dict[str, Any]]:
    """Describe how far each version in the shadow agrees with the one that answers."""
    first = active.arms[0]
    found = []
    for name, arm in zip(active.policy.versions[1:], active.arms[1:], strict=True):
        sums = compared.get((arm.tag.hex(), first.version)) if arm and first else None
        if sums is None:
            continue
        names = {"version": name, "against": active.policy.versions[0]}
        agreement = _describe_agreement(sums)
        sentence = words("routing.shadow", **names, **agreement)
        found.append({**names, **agreement, "sentence": sentence})
    return found


def _describe_agreement(sums: Mapping[str, float]) -> dict[str, Any]:
    """Return shares and means of the sums; latencies in milliseconds per row."""
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


def _is_binary(rewards: Sums) -> bool:
    return rewards.squares == rewards.total and 0 <= rewards.total <= rewards.n


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
