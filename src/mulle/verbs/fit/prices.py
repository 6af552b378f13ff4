"""What a plan costs, measured on some of the rows before it is tried, and how it is made to fit.

A fold's price is a line in its training rows: the features cost `prepare`, and each round of the
learner costs `a_round`. Both are measured on two samples; between what they cost lies what a row
adds. Where the rounds that fit are few, the learner makes the best of them; where fewer than the
least would fit, the plan learns from a part of the rows; where that is not worth having, it is
passed over.

catalogue  tune-loop
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from mulle.arrays import Array
from mulle.budget import Stop, TimeUp, stop_after
from mulle.verbs.fit.plan import Plan

if TYPE_CHECKING:
    from mulle.verbs.fit.validation import Training

_SMALL_CELLS = 7_000  # for each second that a plan may take: fewer are cheaper to try than to price
TEXT_CELLS = 150  # a text costs as much as so many numbers
_PILOT_SHARE = 0.05
_MIN_PILOT, _MAX_PILOT = 1_000, 10_000  # rows
_WARM_UP_ROWS = 100  # first imports and first calls are not a price
_PILOT_OF_SECONDS = 0.25  # of what a plan may take, its price may cost
_LEAST_ROWS = 1_000  # a plan that would learn from fewer is passed over
_LEAST_OF_SHARE = 0.25  # a row costs at least so much of what a row of the sample cost
_FILLED = 0.85  # of a plan's time is planned; prices are not exact


class Line(NamedTuple):
    """Seconds as a line in the number of rows."""

    fixed: float
    a_row: float

    def at(self, rows: float) -> float:
        """Return the seconds for so many rows."""
        return self.fixed + self.a_row * rows


class Price(NamedTuple):
    """Seconds of a fold.

    Attributes:
        prepare: of the features.
        a_round: of a round of the learner, with its part in predicting the validation rows.
        predicting: that part.

    Of a measured price both are for a round of weight 1 (`Learner.round_weight`).
    """

    prepare: Line
    a_round: Line
    predicting: float = 0.0

    def of(self, rows: float, rounds: float) -> float:
        """Return the seconds of a fold of so many training rows and rounds."""
        return self.prepare.at(rows) + rounds * self.a_round.at(rows)

    def at_weight(self, weight: float) -> Price:
        """Return the price with settings of which a round has this weight."""
        a_round = Line(self.a_round.fixed * weight, self.a_round.a_row * weight)
        return Price(self.prepare, a_round, self.predicting * weight)

    def most_rows(self, rounds: int, seconds: float) -> float:
        """Return from how many training rows so many rounds can be learned in some seconds."""
        fixed = self.prepare.fixed + rounds * self.a_round.fixed
        a_row = self.prepare.a_row + rounds * self.a_round.a_row
        return (seconds - fixed) / a_row if a_row > 0 else math.inf


class Fitted(NamedTuple):
    """A plan that fits into its time.

    Attributes:
        plan: with settings that make the best of the rounds that fit.
        rows: training rows of each fold that it learns from; None for all.
        learning: share of the time of its rounds that is not predicting the validation rows.
    """

    plan: Plan
    rows: int | None = None
    learning: float = 1.0


class TooDear(Exception):
    """A plan cannot finish in its time; `needed` are the seconds that it would take."""

    def __init__(self, needed: float) -> None:
        super().__init__()
        self.needed = needed


class Prices:
    """The prices of a run, each measured once: of features and of learners."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, str], Price] = {}
        self._too_dear: dict[tuple[bytes, str], tuple[float, float]] = {}

    def pilot_seconds(
        self, plan: Plan, training: Training, seconds: float, *, dear: bool = False
    ) -> float:
        """Return the seconds in which the price of a plan is to be measured before it is tried.

        They are 0 where it is known, or where the table is cheaper to learn from than to price.

        Args:
            plan: that may take some seconds.
            training: the rows.
            seconds: of all its folds together.
            dear: it is expected to take more, however small the table.

        Raises:
            TooDear: already its sample took longer.
        """
        if _key(plan) in self._known or not (dear or _is_large(plan, training, seconds)):
            return 0.0
        pilot = seconds * _PILOT_OF_SECONDS
        given, needed = self._too_dear.get(_key(plan), (0.0, 0.0))
        if pilot < given:
            raise TooDear(needed)
        return pilot

    def note(self, plan: Plan, price: Price) -> None:
        """Keep a price that was measured."""
        self._known[_key(plan)] = price

    def note_too_dear(self, plan: Plan, pilot: float, needed: float) -> None:
        """Keep that a price could not be measured in some seconds."""
        self._too_dear[_key(plan)] = pilot, needed

    def expected(self, plan: Plan, training: Training) -> float | None:
        """Return the seconds of a fold, as long as it goes on; None where its price is unknown."""
        price, learner = self._known.get(_key(plan)), training.estimator(plan)
        if price is None:
            return None
        rows = len(training.folds[0][0])
        return price.at_weight(learner.round_weight()).of(rows, learner.most_rounds(rows))

    def fit(self, plan: Plan, training: Training, seconds: float) -> Fitted:
        """Return a plan so that all its folds fit into some seconds.

        Raises:
            TooDear: even from few rows they do not.
        """
        price = self._known.get(_key(plan))
        if price is None:
            return Fitted(plan)
        return _fit(plan, training, price, seconds / len(training.folds) * _FILLED)


