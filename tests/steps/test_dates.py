"""Calendar fields against the standard library's, from the year 1 to 9999."""

import math
from datetime import datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mulle.steps import DateParts

EPOCH = datetime(1970, 1, 1)


def encoded(moments: list[datetime]) -> np.ndarray:
    return np.array([[(m - EPOCH) // timedelta(microseconds=1)] for m in moments])


def fitted(*, cyclic: bool) -> tuple[DateParts, list[str]]:
    spread = [datetime(1, 1, 1), datetime(2024, 7, 9, 5, 30), datetime(9999, 12, 31, 23)]
    step = DateParts(cyclic=cyclic).fit(encoded(spread))
    return step, [name.removeprefix("at ") for name in step.get_feature_names_out(["at"])]


@given(st.datetimes())
def test_fields(moment: datetime) -> None:
    step, names = fitted(cyclic=False)
    parts = dict(zip(names, step.transform(encoded([moment]))[0].tolist(), strict=True))
    day = moment.timetuple()
    assert (parts["year"], parts["month"]) == (moment.year, moment.month)
    assert (parts["day"], parts["weekday"]) == (moment.day, moment.weekday())
    assert parts["day_of_year"] == day.tm_yday
    hours = moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)
    assert math.isclose(parts["hour"], hours / timedelta(hours=1), abs_tol=1e-12)
    elapsed = (moment - datetime(1, 1, 1)) / timedelta(days=1)
    assert math.isclose(parts["days elapsed"], elapsed, rel_tol=1e-12)


@given(st.datetimes())
def test_circles(moment: datetime) -> None:
    step, names = fitted(cyclic=True)
    parts = dict(zip(names, step.transform(encoded([moment]))[0].tolist(), strict=True))
    for name, value, period in (("month", moment.month, 12), ("weekday", moment.weekday(), 7)):
        angle = 2 * math.pi * value / period
        assert math.isclose(parts[f"{name} sin"], math.sin(angle), abs_tol=1e-12)
        assert math.isclose(parts[f"{name} cos"], math.cos(angle), abs_tol=1e-12)
