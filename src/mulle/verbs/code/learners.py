"""How each learner of a plan is written in a script: what trains it and predicts the test rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mulle.verbs.code.values import write_value
from mulle.verbs.fit.members import Part

_OF_FOREST = ("n_estimators", "max_features", "min_samples_leaf", "max_leaf_nodes", "bootstrap")
_OF_NETWORK = (
    "hidden",
    "activation",
    "dropout",
    "weight_decay",
    "learning_rate",
    "batch_size",
    "epochs",
    "random_state",
)
_ACTIVATIONS = ("selu", "mish")


class Variable(str):
    """A setting that is not written as a value, but as the name of a variable that holds it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def write_learner(learner: str, params: dict[str, Any], classes: int) -> list[str]:
    """Return the lines of an expression that trains a learner and predicts the test rows.

    Args:
        learner: its name.
        params: every setting, as it was trained.
        classes: how many there are; 0 for values.
    """
    return _WRITE[learner](params, classes)


def is_written(learner: str, part: Part) -> bool:
    """Return whether a script can train a learner as it was trained."""
    usual = part.params.get("activation") in _ACTIVATIONS
    return learner in _WRITE and (learner != "network" or usual)


def _boosted(params: dict[str, Any], classes: int) -> list[str]:
    settings: dict[str, Any] = {"objective": _OBJECTIVES[min(classes, 3)]}
    if classes > 2:
        settings["num_class"] = classes
    usual = _OF_LIGHTGBM.items()
    settings |= {name: params[name] for name, value in usual if params[name] != value}
    if "subsample" in settings:
        settings["subsample_freq"] = 1
    settings["seed"] = params["random_state"]
    first, *lines = _dict(settings)
    lines[-1] += ")"
    counts = f"rounds={params['n_estimators']!r}, trees={params['n_trees']!r}"
    return [f"boost(x, y, weight, x_test, codes, {counts}, settings={first}", *lines]


_OBJECTIVES = ("regression", "", "binary", "multiclass")

# What LightGBM takes by itself.
_OF_LIGHTGBM = {
    "learning_rate": 0.1,
    "num_leaves": 31,
    "min_child_samples": 20,
    "subsample": 1.0,
    "colsample_bytree": 1.0,
    "reg_alpha": 0.0,
    "reg_lambda": 0.0,
    "extra_trees": False,
    "cat_smooth": 10.0,
    "cat_l2": 10.0,
    "max_cat_to_onehot": 4,
}


def _dict(values: dict[str, Any]) -> list[str]:
    """Return a dict as lines."""
    return [
        "{",
        *(f"    {write_value(name)}: {write_value(value)}," for name, value in values.items()),
        "}",
    ]


def _linear(params: dict[str, Any], classes: int) -> list[str]:
    if not classes:
        return [f"ridge(x, y, weight, x_test, alpha={params['alpha']!r})"]
    strength, rounds = params["C"], params["max_iter"]
    return [f"logistic(x, y, weight, x_test, {strength!r}, rounds={rounds!r})"]


def _forest(kind: str) -> Callable[[dict[str, Any], int], list[str]]:
    def write(params: dict[str, Any], classes: int) -> list[str]:
        name = f"{kind}{'Classifier' if classes else 'Regressor'}"
        listed = [f"{key}={write_value(params[key])}" for key in (*_OF_FOREST, "random_state")]
        return [f"grow({name}({', '.join(listed)}, n_jobs=-1), x, y, weight, x_test)"]

    return write


def _network(params: dict[str, Any], classes: int) -> list[str]:
    lines = _dict({name: params[name] for name in _OF_NETWORK})
    lines[-1] += ")"
    how = f"classes={bool(classes)}, steps={params['max_steps']!r}, settings={lines[0]}"
    return [f"network(x, y, weight, x_test, {how}", *lines[1:]]


def _same(params: dict[str, Any], classes: int) -> list[str]:
    return [f"same_for_all(y, weight, x_test, classes={bool(classes)})"]


_WRITE: dict[str, Callable[[dict[str, Any], int], list[str]]] = {
    "dummy": _same,
    "lightgbm": _boosted,
    "linear": _linear,
    "network": _network,
    "random_forest": _forest("RandomForest"),
    "extra_trees": _forest("ExtraTrees"),
}
