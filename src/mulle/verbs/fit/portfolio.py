"""Which plans are tried, and in which order: by expected gain per second, a baseline first.

Small boosted trees come first, then a linear model and small networks, larger trees, and forests
last; then settings are drawn.

Features are made twice over: for linear models and networks everything is imputed, bent and scaled
and categories are one-hot; for trees numbers stay as they are and categories become codes.

catalogue  tune-asym tune-steps scale-why
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from mulle.profile import Profile
from mulle.steps import PowerTransform
from mulle.table import Column, Kind, Schema, Storage, Target
from mulle.verbs.fit.plan import Features, Plan

_FEW_CATEGORIES = 12  # up to so many a forest is given one-hot columns, above it target means
_MANY_CATEGORIES = 60  # above so many a boosted model gets target means beside the codes
_LARGE_CELLS = 1_000_000  # of a table on which trees gain more in a second than a linear model
_WIDE_CLIP = 20.0  # standard deviations: an absurd value does bounded damage


_QUICK_LEARNERS = ("linear", "lightgbm")


class StepChoice(NamedTuple):
    """Steps that columns go through because of what their values look like.

    Attributes:
        steps: names of the steps.
        learners: names of the learners whose features are made so.
        reason: why, a key of `step-reason` in `i18n`.
        evidence: column -> what was measured.
        alternatives: names of the steps that the other columns go through instead.
    """

    steps: list[str]
    learners: list[str]
    reason: str
    evidence: Mapping[str, float]
    alternatives: list[str]


class FeatureMaker:
    """Makes the features of each family from a schema.

    Args:
        schema: the columns to learn from.
        profile: what the training rows look like.
    """

    def __init__(self, schema: Schema, profile: Profile) -> None:
        def names(keep: Callable[[Column], bool]) -> list[str]:
            return [c.name for c in schema.columns if keep(c)]

        self.numbers = names(lambda c: c.storage is Storage.number)
        self.dates = names(lambda c: c.storage is Storage.date)
        self.several_dates = self.dates if len(self.dates) > 1 else []
        self.texts = names(lambda c: c.kind is Kind.text)
        self.ordinals = [c for c in schema.columns if c.kind is Kind.ordinal and c.categories]
        ordered = {c.name for c in self.ordinals}
        self.categories = names(lambda c: c.storage is Storage.string and c.kind is not Kind.text)
        self.categories = [c for c in self.categories if c not in ordered]
        distinct = {c: profile.columns[c].distinct for c in self.categories}
        self._distinct = distinct
        self._skew = {c: getattr(profile.columns[c], "skew", 0.0) for c in self.numbers}
        self.few = [c for c, count in distinct.items() if count <= _FEW_CATEGORIES]
        self.many = [c for c, count in distinct.items() if count > _MANY_CATEGORIES]

    def choices(self, preset: str) -> list[StepChoice]:
        """Return which steps were chosen on evidence, for the learners that `preset` tries."""
        limit = PowerTransform().min_skew
        skew = {c: round(v, 3) for c, v in self._skew.items() if abs(v) > limit}
        several = {c: n for c, n in self._distinct.items() if c not in self.few}
        many = {c: self._distinct[c] for c in self.many}
        ordered = {c.name: len(c.categories) for c in self.ordinals}
        linear, forests = ["linear", "network"], ["extra_trees", "random_forest"]
        every = ["linear", "lightgbm", "network", *forests]
        found = [
            StepChoice(["PowerTransform"], linear, "skewed", skew, ["passthrough"]),
            StepChoice(["TargetEncode"], ["lightgbm", "network"], "above-60", many, ["OneHot"]),
            StepChoice(["TargetEncode", "Frequency"], forests, "above-12", several, ["OneHot"]),
            StepChoice(["OrdinalCodes"], every, "ordered", ordered, ["CategoryCodes", "OneHot"]),
        ]
        tried = _QUICK_LEARNERS if preset == "quick" else every
        used = [c._replace(learners=[n for n in c.learners if n in tried]) for c in found]
        return [choice for choice in used if choice.evidence and choice.learners]

    def least(self) -> list[Features]:
        """For the baseline, which looks at nothing: the cheapest features there are."""
        if self.numbers:
            return _block(self.numbers[:1], [])
        if self.dates:
            return _block(self.dates[:1], [{"step": "DateParts"}])
        strings = [*self.categories, *self.texts, *(c.name for c in self.ordinals)]
        return _block(strings[:1], [{"step": "Frequency"}])

    @property
    def columns(self) -> int:
        """How many columns there are."""
        names = [*self.numbers, *self.dates, *self.categories, *self.texts]
        return len(names) + len(self.ordinals)

    def without_texts(self) -> list[Features]:
        """For boosted trees, of the columns that cost little."""
        return [
            *_block(self.numbers, []),
            *self._calendar(),
            *self._ordinal([]),
            *_block(self.categories, [{"step": "CategoryCodes"}]),
        ]

    def linear(self) -> list[Features]:
        """For linear models: imputed, bent, scaled, one-hot, tf-idf."""
        return [
            *self._measured(),
            *_block(self.categories, [{"step": "OneHot"}]),
            *_block(self.texts, [{"step": "TfIdf"}]),
        ]

    def _measured(self) -> list[Features]:
        """Numbers, dates and ordered categories on one scale."""
        bend, impute = {"step": "PowerTransform"}, {"step": "Impute"}
        scale = {"step": "StandardScale", "clip": _WIDE_CLIP}
        return [
            *_block(self.numbers, [impute, bend, scale]),
            *_block(self.dates, [{"step": "DateParts", "cyclic": True}, impute, scale]),
            *_block(self.several_dates, [{"step": "Elapsed"}, impute, scale]),
            *self._ordinal([impute, scale]),
        ]

    def network(self) -> list[Features]:
        """For networks: as for linear models, but narrow where those are wide."""
        scale = {"step": "StandardScale", "clip": _WIDE_CLIP}
        narrow = [c for c in self.categories if c not in self.many]
        return [
            *self._measured(),
            *_block(narrow, [{"step": "OneHot"}]),
            *_block(self.many, [{"step": "TargetEncode"}, {"step": "Impute"}, scale]),
            *self._condensed_texts(),
        ]

    def network_with_bins(self) -> list[Features]:
        """For networks: as `network`, with numbers as shares of their intervals."""
        rest = [f for f in self.network() if f.columns != self.numbers]
        return [*_block(self.numbers, [{"step": "PiecewiseLinear"}]), *rest]

    def boosting(self, *, pairs: bool = False) -> list[Features]:
        """For boosted trees: numbers as they are, categories as codes to be split by set.

        With `pairs`, also sums, differences, products and ratios of numbers that help.
        """
        return [
            *_block(self.numbers, [{"step": "Arithmetic"}] if pairs else []),
            *self._calendar(),
            *self._ordinal([]),
            *_block(self.categories, [{"step": "CategoryCodes"}]),
            *_block(self.many, [{"step": "TargetEncode"}]),
            *self._condensed_texts(),
        ]

    def forest(self) -> list[Features]:
        """For forests, which split by threshold only: one-hot where few, else target means."""
        rest = [c for c in self.categories if c not in self.few]
        return [
            *_block(self.numbers, []),
            *self._calendar(),
            *self._ordinal([]),
            *_block(self.few, [{"step": "OneHot"}]),
            *_block(rest, [{"step": "TargetEncode"}]),
            *_block(rest, [{"step": "Frequency"}]),
            *self._condensed_texts(),
        ]

    def _condensed_texts(self) -> list[Features]:
        """Return texts as out-of-fold scores of a linear model, and as their LSA directions."""
        return [
            *_block(self.texts, [{"step": "TfIdf"}, {"step": "TextScore"}]),
            *_block(self.texts, [{"step": "TfIdf"}, {"step": "LSA"}]),
        ]

    def _calendar(self) -> list[Features]:
        return [
            *_block(self.dates, [{"step": "DateParts"}]),
            *_block(self.several_dates, [{"step": "Elapsed"}]),
        ]

    def _ordinal(self, then: list[dict[str, Any]]) -> list[Features]:
        return [
            Features([c.name], [{"step": "OrdinalCodes", "order": list(c.categories)}, *then])
            for c in self.ordinals
        ]


def _block(columns: list[str], steps: list[dict[str, Any]]) -> list[Features]:
    return [Features(columns, steps)] if columns else []


def baseline(maker: FeatureMaker) -> Plan:
    """Return the plan that always gives the same answer."""
    return Plan("baseline", "dummy", maker.least())


def rescue(maker: FeatureMaker) -> list[Plan]:
    """Return the cheapest plans that learn at all, for a run of which the time is up."""
    plans = [Plan("linear_small", "linear", maker.linear())]
    if maker.columns > len(maker.texts):
        few = {"n_estimators": 40, "learning_rate": 0.2, "num_leaves": 15}
        plans.insert(0, Plan("lightgbm_small", "lightgbm", maker.without_texts(), few))
    return plans


def portfolio(
    preset: str, target: Target, maker: FeatureMaker, rows: int, seed: int
) -> Iterator[Plan]:
    """Plans in the order to try them; all presets but `quick` go on for as long as they are asked.

    Args:
        rows: training rows, which some settings depend on.
        seed: of the settings that are drawn once the known ones are tried.
    """
    yield baseline(maker)
    if preset == "quick":
        quick = [
            Plan("linear", "linear", maker.linear()),
            Plan("lightgbm", "lightgbm", maker.boosting(), _SMALL_TREES[0]),
        ]
        large = rows * maker.columns > _LARGE_CELLS and not maker.texts
        yield from reversed(quick) if large else quick
        return
    yield from _known(target, maker, rows)
    rng = np.random.default_rng(seed)
    for number in count(_KNOWN_BOOSTING + 1):
        pairs = len(maker.numbers) > 1 and rng.random() < 0.5
        yield Plan(
            f"lightgbm_{number}", "lightgbm", maker.boosting(pairs=pairs), _random_boosting(rng)
        )


def _known(target: Target, maker: FeatureMaker, rows: int) -> Iterator[Plan]:
    """Plans with settings that were good on many tables, by what they gained in their time.

    Many small trees cost least and gain most; two small networks are the best members beside them;
    forests are dear, and blends do without them.
    """
    small = enumerate(_SMALL_TREES, 1)
    yield from (_boosting(number, maker, settings) for number, settings in small)
    yield Plan("linear", "linear", maker.linear())
    yield Plan("network", "network", maker.network())
    if maker.numbers:
        yield Plan("network_bins", "network", maker.network_with_bins())
    yield _boosting(3, maker, _LARGER_TREES[0])
    if len(maker.numbers) > 1:
        pairs = maker.boosting(pairs=True)
        yield Plan("lightgbm_pairs", "lightgbm", pairs, _SMALL_TREES[0])
    yield _boosting(4, maker, _large_trees(target, rows))
    yield _boosting(5, maker, _LARGER_TREES[1])
    yield Plan("network_2", "network", maker.network(), _OTHER_NETWORK)
    for strength in () if target.is_regression else _LINEAR_STRENGTHS:
        yield Plan(f"linear_{strength:g}", "linear", maker.linear(), {"C": strength})
    yield _boosting(_KNOWN_BOOSTING, maker, _LARGER_TREES[2])
    if not maker.texts or maker.numbers:
        forest = _forest_settings(target)
        yield Plan("extra_trees", "extra_trees", maker.forest(), forest)
        yield Plan("random_forest", "random_forest", maker.forest(), forest)


def _boosting(number: int, maker: FeatureMaker, settings: dict[str, Any]) -> Plan:
    name = "lightgbm" if number == 1 else f"lightgbm_{number}"
    return Plan(name, "lightgbm", maker.boosting(), settings)


def _large_trees(target: Target, rows: int) -> dict[str, Any]:
    """Settings of few large trees (Holzmüller et al. 2024, arXiv:2407.04491).

    Where rows are few, so are those of a leaf: with 40 a small table could not be split at all.
    """
    if target.is_regression:
        return {
            "learning_rate": 0.05,
            "num_leaves": 100,
            "min_child_samples": 3,
            "subsample": 0.7,
        }
    return {
        "learning_rate": 0.04,
        "num_leaves": 50,
        "min_child_samples": min(40, max(2, rows // 60)),
        "subsample": 0.75,
    }


def _forest_settings(target: Target) -> dict[str, Any]:
    return {
        "max_features": 0.75 if target.is_regression else "sqrt",
        "min_samples_leaf": 2,
        "n_estimators": 200,
    }


_OTHER_NETWORK = {"dropout": 0.0, "weight_decay": 0.0}
_LINEAR_STRENGTHS = (0.05, 20.0)  # of the penalty's inverse, for classes; ridge finds its own

# The first is the first LightGBM of AutoGluon 1.6's portfolio, rounded.
_SMALL_TREES: tuple[dict[str, Any], ...] = (
    {
        "learning_rate": 0.024,
        "num_leaves": 7,
        "min_child_samples": 1,
        "extra_trees": True,
        "subsample": 0.96,
        "reg_alpha": 0.35,
        "reg_lambda": 2.0,
        "n_estimators": 10_000,
    },
    {
        "learning_rate": 0.03,
        "num_leaves": 8,
        "min_child_samples": 20,
        "colsample_bytree": 0.8,
        "n_estimators": 10_000,
    },
)
_KNOWN_BOOSTING = 6  # boosted plans before settings are drawn

_LARGER_TREES: tuple[dict[str, Any], ...] = (
    {
        "learning_rate": 0.018,
        "num_leaves": 39,
        "min_child_samples": 3,
        "colsample_bytree": 0.46,
        "subsample": 0.88,
        "reg_alpha": 0.24,
        "reg_lambda": 0.36,
        "extra_trees": True,
        "cat_smooth": 15.4,
        "cat_l2": 0.34,
        "max_cat_to_onehot": 16,
        "n_estimators": 10_000,
    },
    {
        "learning_rate": 0.02,
        "num_leaves": 84,
        "min_child_samples": 3,
        "colsample_bytree": 0.53,
        "subsample": 0.98,
        "reg_alpha": 0.03,
        "reg_lambda": 0.84,
        "n_estimators": 10_000,
    },
    {
        "learning_rate": 0.018,
        "num_leaves": 180,
        "min_child_samples": 12,
        "colsample_bytree": 0.4,
        "subsample": 0.95,
        "reg_alpha": 0.77,
        "reg_lambda": 1.6,
        "extra_trees": True,
        "n_estimators": 10_000,
    },
)


def _random_boosting(rng: np.random.Generator) -> dict[str, Any]:
    """One draw from the search space of the TabArena benchmark for LightGBM."""

    def log(low: float, high: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    return {
        "learning_rate": round(log(0.01, 0.1), 4),
        "num_leaves": round(log(4, 200)),
        "min_child_samples": round(log(1, 64)),
        "colsample_bytree": round(float(rng.uniform(0.4, 1.0)), 3),
        "subsample": round(float(rng.uniform(0.7, 1.0)), 3),
        "reg_alpha": round(log(1e-4, 1.0), 4),
        "reg_lambda": round(log(1e-4, 2.0), 4),
        "extra_trees": bool(rng.random() < 0.5),
        "cat_smooth": round(log(0.001, 100), 4),
        "cat_l2": round(log(0.005, 2), 4),
        "max_cat_to_onehot": round(log(8, 100)),
        "n_estimators": 10_000,
    }
