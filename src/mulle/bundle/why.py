"""Why a row got its answer: how it moves as each column is replaced by its usual value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.graph import MISSING_DATE, MISSING_STRING, RowPacker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mulle.bundle.model import Model


class Part(msgspec.Struct, frozen=True):
    """One column's part: the answer as it is, less the answer with the column's usual value.

    Attributes:
        value, usual: the column's value in the row, and its reference value (None: missing).
        change: in probability of the predicted class, or in the unit of the target.
    """

    column: str
    value: float | int | str | None
    usual: float | int | str | None
    change: float


class Why(msgspec.Struct, frozen=True):
    """A row's answer, its probability (or value), and the parts, the largest change first."""

    answer: bool | int | float | str
    score: float
    parts: list[Part]


def explain(model: Model, inputs: Mapping[str, Array]) -> list[Why]:
    """Answer each row, and each row again with one column at a time replaced."""
    columns = model.manifest.schema.columns
    usual = RowPacker(columns)({c.name: model.manifest.reference.get(c.name) for c in columns})
    rows = len(next(iter(inputs.values())))
    if not rows:
        return []
    scores, chosen = model.answer(inputs)
    at = np.arange(rows)
    base = scores if chosen is None else scores[at, chosen]
    moved = np.empty((rows, len(columns)))
    for j, column in enumerate(columns):
        replaced = {**inputs, column.name: np.repeat(usual[column.name], rows, axis=0)}
        changed, _ = model.answer(replaced)
        moved[:, j] = base - (changed if chosen is None else changed[at, chosen])
    labels = base if chosen is None else np.array(model.manifest.labels, dtype=object)[chosen]
    return [
        Why(
            _plain(labels[i]),
            float(base[i]),
            [
                Part(
                    columns[j].name,
                    _plain(inputs[columns[j].name][i, 0]),
                    model.manifest.reference.get(columns[j].name),
                    float(moved[i, j]),
                )
                for j in np.argsort(-np.abs(moved[i]), kind="stable")
            ],
        )
        for i in range(rows)
    ]


def _plain(value: Any) -> Any:
    """A NumPy scalar as a plain value, missing as None."""
    value = value.item() if hasattr(value, "item") else value
    missing = value in (MISSING_STRING, MISSING_DATE) or value != value
    return None if missing else value
