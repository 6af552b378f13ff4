"""Why a row got its prediction: how it moves as each column is replaced by its usual value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.bundle.manifest import Manifest
from mulle.graph import MISSING_DATE, MISSING_STRING, RowPacker
from mulle.metrics import Predictions
from mulle.table.types.pixels import is_pixels


class Contribution(msgspec.Struct, frozen=True):
    """What one column adds: the prediction as it is, less that with the column's usual value.

    Attributes:
        value, usual: the column's value in the row, and its usual value (None: missing).
        change: in probability of the predicted class, or in the unit of the target.
    """

    column: str
    value: float | int | str | None
    usual: float | int | str | None
    change: float


class Explanation(msgspec.Struct, frozen=True):
    """A row's prediction and what its columns contribute.

    Attributes:
        prediction: the label, or the value; None for a row that is left out.
        score: the probability of the label, or the value.
        contributions: one a column, the largest change first.
    """

    prediction: bool | int | float | str | None
    score: float
    contributions: list[Contribution]


def explain(
    predict: Callable[[Mapping[str, Array]], Predictions],
    manifest: Manifest,
    inputs: Mapping[str, Array],
    empty: Array | None = None,
) -> list[Explanation]:
    """Predict each row, and each row again with one column at a time replaced.

    Args:
        predict: the model's predictions of arrays.
        manifest: of the same model.
        inputs: one array [N, 1] a column.
        empty: which rows get no answer [N]: prediction None, score nan, no contributions.
    """
    columns = manifest.schema.columns
    usual = RowPacker(columns)({c.name: manifest.usual.get(c.name) for c in columns})
    rows = len(next(iter(inputs.values())))
    if not rows:
        return []
    scores, codes = predict(inputs)
    at = np.arange(rows)
    base = scores if codes is None else scores[at, codes]
    moved = np.empty((rows, len(columns)))
    for j, column in enumerate(columns):
        replaced = {**inputs, column.name: np.repeat(usual[column.name], rows, axis=0)}
        changed = predict(replaced).scores
        moved[:, j] = base - (changed if codes is None else changed[at, codes])
    labels = base if codes is None else np.array(manifest.labels, dtype=object)[codes]
    nothing = Explanation(None, float("nan"), [])
    return [
        nothing
        if empty is not None and empty[i]
        else Explanation(
            _to_plain(labels[i]),
            float(base[i]),
            [
                Contribution(
                    columns[j].name,
                    _to_plain(inputs[columns[j].name][i, 0]),
                    manifest.usual.get(columns[j].name),
                    float(moved[i, j]),
                )
                for j in np.argsort(-np.abs(moved[i]), kind="stable")
            ],
        )
        for i in range(rows)
    ]


def _to_plain(value: Any) -> Any:
    """Return a NumPy scalar as a plain value, missing as None, pixels as the word `image`."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, str) and is_pixels(value):
        return "image"
    missing = value in (MISSING_STRING, MISSING_DATE) or value != value
    return None if missing else value
