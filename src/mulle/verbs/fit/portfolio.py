"""Which plans are tried, and in which order: by expected gain per second, a baseline first.

Small boosted trees come first, then a linear model and small networks, larger trees, and forests
last; then settings are drawn.

catalogue  tune-asym
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from mulle.learners import CLASSIFIERS
from mulle.table import Target
from mulle.verbs.fit.feature_maker import FeatureMaker
from mulle.verbs.fit.plan import Plan

_LARGE_CELLS = 1_000_000  # of a table on which trees gain more in a second than a linear model


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
    yield from _convolutional(maker)
    if maker.encoder and maker.texts:
        yield from _with_encoder(target, maker)
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
    for number in count(1):
        pairs, drawn = bool(rng.random() < 0.5), _random_boosting(rng)
        yield _boosting(KNOWN_BOOSTING + number, maker, drawn, target, pairs=pairs)
        bins = bool(maker.numbers) and rng.random() < _BINS_SHARE
        features = maker.network_with_bins() if bins else maker.network()
        name = f"network_{KNOWN_NETWORKS + number}"
        yield Plan(name, "network", features, _random_network(rng))


def _convolutional(maker: FeatureMaker) -> Iterator[Plan]:
    """A small convolutional network on the pixels of each column of images."""
    for number, image in enumerate(maker.images, 1):
        name = "convolution" if number == 1 else f"convolution_{number}"
        settings = {"channels": image.notation.channels}
        yield Plan(name, "convolution", maker.pixels(image), settings)


def _with_encoder(target: Target, maker: FeatureMaker) -> Iterator[Plan]:
    """Plans with a pretrained encoder: alone, beside tf-idf, and with a stronger penalty."""
    strengths = ({},) if target.is_regression else ({"C": 0.01}, {"C": 0.001})
    for number, settings in enumerate(strengths, 1):
        end = "" if number == 1 else f"_{number}"
        yield Plan(f"linear_encoder{end}", "linear", maker.encoded(), settings)
        yield Plan(f"linear_both{end}", "linear", maker.encoded(both=True), settings)


def _known(target: Target, maker: FeatureMaker, rows: int) -> Iterator[Plan]:
    """Plans with settings that were good on many tables, by what they gained in their time.

    Many small trees cost least and gain most; two small networks are the best members beside them;
    forests are dear, and blends do without them.
    """
    for number, settings in enumerate(_SMALL_TREES, 1):
        yield _boosting(number, maker, settings, target)
    if len(maker.numbers) > 1:
        small = _within_trees(_SMALL_TREES[0], target)
        yield Plan("lightgbm_pairs", "lightgbm", maker.boosting(pairs=True), small)
    yield Plan("linear", "linear", maker.linear(pairs=True))
    networks = [Plan("network", "network", maker.network(), _NETWORK)]
    if maker.numbers:
        networks.append(Plan("network_bins", "network", maker.network_with_bins(), _NETWORK))
    yield from reversed(networks) if target.is_regression else networks
    yield _boosting(3, maker, _LARGER_TREES[0], target, pairs=True)
    yield _boosting(4, maker, _large_trees(target, rows), target)
    yield _boosting(5, maker, _LARGER_TREES[1], target, pairs=True)
    yield Plan("network_2", "network", maker.network_with_bins(), _WIDE_NETWORK)
    for strength in () if target.is_regression else _LINEAR_STRENGTHS:
        yield Plan(f"linear_{strength:g}", "linear", maker.linear(pairs=True), {"C": strength})
    yield _boosting(KNOWN_BOOSTING, maker, _LARGER_TREES[2], target)
    if not maker.texts or maker.numbers:
        forest = _forest_settings(target)
        yield Plan("extra_trees", "extra_trees", maker.forest(), forest)
        yield Plan("random_forest", "random_forest", maker.forest(), forest)


def _boosting(
    number: int,
    maker: FeatureMaker,
    settings: dict[str, Any],
    target: Target,
    *,
    pairs: bool = False,
) -> Plan:
    name = "lightgbm" if number == 1 else f"lightgbm_{number}"
    features = maker.boosting(pairs=pairs)
    return Plan(name, "lightgbm", features, _within_trees(settings, target))


def _within_trees(settings: dict[str, Any], target: Target) -> dict[str, Any]:
    """Return settings with which a model of many classes, a tree each a round, stays small."""
    a_round = len(target.labels) if target.task == "multiclass" else 1
    learner = CLASSIFIERS["lightgbm"](**settings)
    return settings | learner.in_rounds(_MOST_TREES // a_round)


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


# Of few rows the passes are the limit, and training ends for lack of gain.
_NETWORK: dict[str, Any] = {"max_steps": 1_500}
_WIDE_NETWORK: dict[str, Any] = {"hidden": [256, 256], "dropout": 0.0, "max_steps": 1_500}
_LINEAR_STRENGTHS = (
    20.0,
    0.05,
    400.0,
)  # of the penalty's inverse, for classes; ridge finds its own

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
KNOWN_BOOSTING, KNOWN_NETWORKS = 6, 2  # plans before settings are drawn
_BINS_SHARE = 0.7  # of the networks that are drawn
_MOST_TREES = 10_000  # of a boosted model

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
    log = partial(_log_uniform, rng)

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


def _random_network(rng: np.random.Generator) -> dict[str, Any]:
    """One draw around the settings that RealMLP's authors found good on many tables."""
    width, layers = int(rng.choice([128, 192, 256, 384])), int(rng.integers(1, 4))
    return {
        "hidden": [width] * layers,
        "dropout": float(rng.choice([0.0, 0.1, 0.15, 0.3])),
        "weight_decay": float(rng.choice([0.0, 0.02, 0.05])),
        "learning_rate": round(_log_uniform(rng, 0.02, 0.12), 4),
        "max_steps": int(rng.choice([1_000, 1_500, 2_500])),
        "random_state": int(rng.integers(1, 1_000)),
    }


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