def _key(plan: Plan) -> tuple[bytes, str]:
    return msgspec.json.encode(plan.features), plan.learner


def _fit(plan: Plan, training: Training, price: Price, seconds: float) -> Fitted:
    """Return a plan of which a fold fits into some seconds."""
    learner = training.estimator(plan)
    all_rows = len(training.folds[0][0])
    price = price.at_weight(learner.round_weight())
    least = min(learner.least_rounds, learner.most_rounds(all_rows))
    rows = min(all_rows, int(price.most_rows(least, seconds)))
    if rows < min(_LEAST_ROWS, all_rows):
        raise TooDear(price.of(all_rows, least) * len(training.folds))
    rounds = (seconds - price.prepare.at(rows)) / max(price.a_round.at(rows), 1e-9)
    settings = learner.in_rounds(max(least, int(rounds))) if learner.rounds else {}
    plan = msgspec.structs.replace(plan, params=plan.params | settings)
    learning = 1.0 - price.predicting / max(price.a_round.at(rows), 1e-9)
    return Fitted(plan, rows if rows < all_rows else None, max(_LEAST_OF_SHARE, learning))


def _is_large(plan: Plan, training: Training, seconds: float) -> bool:
    """Return whether a table has many cells for what a plan may take; each class learns of all."""
    texts = {column for f in plan.features for column in f.columns if _reads_text(f.steps)}
    width = len(plan.columns) + TEXT_CELLS * len(texts)
    cells = len(training.y) * width * max(1, len(training.target.labels) - 1)
    return plan.learner != "dummy" and cells > _SMALL_CELLS * seconds


def _reads_text(steps: list[dict[str, Any]]) -> bool:
    return any(step.get("step") == "TfIdf" for step in steps)


def measure(plan: Plan, training: Training, seconds: float) -> Price:
    """Return the price of a plan, measured in about so many seconds.

    Raises:
        TooDear: already the sample took longer.
    """
    rows = training.folds[0][0]
    order = np.random.default_rng(training.seed).permutation(rows)
    most = min(len(rows), max(_MIN_PILOT, min(_MAX_PILOT, int(_PILOT_SHARE * len(rows)))))
    stop, _ = stop_after(seconds)
    begin = time.perf_counter()
    try:
        _sample(plan, training, order[: min(_WARM_UP_ROWS, most)], stop)
        few = _sample(plan, training, order[: max(2, most // 4)], stop)
        many = few if _took(begin) > seconds / 2 else _sample(plan, training, order[:most], stop)
    except TimeUp:
        raise TooDear(_took(begin) * len(rows) / most) from None
    learner = training.estimator(plan)
    price = _price(few, many, len(training.folds[0][1]), learner.pilot_rounds)
    return price.at_weight(1.0 / learner.round_weight())


def _price(few: _Sample, many: _Sample, validated: int, rounds: int) -> Price:
    """Return the price of a fold with so many validation rows, all of which are predicted."""
    prepare = _line((few.rows, few.prepare), (many.rows, many.prepare))
    learn = _line((few.rows, few.learn / rounds), (many.rows, many.learn / rounds))
    share = validated / many.rows
    predicting = share * many.scores / rounds
    return Price(
        Line(prepare.fixed + share * many.transform, prepare.a_row),
        Line(learn.fixed + predicting, learn.a_row),
        predicting,
    )


def _took(begin: float) -> float:
    return time.perf_counter() - begin


def _line(few: tuple[int, float], many: tuple[int, float]) -> Line:
    """Return the line through two points; a row adds at least a part of its share."""
    (rows, seconds), (more_rows, more_seconds) = few, many
    share = more_seconds / more_rows
    if more_rows == rows:
        return Line(0.0, share)
    a_row = max((more_seconds - seconds) / (more_rows - rows), _LEAST_OF_SHARE * share)
    return Line(max(0.0, more_seconds - a_row * more_rows), a_row)


class _Sample(NamedTuple):
    """Seconds of the parts of a fold, for so many rows."""

    rows: int
    prepare: float
    transform: float
    learn: float
    scores: float


def _sample(plan: Plan, training: Training, at: Array, stop: Stop) -> _Sample:
    """Return what some rows cost, with as many rounds as a pilot has."""
    at = np.sort(at)
    columns, y = {name: column[at] for name, column in training.columns.items()}, training.y[at]
    learner = training.estimator(plan)
    if learner.rounds:
        learner.set_params(**{learner.rounds: learner.pilot_rounds})
    preparation = plan.preparation()
    moments = [time.perf_counter()]
    x = preparation.fit_transform(columns, y, stop=stop)
    moments.append(time.perf_counter())
    preparation.transform(columns, stop=stop)
    moments.append(time.perf_counter())
    learner.fit(x, y, stop=stop, categorical=preparation.categorical_)
    moments.append(time.perf_counter())
    learner.scores(x)
    moments.append(time.perf_counter())
    return _Sample(len(at), *np.diff(moments).tolist())
