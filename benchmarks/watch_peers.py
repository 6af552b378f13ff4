"""What Evidently and NannyML find in the same windows, each with its defaults."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from watch_windows import Case, Fitted, Found, answered, draw_block, judge

WINDOWS = 50  # that the peers are started for at once

_BEGIN = """
import sys, json, warnings
warnings.simplefilter("ignore")
import pandas as pd
here, there = (pd.read_parquet(p) for p in sys.argv[1:3])
columns = [c for c in here if c not in ("target", "shown", "window", "proba")]
"""
_EVIDENTLY = """
from evidently import Report
from evidently.presets import DataDriftPreset
columns_drifted, verdicts = [], []
for _, rows in there.groupby("window"):
    made = Report([DataDriftPreset()]).run(rows[columns], here[columns]).dict()
    for m in made["metrics"]:
        if "drift_share" in m["config"]:  # its own count and the share of its verdict
            columns_drifted.append(m["value"]["count"] > 0)
            verdicts.append(m["value"]["share"] >= m["config"]["drift_share"])
print(json.dumps({
    "evidently": [bool(v) for v in columns_drifted],
    "preset": [bool(v) for v in verdicts],
}))
"""
_NANNYML = """
import nannyml
size = len(there) // there["window"].nunique()
drift = nannyml.UnivariateDriftCalculator(column_names=columns, chunk_size=size)
drift.fit(here)
made = drift.calculate(there).filter(period="analysis").to_df()
alerts = [c for c in made.columns if c[2] == "alert"]
guess = nannyml.CBPE(
    problem_type="classification_binary", y_pred_proba="proba", y_pred="shown", y_true="target",
    metrics=["roc_auc"], chunk_size=size,
)
guess.fit(here)
scored = guess.estimate(there).filter(period="analysis").to_df()
print(json.dumps({
    "nannyml": made[alerts].any(axis=1).tolist(),
    "cbpe": scored["roc_auc", "alert"].tolist(),
}))
"""


def run_peers(
    python: str, fitted: Fitted, case: Case, windows: int, folder: Path, found: Found
) -> None:
    """Judge the windows that a case lacks, with mulle and with the peers."""
    while (left := windows - found.windows(case)) > 0:
        size = min(WINDOWS, left)
        drawn = list(draw_block(fitted, case, size, found.blocks[case]))
        counts: Counter[str] = Counter()
        for window in drawn:
            counts.update(judge(fitted, *window))
        counts.update(_peer_counts(python, folder, fitted, drawn))
        found.add(case, counts)


def _peer_counts(python: str, folder: Path, fitted: Fitted, windows: list[Any]) -> dict[str, int]:
    """Return the windows with an alarm by tool, and how many it judged: none where it ended."""
    names = [n for n in fitted.model.manifest.schema.names if n not in ("day", "text")]
    rows = np.random.default_rng(0), fitted.world.rows
    before = answered(fitted, None, *rows)  # those that the model learned from
    _frame(names, *before, 0).write_parquet(folder / "before.parquet")
    frames = [_frame(names, *window, k) for k, window in enumerate(windows)]
    pl.concat(frames).write_parquet(folder / "now.parquet")
    found: dict[str, int] = {}
    for code in (_EVIDENTLY, _NANNYML):
        quiet = os.environ | {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}
        quiet.pop("PYTHONPATH", None)
        command = [python, "-c", _BEGIN + code, *(str(folder / f"{n}.parquet")
                                                  for n in ("before", "now"))]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, env=quiet)
        if done.returncode:
            print("   ", (done.stderr.strip().splitlines() or ["?"])[-1][:90], file=sys.stderr)
            continue
        for name, flags in json.loads(done.stdout.strip().splitlines()[-1]).items():
            found |= {name: sum(flags), f"{name}-windows": len(flags)}
    return found


def _frame(names: list[str], frame: pl.DataFrame, predictions: Any, y: Any, k: int) -> pl.DataFrame:
    return frame.select(names).with_columns(
        pl.Series("target", y.astype(np.int64)),
        pl.Series("shown", predictions.codes.astype(np.int64)),
        pl.Series("proba", predictions.scores[:, 1]),
        pl.lit(k).alias("window"),
    )
