"""How each step of a plan is written in a script: a class of scikit-learn, or one of `parts`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mulle.steps import STEPS, Step
from mulle.verbs.code.values import write_value

_Settings = dict[str, Any]
_CLASSES = {step.__name__: step for step in STEPS}
_SAME_NAME = (
    "Normalize",
    "KBins",
    "PiecewiseLinear",
    "OneHot",
    "CategoryCodes",
    "OrdinalCodes",
    "Frequency",
    "TargetEncode",
    "Hashed",
    "DateParts",
    "Elapsed",
    "TfIdf",
    "TextScore",
    "LSA",
    "SelectK",
)


def write_steps(entries: list[_Settings], pairs: str) -> list[str]:
    """Return the steps of a block as expressions.

    Args:
        entries: of a plan, each a table with its settings.
        pairs: what the search has made of two columns, as arguments of `Pairs`; "" for nothing.
    """
    written: list[str] = []
    for entry in entries:
        name = entry["step"]
        given = {key: value for key, value in entry.items() if key != "step"}
        step: Step = _CLASSES[name](**given)
        if name == "Arithmetic":
            written += [f"Pairs({pairs})"] if pairs else []
        else:
            written += _WRITE[name](step.get_params())
    return written


def _impute(settings: _Settings) -> list[str]:
    zero = settings["strategy"] == "zero"
    strategy = "constant" if zero else settings["strategy"]
    fill = ", fill_value=0.0" if zero else ""
    mark = ", add_indicator=True" if settings["indicator"] else ""
    return [f'SimpleImputer(strategy="{strategy}"{fill}{mark}, keep_empty_features=True)']


def _then_clip(expression: str) -> Callable[[_Settings], list[str]]:
    def write(settings: _Settings) -> list[str]:
        most = settings["clip"]
        return [expression] if most is None else [expression, f"Clip({most!r})"]

    return write


def _called(name: str) -> Callable[[_Settings], list[str]]:
    def write(settings: _Settings) -> list[str]:
        listed = ", ".join(f"{key}={write_value(value)}" for key, value in settings.items())
        return [f"{name}({listed})"]

    return write


_WRITE: dict[str, Callable[[_Settings], list[str]]] = {
    "Impute": _impute,
    "StandardScale": _then_clip("StandardScaler()"),
    "RobustScale": _then_clip("RobustScale()"),
    "MinMaxScale": _then_clip("MinMaxScaler()"),
    "PowerTransform": _called("Power"),
    "PCA": _called("Components"),
    **{name: _called(name) for name in _SAME_NAME},
}
