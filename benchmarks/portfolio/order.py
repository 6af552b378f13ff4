"""Learn the order of the portfolio from what `measure.py` kept, and say what it is worth.

Again and again the plan comes next that lowers the error of the blend most for its seconds, over
all tables: the mean logarithm of the error ratio, over the seconds as shares of what all plans of
the table take. Blends are chosen as `fit` chooses them. An order is worth the mean error along
its way, weighed by time; of the learned one it is told leaving each table out in turn.

    python order.py FOLDER_OF_PREDICTIONS [--write evidence.json]
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mulle.metrics import Metric, metrics_for
from mulle.verbs.fit.blending import greedy_weights

LEAST = 1e-6  # an error of 0 has no logarithm
ENOUGH = 1e-4  # of the error: plans that lower it by less come last, the cheapest first
HORIZON = 0.6  # of the seconds of all plans, along which an order is judged


@dataclass
class Measured:
    """What was measured on a table.

    Attributes:
        shares: of each plan, of the seconds of all plans.
        oof: out-of-fold predictions of each plan.
    """

    name: str
    metric: Metric
    y: np.ndarray
    shares: dict[str, float]
    oof: dict[str, np.ndarray]
    known: dict[frozenset[str], float] = field(default_factory=dict)

    def log_error(self, plans: Sequence[str]) -> float:
        """Return the logarithm of the blend's error; of the baseline's without any plan."""
        names = frozenset(plan for plan in plans if plan in self.oof)
        if names not in self.known:
            members = [self.oof[plan] for plan in sorted(names)] or [self.oof["baseline"]]
            _, score = greedy_weights(members, self.y, self.metric)
            error = 1.0 - score if self.metric.name == "roc_auc" else score
            self.known[names] = math.log(max(LEAST, error))
        return self.known[names]


def read(folder: Path) -> list[Measured]:
    """Read all tables that were measured."""
    found = []
    for path in sorted(folder.glob("*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        arrays = dict(np.load(path.with_suffix(".npz")))
        seconds = {name: plan["seconds"] for name, plan in facts["plans"].items()}
        if "lightgbm_pairs" in seconds:
            seconds["lightgbm_pairs"] += facts["looking"]
        if not facts["pairs"] and "lightgbm_pairs" in arrays:
            seconds["lightgbm_pairs"] = facts["looking"]  # it is not tried where none is found
            del arrays["lightgbm_pairs"]
        total = sum(seconds.values())
        shares = {name: taken / total for name, taken in seconds.items()}
        y, metric = arrays.pop("y"), metrics_for(facts["task"], [])[0]
        found.append(Measured(path.stem, metric, y, shares, arrays))
    return found


def learn(tables: list[Measured], names: list[str]) -> list[tuple[str, float, float]]:
    """Return the plans in order, each with its mean gain and its mean share of the seconds."""
    order: list[tuple[str, float, float]] = []
    rest, taken = list(names), []
    while rest:
        gains, costs = {}, {}
        for plan in rest:
            gain = [t.log_error(taken) - t.log_error([*taken, plan]) for t in tables]
            gains[plan] = float(np.mean(gain))
            costs[plan] = float(np.mean([t.shares.get(plan, 0.0) for t in tables]))
        worth = {plan: gains[plan] / costs[plan] for plan in rest if gains[plan] > ENOUGH}
        chosen = max(worth, key=worth.get) if worth else min(rest, key=costs.get)
        order.append((chosen, gains[chosen], costs[chosen]))
        taken.append(chosen)
        rest.remove(chosen)
    return order


def worth(table: Measured, order: Sequence[str]) -> float:
    """Return the mean log error along an order, weighed by time, up to the horizon."""
    spent, total, taken, error = 0.0, 0.0, [], table.log_error([])
    for plan in order:
        share = min(table.shares.get(plan, 0.0), HORIZON - spent)
        total, spent = total + share * error, spent + share
        if spent >= HORIZON:
            break
        taken.append(plan)
        error = table.log_error(taken)
    return (total + (HORIZON - spent) * error) / HORIZON


def main() -> None:
    """Print the learned order, and compare it with the order in which plans were measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("predictions", type=Path)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    tables = read(options.predictions)
    names = [n for n in max((list(t.shares) for t in tables), key=len) if n != "baseline"]
    order = learn(tables, names)
    print(f"{len(tables)} tables; the error of the blend falls, in order:")
    for plan, gain, share in order:
        print(f"{plan:16} {100 * math.expm1(gain):7.2f} %  in {100 * share:5.1f} % of all seconds")
    found = []
    for table in tables:
        others = [plan for plan, _, _ in learn([t for t in tables if t is not table], names)]
        found.append(worth(table, others) - worth(table, names))
    mean, error = float(np.mean(found)), float(np.std(found, ddof=1) / math.sqrt(len(found)))
    print(f"learned without the table, over the present order: x {math.exp(mean):.4f}", end=" ")
    print(f"+- {error:.4f}, better on {sum(f < 0 for f in found)} of {len(found)}")
    if options.write:
        evidence = {"tables": [t.name for t in tables], "order": order, "left out": found}
        options.write.write_text(json.dumps(evidence, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
