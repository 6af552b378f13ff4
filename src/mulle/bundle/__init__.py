"""The .mulle file: package, prove, score, deliver, load, predict; `exports` takes it elsewhere."""

import importlib
from typing import TYPE_CHECKING, Any

from mulle.bundle.archive import CARD, MODEL, REFERENCE, WATCH, read_hashed, write_archive
from mulle.bundle.baseline import (
    BaselineScore,
    MonitoringBaseline,
    baseline_score,
    parse_baseline,
    record_baseline,
)
from mulle.bundle.card import card, example_row
from mulle.bundle.explanation import Contribution, Explanation
from mulle.bundle.kept import (
    accept,
    accepted,
    challenger_of,
    hold_place,
    is_challenger,
    kept_files,
    put,
    put_back,
)
from mulle.bundle.latency import Latency, measure_latencies, measure_latency
from mulle.bundle.manifest import Manifest, Proof, TokenInput
from mulle.bundle.model import Model, WholeModel, load, load_bytes, load_whole, predict
from mulle.bundle.package import deliver, package, usual_values
from mulle.bundle.prove import prove
from mulle.bundle.same_model import check_place, check_same_model, model_differences
from mulle.bundle.score import Scores, evaluate, read_labelled, score
from mulle.bundle.stress_rows import stress_rows
from mulle.bundle.trace import trace

if TYPE_CHECKING:
    from mulle.bundle.boosters import from_lightgbm

__all__ = [
    "CARD",
    "MODEL",
    "REFERENCE",
    "WATCH",
    "BaselineScore",
    "Contribution",
    "Explanation",
    "Latency",
    "Manifest",
    "Model",
    "MonitoringBaseline",
    "Proof",
    "Scores",
    "TokenInput",
    "WholeModel",
    "accept",
    "accepted",
    "baseline_score",
    "card",
    "challenger_of",
    "check_place",
    "check_same_model",
    "deliver",
    "evaluate",
    "example_row",
    "from_lightgbm",
    "hold_place",
    "is_challenger",
    "kept_files",
    "load",
    "load_bytes",
    "load_whole",
    "measure_latencies",
    "measure_latency",
    "model_differences",
    "package",
    "parse_baseline",
    "predict",
    "prove",
    "put",
    "put_back",
    "read_hashed",
    "read_labelled",
    "record_baseline",
    "score",
    "stress_rows",
    "trace",
    "usual_values",
    "write_archive",
]

# It knows the learners, and so scikit-learn, which an answer of a model can do without.
_HOMES = {"from_lightgbm": "mulle.bundle.boosters"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'mulle.bundle' has no attribute {name!r}")
