"""What Evidently and NannyML find in the same windows, each with its defaults."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

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
    "evidently": sum(columns_drifted) / len(columns_drifted),
    "preset": sum(verdicts) / len(verdicts),
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
told = guess.estimate(there).filter(period="analysis").to_df()
print(json.dumps({
    "nannyml": float(made[alerts].any(axis=1).mean()),
    "cbpe": float(told["roc_auc", "alert"].mean()),
}))
"""


def peer_counts(
    python: str, folder: Path, model: Any, reference: pl.DataFrame, windows: list[Any]
) -> dict[str, str]:
    """Return the share of windows with an alarm by tool, in percent; "–" where it ended."""
    names = [n for n in model.manifest.schema.names if n not in ("day", "text")]
    table = model.manifest.schema.validate(reference)
    from mulle.graph import arrays
    from mulle.verbs.watch.labels import encode_labels

    before = model.predict_arrays(arrays(table))
    y = encode_labels(model, reference).y
    _frame(table.frame, names, before, y, 0).write_parquet(folder / "before.parquet")
    frames = [_frame(f, names, p, y, k) for k, (f, p, y) in enumerate(windows)]
    pl.concat(frames).write_parquet(folder / "now.parquet")
    found: dict[str, str] = dict.fromkeys(("evidently", "preset", "nannyml", "cbpe"), "–")
    for code in (_EVIDENTLY, _NANNYML):
        quiet = os.environ | {"NML_DISABLE_USAGE_LOGGING": "1", "DO_NOT_TRACK": "1"}
        quiet.pop("PYTHONPATH", None)
        command = [python, "-c", _BEGIN + code, *(str(folder / f"{n}.parquet")
                                                  for n in ("before", "now"))]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, env=quiet)
        if done.returncode:
            print("   ", (done.stderr.strip().splitlines() or ["?"])[-1][:90])
            continue
        shares = json.loads(done.stdout.strip().splitlines()[-1])
        found |= {name: f"{100 * value:.0f}" for name, value in shares.items()}
    return found


def _frame(frame: pl.DataFrame, names: list[str], predictions: Any, y: Any, k: int) -> pl.DataFrame:
    return frame.select(names).with_columns(
        pl.Series("target", y.astype(np.int64)),
        pl.Series("shown", predictions.codes.astype(np.int64)),
        pl.Series("proba", predictions.scores[:, 1]),
        pl.lit(k).alias("window"),
    )
