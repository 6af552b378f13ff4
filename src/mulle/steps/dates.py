"""Turn dates into numbers: calendar fields, positions on a circle, and time elapsed.

catalogue  var-str-struct
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, never
from mulle.constraints import Flag
from mulle.graph import MISSING_DATE, Matrix, date_parts, is_missing
from mulle.graph.dates import MICROSECONDS_A_DAY
from mulle.settings import Parameters
from mulle.steps.base import Step
from mulle.table import Storage

_PERIOD = {"month": 12.0, "weekday": 7.0, "day_of_year": 365.25, "hour": 24.0}


class DateParts(Step):
    """Give calendar fields and the days since the first training date; NaN for missing dates.

    Args:
        cyclic: give fields that go round (month, weekday, day of the year, hour) as sine and
            cosine, so that December stands beside January; for linear models and networks.

    Fields that are the same in all training rows are left out.

    >>> x = np.array([["2024-01-01"], ["2024-01-03"]], dtype="datetime64[us]").astype(np.int64)
    >>> step = DateParts().fit(x)
    >>> list(step.get_feature_names_out(["at"]))
    ['at day', 'at weekday', 'at day_of_year', 'at days elapsed']
    >>> step.transform(x).tolist()
    [[1.0, 0.0, 1.0, 0.0], [3.0, 2.0, 3.0, 2.0]]
    """

    storage = Storage.date
    per_column = True
    parameters: ClassVar[Parameters] = {"cyclic": Flag()}

    def __init__(self, *, cyclic: bool = False) -> None:
        self.cyclic = cyclic

    def learn(self, x: Matrix, y: Array | None = None, stop: Stop = never) -> None:
        """Learn the first date, and which fields vary."""
        seen = x[x != MISSING_DATE]
        self.first_ = int(seen.min()) if len(seen) else 0
        fields = date_parts(seen if len(seen) else np.zeros(1, np.int64))
        self.fields_ = [name for name, part in fields.items() if (part != part[0]).any()]

    def compute(self, x: Matrix) -> Matrix:
        """Return the fields, then the days elapsed [N, M]."""
        xp = x.__array_namespace__()
        missing = is_missing(x)
        known = xp.where(missing, self.first_, x)
        fields = date_parts(known)
        results = []
        for name in self.fields_:
            part = xp.astype(fields[name], xp.float64)
            if self.cyclic and name in _PERIOD:
                turns = part / _PERIOD[name]
                results += [_sine(xp, turns), _sine(xp, turns + 0.25)]
            else:
                results.append(part)
        elapsed = xp.astype(known - self.first_, xp.float64) / float(MICROSECONDS_A_DAY)
        parts = xp.concat([*results, elapsed], axis=1)
        return xp.where(missing, float("nan"), parts)

    def names_out(self, names: list[str]) -> list[str]:
        """Return the names: `column field`."""
        result = []
        for name in self.fields_:
            round_ = self.cyclic and name in _PERIOD
            result += [f"{name} sin", f"{name} cos"] if round_ else [name]
        return [f"{names[0]} {name}" for name in [*result, "days elapsed"]]


def _sine(xp: Matrix, turns: Matrix) -> Matrix:
    """Return sin(2 pi turns), of an angle brought to the first quarter.

    There NumPy and ONNX Runtime agree, elsewhere not near the zeros. A cosine is a sine a quarter
    later: of a float64 ONNX Runtime has none, and would round to float32 unasked.
    """
    turns = turns - xp.floor(turns + 0.5)
    half = xp.abs(turns)
    quarter = xp.where(half > 0.25, 0.5 - half, half)
    return xp.sign(turns) * xp.sin(quarter * (2.0 * float(np.pi)))
