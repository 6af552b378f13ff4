"""A plan: which columns go through which steps into which learner. Readable, editable TOML.

    [[plan]]
    name = "linear"
    learner = "linear"
    weight = 1.0
    params = { C = 1.0 }

    [[plan.features]]
    columns = ["age", "fare"]
    steps = [{ step = "Impute", strategy = "median" }, { step = "StandardScale" }]

Of several plans the weights in the blend are chosen, unless all of them say theirs.

catalogue  plan-six tune-names tune-hyper
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from mulle.errors import MissingFile, UnknownName, UsageError
from mulle.learners import CLASSIFIERS, REGRESSORS, Learner
from mulle.settings import check_settings
from mulle.steps import PLAN_STEPS, Block, Preparation, Step
from mulle.table import Schema, Storage

_STEPS: dict[str, type[Step]] = {step.__name__: step for step in PLAN_STEPS}


class Features(msgspec.Struct, frozen=True, omit_defaults=True):
    """Some columns and the steps they go through, each step a table with its settings."""

    columns: list[str]
    steps: list[dict[str, Any]] = []


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way to make a model.

    Attributes:
        name: unique in a run.
        learner: its name in `learners`.
        features: what the learner is handed.
        params: settings of the learner; the others are its defaults.
        weight: its share in a blend; None: chosen on the out-of-fold predictions.
    """

    name: str
    learner: str
    features: list[Features]
    params: dict[str, Any] = {}
    weight: float | None = None

    @property
    def columns(self) -> list[str]:
        """The columns it reads, each once."""
        return list(dict.fromkeys(c for block in self.features for c in block.columns))

    def preparation(self) -> Preparation:
        """Return its steps, not yet learned.

        Raises:
            UnknownName: a step that does not exist.
            UsageError: a step without columns, or a setting that it lacks, does not have, or does
                not accept.
        """
        return Preparation([_block(f, self.name) for f in self.features])

    def estimator(self, *, regression: bool, n_jobs: int, seed: int) -> Learner:
        """Return its learner, not yet trained.

        Raises:
            UnknownName: a learner that does not exist.
            UsageError: a setting that it does not have or does not accept.
        """
        known: Mapping[str, type[Learner]] = REGRESSORS if regression else CLASSIFIERS
        if self.learner not in known:
            raise UnknownName("learner-unknown", "learner", self.learner, known, _place(self.name))
        cls = known[self.learner]
        check_settings(cls, self.params, where=_place(self.name))
        offered = {"n_jobs": n_jobs, "random_state": seed}
        return cls(**{k: v for k, v in offered.items() if k in cls.parameters} | self.params)


def makes_pairs(plan: Plan) -> bool:
    """Return whether a plan makes columns out of two others."""
    return bool(only_pairs(plan).features)


def only_pairs(plan: Plan) -> Plan:
    """Return a plan of those columns alone of which pairs are made."""
    blocks = [block for block in plan.features if any(map(_makes_pairs, block.steps))]
    return msgspec.structs.replace(plan, features=blocks)


def with_pairs(plan: Plan, pairs: Sequence[str]) -> Plan:
    """Return a plan that chooses among these pairs where it makes any; without any if none help."""

    def settled(step: dict[str, Any]) -> list[dict[str, Any]]:
        if not _makes_pairs(step):
            return [step]
        return [step | {"candidates": list(pairs)}] if pairs else []

    features = [
        msgspec.structs.replace(block, steps=[new for step in block.steps for new in settled(step)])
        for block in plan.features
    ]
    return msgspec.structs.replace(plan, features=features)


def pairs_of(plan: Plan) -> list[str]:
    """Return the pairs that a plan was given to choose among."""
    steps = [step for block in plan.features for step in block.steps if _makes_pairs(step)]
    return [pair for step in steps for pair in step.get("candidates", ())]


def _makes_pairs(step: Mapping[str, Any]) -> bool:
    return step.get("step") == "Arithmetic"


def check_storage(plan: Plan, schema: Schema) -> None:
    """Refuse steps that do not take what stands in front of them: columns, or numbers.

    Raises:
        UsageError: a step takes something else, or a learner would be handed no numbers.
    """
    for features in plan.features:
        steps: list[Step] = [_step(dict(entry), plan.name) for entry in features.steps]
        for name in features.columns:
            given = schema[name].storage
            for step in steps:
                if step.storage is not given:
                    raise UsageError(
                        "step-takes-other",
                        where=_place(plan.name),
                        step=type(step).__name__,
                        column=name,
                        wanted=step.storage.value,
                        given=given.value,
                        known=_taking(given),
                    )
                given = Storage.number
            if given is not Storage.number:
                raise UsageError(
                    "column-without-step",
                    where=_place(plan.name),
                    column=name,
                    given=given.value,
                    known=_taking(given),
                )


def _taking(storage: Storage) -> list[str]:
    """Return the names of the steps that take columns of a storage."""
    return [name for name, step in _STEPS.items() if step.storage is storage]


def _block(features: Features, plan: str) -> Block:
    if not features.columns:
        raise UsageError("plan-empty", plan=plan)
    return Block(features.columns, [_step(dict(entry), plan) for entry in features.steps])


def _step(entry: dict[str, Any], plan: str) -> Step:
    name = str(entry.pop("step", ""))
    if name not in _STEPS:
        raise UnknownName("step-unknown", "step", name, _STEPS, _place(plan))
    check_settings(_STEPS[name], entry, where=_place(plan))
    return _STEPS[name](**entry)


def _place(plan: str) -> str:
    """Return where a plan stands in its file, as it is written there."""
    return f'[[plan]] name = "{plan}"'


def write_plans(plans: list[Plan]) -> str:
    """Return plans as TOML."""
    import tomli_w

    return tomli_w.dumps({"plan": msgspec.to_builtins(plans)})


def read_plans(path: Path) -> list[Plan]:
    """Read plans from a TOML file.

    Raises:
        MissingFile: there is no such file.
        UsageError: it is not a plan, two plans have one name, or only some have a weight.
    """
    if not path.exists():
        raise MissingFile("plan-missing", path=path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        plans = msgspec.convert(document.get("plan", []), list[Plan])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise UsageError("plan-invalid", where=str(path), error=error) from error
    _check_plans(plans, str(path))
    return plans


def has_weights(plans: list[Plan]) -> bool:
    """Return whether plans say their weights in the blend."""
    return all(plan.weight is not None for plan in plans)


def _check_plans(plans: list[Plan], where: str) -> None:
    if not plans:
        raise UsageError("plan-file-empty", where=where)
    names = [plan.name for plan in plans]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UsageError("plan-name-twice", where=where, plan=twice[0])
    without = [plan.name for plan in plans if plan.weight is None]
    if without and len(without) < len(plans):
        raise UsageError("plan-weights-mixed", where=where, plan=without[0])
    weights = [plan.weight for plan in plans if plan.weight is not None]
    if weights and not (min(weights) >= 0 and 0 < sum(weights) < math.inf):
        raise UsageError("plan-weights-invalid", where=where)
